"""A classifier, a method and a look at colours that are known on paper."""

import numpy as np

import xaiteach as xt
from xaiteach.figures.draw import COLOURS

IMAGES = np.random.default_rng(0).random((2, 6, 8, 1), np.float32)


def unsure(images):
    """A classifier that says 70 % and 30 % of whatever it sees."""
    return np.tile([0.7, 0.3], (len(images), 1))


class Growing:
    """A method whose maps are 1, 2, 3, … everywhere."""

    def __init__(self):
        self.calls = 0

    def __call__(self, model, images, targets):
        self.calls += 1
        return np.full(images.shape[:3], self.calls, np.float32)


def watched(epochs=3, images=IMAGES, **options):
    watch = xt.callbacks.HeatMaps(images, Growing(), style="heatmap", **options)
    for epoch in range(1, epochs + 1):
        watch(unsure, epoch)
    return watch


def colour_of_maps(picture):
    """The most frequent colour of a picture that is neither white nor grey nor black."""
    pixels = np.asarray(picture.convert("RGB"), int).reshape(-1, 3)
    colours, counts = np.unique(pixels[np.ptp(pixels, axis=1) > 8], axis=0, return_counts=True)
    return colours[counts.argmax()]


def colour_of(share):
    """The colour, 0…255, of a value that is this share of the scale."""
    return 255 * np.array(COLOURS((share + 1) / 2)[:3])
