"""Does the map depend on what the model has learnt?"""

import numpy as np

from xaiteach.classifier.wrap import as_classifier
from xaiteach.methods.base import bar
from xaiteach.metrics.agreement import agreement
from xaiteach.metrics.base import Measured, asks


@asks
def randomisation_check(
    classifier, images, explain, *, steps=None, kind="rank", top=0.1, absolute=False, seed=0, progress=True
):
    """What is left of a map when the weights are drawn anew, layer by layer from the scores to the image.

    From −1 to 1, or for the top pixels from 0 to 1; **near 0, or near `top`, is good**: the map is about what
    the model learnt. A method that fails must not be trusted; one that passes may still be wrong.

    Kernels and matrices are drawn from a normal distribution of their own size (root mean square); biases and
    scales are shuffled. All weights are put back in the end, whatever happens.

    Args:
        steps: at how many layers a map is made, chosen evenly, the last among them; None for each layer.
        seed: of the weights.

    Returns:
        `.value` (N,) after all layers; `.curve` (N, L + 1), from 1 for the model as it was; `.fraction` of
        the layers (L + 1,); `.names` of what was drawn anew last at each step. What the check says as a
        whole is the mean of the curve without its beginning, as in `report` and `badges`: a map that falls
        only with the last layers does not hang on what was learnt in the first ones that were redrawn.

    Raises:
        TypeError: for a model that only predicts, whose weights can't be reached.

    Source: Adebayo et al., Sanity checks for saliency maps, NeurIPS 2018, section 4.1; on the
        choice of sign and of the ruler: Yona and Greenfeld, 2021; Binder et al., CVPR 2023.
    """
    layers = _from_the_scores(classifier, images)
    if not layers:
        raise ValueError("None of the model's layers has weights of its own; there is nothing to draw anew.")
    looked_at = _evenly(len(layers), steps)
    random = np.random.default_rng(seed)
    before = explain(images)
    weights, curve = [], [np.ones(len(images))]
    try:
        for step, (_, layer) in bar(enumerate(layers, 1), len(layers), "randomisation", progress):
            arrays = classifier.weights_of(layer)
            weights.append((layer, arrays))
            classifier.set_weights_of(layer, [_drawn_anew(array, random) for array in arrays])
            if step in looked_at:
                curve.append(_likeness(before, explain(images), kind, top, absolute))
    finally:
        for layer, arrays in reversed(weights):  # two layers may share an array
            classifier.set_weights_of(layer, arrays)
    names = ["as it was", *(layers[step - 1][0] for step in looked_at)]
    fraction = np.array([0, *looked_at]) / len(layers)
    return Measured(curve[-1], np.stack(curve, axis=1), fraction, names, "weights redrawn")


@asks
def shuffled_labels_check(classifier, images, explain, *, other, kind="rank", top=0.1, absolute=False):
    """How like a map is to that of a model that learnt the same images with their labels shuffled.

    `.value` (N,) from −1 to 1, or for the top pixels from 0 to 1; **near 0, or near `top`, is good**: the map
    is about the relation between images and labels. A map that stays is about the images alone.

    Args:
        other: the model that was trained on shuffled labels; any model to compare with.

    Source: Adebayo et al., Sanity checks for saliency maps, NeurIPS 2018, section 4.2.
    """
    maps = explain(images)
    others = explain(images, by=as_classifier(other))
    return Measured(_likeness(maps, others, kind, top, absolute))


def _evenly(count, wanted):
    """So many of the numbers from 1 to `count`, the last among them; all where None is wanted."""
    wanted = count if wanted is None else min(wanted, count)
    if wanted < 1:
        raise ValueError(f"steps={wanted}; want at least 1, or None for each layer.")
    return np.linspace(count, 1, wanted).round().astype(int)[::-1].tolist()


def _from_the_scores(classifier, images):
    """Names and layers of all weights, from the scores to the image, by their last calls.

    One that can't be watched, such as a recurrent layer, goes with the one before it in the model.
    """
    calls = classifier.layer_calls(images)
    last = {id(call.layer): place for place, call in enumerate(calls)}
    found, place = [], -1
    for order, (name, layer) in enumerate(classifier.parts()):
        place = last.get(id(layer), place)
        if classifier.weights_of(layer):
            found.append((place, order, name or type(layer).__name__, layer))
    return [(name, layer) for _, _, name, layer in sorted(found, key=lambda part: part[:2], reverse=True)]


def _likeness(maps, others, kind, top, absolute):
    if absolute:
        maps, others = abs(maps), abs(others)
    return agreement(maps, others, kind=kind, top=top)


def _drawn_anew(array, random):
    if array.ndim == 1:
        return random.permutation(array)
    size = np.sqrt((array**2).mean())
    return random.normal(0, size, array.shape).astype(array.dtype)
