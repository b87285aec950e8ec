"""What every method shares: one image or many, a bare model, targets, channels, details, and their words."""

from functools import wraps
from inspect import Signature, signature
from types import SimpleNamespace

import numpy as np
from tqdm.auto import tqdm

from xaiteach.classifier.batches import unpack
from xaiteach.classifier.wrap import as_classifier
from xaiteach.methods.docs import complete_args

SHARED = """
    model: a wrapped classifier, or a bare Keras or PyTorch model. One that only predicts is a TypeError.
    images: (N, H, W, C) in [0, 1], or one image.
    targets: a class, one class an image, None for the predicted class, a pair (4, 9) for the difference of
        two scores, "all" for every class, (N, K, H, W), or "top3" for the three that score highest.
    layer: name, index or the layer itself; None for the last layer that has a grid and feeds the score.
    resize: True for a map of the image's size (bilinear), False for the layer's own (N, h, w).
    relu: False keeps the negative values, the evidence against the class.
    seed: the same seed gives the same maps; the global random state is left alone.
    batch_size: images a pass; bounds the memory, never changes the result. None for 32, or fewer large ones.
    progress: False hides the bar.
    per_channel: True for one number a channel, (N, H, W, C), where the method has one.
    details: True for a pair: the maps, and a namespace of what the method finds beside them.
"""


def explains(method):
    """Make a public method out of one on a checked batch and target weights.

    The decorated function is `f(classifier, images (N, H, W, C), targets (N, T, K), **options)`. It returns
    maps (N, T, H, W) or (N, T, H, W, C); or a pair of maps and a function, called where details are wanted,
    that gives a dictionary of arrays which begin with (N, T). The public one takes `SHARED` and the method's
    own options. It returns (N, H, W) float32: channels summed, the axis T gone for a single target, N gone
    for one image. The arrays of its details lose the same axes.
    """

    @wraps(method)
    def explain(model, images, targets=None, *, per_channel=False, details=False, **options):
        classifier = as_classifier(model)
        batch, single = classifier.as_batch(images)
        weights, squeeze = classifier.target_weights(batch, targets)
        result = method(classifier, batch, weights, **options)
        maps, extras = result if isinstance(result, tuple) else (result, dict)
        maps = _channels(np.asarray(maps, dtype=np.float32), per_channel, method.__name__)
        maps = unpack(maps, single, squeeze)
        if not details:
            return maps
        arrays = {name: unpack(np.asarray(array), single, squeeze) for name, array in extras().items()}
        return maps, SimpleNamespace(**arrays)

    own = list(signature(method).parameters.values())[3:]
    shared = list(signature(explain, follow_wrapped=False).parameters.values())
    explain.__signature__ = Signature([*shared[:3], *own, *shared[3:5]])
    explain.__doc__ = complete_args(method.__doc__, explain.__signature__.parameters, SHARED)
    return explain


def bar(steps, total, name, progress):
    """`steps` with a tqdm bar that appears where they take longer than two seconds."""
    return tqdm(steps, total=total, desc=name, disable=not progress, delay=2, leave=False)


def _channels(maps, per_channel, name):
    """Maps with or without the axis of channels, as asked for."""
    has_channels = maps.ndim == 5
    if per_channel and not has_channels:
        raise ValueError(f"{name} gives one number a pixel, none a channel; leave per_channel out.")
    return maps.sum(axis=-1) if has_channels and not per_channel else maps
