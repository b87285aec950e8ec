"""What every method shares, kept out of their files: one image or many, a bare model, targets, channels, details."""

from functools import wraps
from inspect import Signature, signature
from types import SimpleNamespace

import numpy as np
from tqdm.auto import tqdm

from xaiteach.classifier.wrap import as_classifier
from xaiteach.images.batch import as_batch


def explains(method):
    """Make a public method out of one on a checked batch and target weights.

    The decorated function is `f(classifier, images (N, H, W, C), targets (N, T, K), **options)`. It returns maps
    (N, T, H, W) or (N, T, H, W, C), or a pair of maps and a dictionary of what it knows beside them, whose arrays
    begin with (N, T); or a function that gives one, called where details are wanted. The public one takes what
    `_shared` takes, and the method's own options. It returns (N, H, W) float32: channels summed, the axis T gone
    unless `targets="all"`, N gone for one image. With `details=True` it returns the maps and a namespace, whose
    arrays lose the same axes.
    """

    @wraps(method)
    def explain(model, images, targets=None, *, per_channel=False, details=False, **options):
        classifier = as_classifier(model)
        batch, single = as_batch(
            images, input_shape=classifier.input_shape, value_range=classifier.value_range
        )
        weights, squeeze = classifier.target_weights(batch, targets)
        maps = method(classifier, batch, weights, **options)
        maps, known = maps if isinstance(maps, tuple) else (maps, {})
        maps = _channels(np.asarray(maps, dtype=np.float32), per_channel, method.__name__)
        drop = (0 if single else slice(None), 0 if squeeze else slice(None))
        if not details:
            return maps[drop]
        known = known() if callable(known) else known
        return maps[drop], SimpleNamespace(**{name: np.asarray(value)[drop] for name, value in known.items()})

    own = list(signature(method).parameters.values())[3:]
    explain.__signature__ = Signature([*signature(_shared).parameters.values(), *own])
    explain.__doc__ = f"{method.__doc__.rstrip()}\n\n{_shared.__doc__}"
    return explain


def _shared(model, images, targets=None, *, per_channel=False, details=False):
    """Every method also takes:
    targets: "top3" for the three classes that score highest, (N, 3, H, W).
    per_channel: True for one number a channel, (N, H, W, C), where the method has one.
    details: True for a pair: the maps, and a namespace of what the method knows beside them.
    """


def bar(steps, total, name, progress):
    """`steps` with a tqdm bar that appears where they take longer than two seconds."""
    return tqdm(steps, total=total, desc=name, disable=not progress, delay=2, leave=False)


def _channels(maps, per_channel, name):
    if maps.ndim == 5:
        return maps if per_channel else maps.sum(axis=-1)
    if per_channel:
        raise ValueError(f"{name} gives one number a pixel, none a channel; leave per_channel out.")
    return maps
