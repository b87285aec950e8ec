"""What can a model still learn when the pixels that a map names are gone from all images?"""

import time
import warnings

import numpy as np

from xaiteach.classifier.wrap import as_classifier
from xaiteach.methods.base import bar
from xaiteach.methods.hiding import replacement
from xaiteach.metrics.base import Measured, as_maps
from xaiteach.metrics.ranks import ranks
from xaiteach.models import build_dense, train


def roar(data, maps_train, maps_test, **options):
    """Remove the top pixels of every image, train a new model on what is left, and see how well it does.

    "Remove and retrain". **Low is good**: the map names what the labels can be told from. Without the
    retraining a fall may only mean that the holes are new to the model. But compare with the controls: the
    shape of a hole can itself tell the label, and evidence that is there twice keeps the accuracy high.

    Args:
        data: `x_train, y_train, x_test, y_test`, as `xt.load_mnist` gives it.
        maps_train, maps_test: (N, H, W), a map for every image, made by one method on one model.
        fit: from images (N, H, W, C), labels and a seed to a trained model; None for `build_dense`.
        fractions: shares of the pixels, from 0 to 1; 0.1, 0.3, … 0.9.
        fill: what is seen instead, as in `xt.occlusion`; None for the mean colour of the training images.
        seed: of the training, and of the order among pixels on which a map says the same.
        time_limit: seconds after which no more models are trained; what is left out is NaN, with a warning.
        progress: False hides the bar.

    Returns:
        `.curve` (M,), the accuracy after each `.fraction` (M,); `.value`, their mean.

    Raises:
        ValueError: for maps of another size, or a fraction that is none.

    Source: Hooker et al., A benchmark for interpretability methods in deep neural networks, NeurIPS 2019.
    """
    return _retrained(data, maps_train, maps_test, False, **options)


def kar(data, maps_train, maps_test, **options):
    """Keep the top pixels of every image, remove the rest, and train a new model on them: "keep and retrain".

    `roar` the other way round: `.curve` is the accuracy with each fraction kept. **High is good**: what the
    map names is enough to learn from. Arguments, result, errors and source are those of `roar`.
    """
    return _retrained(data, maps_train, maps_test, True, **options)


def remove_top(images, maps, fraction, *, fill=0.0, keep=False, seed=0):
    """Images (N, H, W, C) without the given share of their pixels, highest values of the map first.

    `keep=True` removes all the others. `fill` is what is seen instead, as in `xt.occlusion`.
    """
    if not 0 <= fraction <= 1:
        raise ValueError(f"A fraction of {fraction}; want a share of the pixels, from 0 to 1.")
    places, count = ranks(as_maps(maps, images), seed=seed)
    top = places < round(fraction * count)
    removed = top ^ keep
    return np.where(removed[..., None], replacement(fill, images), images).astype(np.float32)


def dense_fit(images, labels, seed):
    """The course's dense network, trained for five epochs: a few seconds for 4,000 digits."""
    model = build_dense("torch", seed=seed)
    train(model, images, labels, epochs=5, learning_rate=2e-3, seed=seed, progress=False)
    return model


def _retrained(
    data, maps_train, maps_test, keep, *, fit=None, fractions=(0.1, 0.3, 0.5, 0.7, 0.9), fill=None, seed=0,
    time_limit=None, progress=True,
):  # fmt: skip
    fit = dense_fit if fit is None else fit
    fill = data.x_train.mean(axis=(0, 1, 2)) if fill is None else fill
    options = {"fill": fill, "keep": keep, "seed": seed}
    start, curve = time.monotonic(), np.full(len(fractions), np.nan)
    for i, fraction in enumerate(bar(fractions, len(fractions), "retraining", progress)):
        if i and time_limit is not None and time.monotonic() - start > time_limit:
            warnings.warn(f"{i} of {len(fractions)} models were trained in {time_limit} s.", stacklevel=3)
            break
        model = fit(remove_top(data.x_train, maps_train, fraction, **options), data.y_train, seed)
        answers = as_classifier(model).predict(remove_top(data.x_test, maps_test, fraction, **options))
        curve[i] = (answers.argmax(axis=1) == data.y_test).mean()
    return Measured(np.nanmean(curve), curve, np.asarray(fractions, float))
