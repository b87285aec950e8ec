"""A picture that many questions are asked about, and that goes through the model once."""

from contextlib import contextmanager

import numpy as np


@contextmanager
def passed_once(classifier, image):
    """While this lasts, and weights stay, `image` (H, W, C) is passed forward once for all predictions."""
    forward = classifier._forward
    remembered = []

    def forward_once(part):
        if not np.array_equal(part, image[None]):
            return forward(part)
        if not remembered:
            remembered.append(forward(part))
        return remembered[0]

    classifier._forward = forward_once  # in the instance, before the method of its class
    try:
        yield
    finally:
        del classifier._forward
