"""What every method shares, kept out of their files: one image or many, a bare model, targets, channels."""

from functools import wraps

import numpy as np

from xaiteach.classifier.wrap import as_classifier
from xaiteach.images import as_batch


def explains(method):
    """Make a public method out of one on a checked batch and target weights.

    The decorated function is `f(classifier, images (N, H, W, C), targets (N, T, K), **options)` and returns
    (N, T, H, W) or (N, T, H, W, C). The public one is `f(model, images, targets=None, *, per_channel=False, **options)`
    and returns (N, H, W) float32: channels summed, the axis T gone unless `targets="all"`, N gone for one image.
    """

    @wraps(method)
    def explain(model, images, targets=None, *, per_channel=False, **options):
        classifier = as_classifier(model)
        batch, single = as_batch(images, input_shape=classifier.input_shape, value_range=classifier.value_range)
        weights, squeeze = classifier.target_weights(batch, targets)
        maps = np.asarray(method(classifier, batch, weights, **options), dtype=np.float32)
        maps = _channels(maps, per_channel, method.__name__)
        maps = maps[:, 0] if squeeze else maps
        return maps[0] if single else maps

    return explain


def _channels(maps, per_channel, name):
    if maps.ndim == 5:
        return maps if per_channel else maps.sum(axis=-1)
    if per_channel:
        raise ValueError(f"{name} gives one number a pixel, none a channel; leave per_channel out.")
    return maps
