"""What every measure shares, kept out of their files: one image or many, a bare model, checked maps, the result."""

from dataclasses import dataclass
from functools import wraps
from inspect import Signature, signature

import numpy as np

from xaiteach.classifier.wrap import as_classifier
from xaiteach.images.batch import as_batch


@dataclass
class Measured:
    """What a measure says.

    Attributes:
        value: (N,), or a number for one image.
        curve: (N, M) the answers along the way, or (M,); None where there is no way.
        fraction: (M,) how far along each of them is, from 0 to 1.
        names: M words on them, where they have some.
    """

    value: np.ndarray
    curve: np.ndarray | None = None
    fraction: np.ndarray | None = None
    names: list | None = None

    def first(self):
        """The same of the first image alone."""
        curve = None if self.curve is None else self.curve[0]
        return Measured(self.value[0], curve, self.fraction, self.names)


def measures(measure):
    """Make a public measure out of one on checked batches.

    The decorated function is `f(classifier, images (N, H, W, C), maps (N, H, W), targets (N, K), **options)`, its
    targets weights on the scores. It returns a `Measured`. The public one takes one image and its map too, bare models,
    and targets as the methods do, one an image.
    """

    @wraps(measure)
    def public(model, images, maps, targets=None, **options):
        classifier = as_classifier(model)
        batch, single = as_batch(
            images, input_shape=classifier.input_shape, value_range=classifier.value_range
        )
        maps = as_maps(maps, batch, single)
        weights, one_each = classifier.target_weights(batch, targets)
        if not one_each:
            raise ValueError(
                f"targets={targets!r}; a measure wants one target an image: a class, a pair, or None."
            )
        result = measure(classifier, batch, maps, weights[:, 0], **options)
        return result.first() if single else result

    own = list(signature(measure).parameters.values())[4:]
    public.__signature__ = Signature([*signature(_shared).parameters.values(), *own])
    return public


def _shared(model, images, maps, targets=None): ...


def as_maps(maps, images, single=False):
    """Maps as (N, H, W) float64, checked against the images they are of."""
    array = np.asarray(maps, dtype=float)
    array = array[None] if single and array.ndim == 2 else array
    if array.shape != images.shape[:3]:
        size = images.shape[1:3] if single else images.shape[:3]
        raise ValueError(
            f"Maps of shape {np.shape(maps)}; want one number a pixel, {size}. For Grad-CAM: resize=True."
        )
    if not np.isfinite(array).all():
        raise ValueError(
            f"{(~np.isfinite(array)).sum()} values of the maps are NaN or infinite; want finite numbers."
        )
    return array
