"""What happens to the answer when what the map points at is removed, or is all that is left?"""

import numpy as np

from xaiteach.methods.base import bar
from xaiteach.methods.hiding import answers, question, replacement
from xaiteach.metrics.base import Measured, measures
from xaiteach.metrics.ranks import ranks, step_counts


@measures
def deletion(
    classifier,
    images,
    maps,
    targets,
    *,
    steps=None,
    block=1,
    fill=0.0,
    of="probability",
    seed=0,
    batch_size=None,
    progress=True,
):
    r"""Remove the pixels one after the other, highest value of the map first, and watch the answer fall.

    .. math:: \int_0^1 P_t\bigl(x \text{ without the first } q \text{ of its pixels}\bigr)\,dq

    The integral is a trapezoid sum over the steps. **Low is good**: the map names first what the answer hangs on. From
    0 to 1 for a probability; compare with a random map on the same images, never with other images. The hole itself is
    something new to the model, so `fill` matters. Pictures that are the same are sent to the model once.

    Args:
        model: a wrapped classifier, a bare Keras or PyTorch model, or a function from images to probabilities.
        images: (N, H, W, C) in [0, 1], or one image.
        maps: (N, H, W), one number a pixel; only their order counts.
        targets: a class, one class an image, None for the predicted class, a pair (4, 9).
        steps: how many, each of about as many pixels; None for one pixel (or block) a step.
        block: side of the squares that are removed together, ordered by the mean of the map in them.
        fill: what is seen instead, as in `xt.occlusion`: a number, a colour, "mean", "blur" or an image.
        of: "probability" or "score".
        seed: of the order among pixels on which the map says the same.
        batch_size: pictures a pass; bounds the memory, never changes the result. None for 32, or fewer large ones.
        progress: False hides the bar.

    Returns:
        `.value` (N,); `.curve` (N, M), the answer after each step; `.fraction` (M,) of the pixels, or of the blocks,
        that are removed by then.

    Raises:
        ValueError: for maps of another size or with NaN, no steps, no block, a fill that doesn't fit.

    Source: Petsiuk, Das and Saenko, RISE, BMVC 2018, section 4.2; in blocks (selectivity): Montavon, Samek and Müller,
        Methods for interpreting and understanding deep neural networks, 2018, section 6.2.
    """
    other = replacement(fill, images, classifier.value_range)
    return curve_from(classifier, images, other, maps, targets, steps, block, of, seed, batch_size, progress)


@measures
def insertion(
    classifier,
    images,
    maps,
    targets,
    *,
    steps=None,
    block=1,
    fill=0.0,
    of="probability",
    seed=0,
    batch_size=None,
    progress=True,
):
    """Begin with nothing but `fill`, put the pixels in, highest value of the map first, and watch the answer rise.

    `deletion` the other way round. **High is good**: what the map names first is enough for the answer. Arguments,
    result, errors and source are those of `deletion`; `.fraction` is of the pixels that are put in.
    """
    other = replacement(fill, images, classifier.value_range)
    return curve_from(classifier, other, images, maps, targets, steps, block, of, seed, batch_size, progress)


def selectivity(model, images, maps, targets=None, *, block=4, **options):
    """`deletion` in blocks of `block` × `block` pixels."""
    return deletion(model, images, maps, targets, block=block, **options)


@measures
def sufficiency(
    classifier,
    images,
    maps,
    targets,
    *,
    top=0.1,
    fill=0.0,
    of="probability",
    seed=0,
    batch_size=None,
    progress=True,
):
    """The answer when only the share `top` of the pixels is kept, those with the highest values of the map.

    **High is good**: they are enough. `top` is from 0 to 1; the other arguments and errors are those of `deletion`.

    Returns:
        `.value` (N,), a probability or a score.

    Source: DeYoung et al., ERASER, ACL 2020, section 4 (there as a difference from the whole picture).
    """
    other = replacement(fill, images, classifier.value_range)
    return _only(classifier, other, images, maps, targets, top, of, seed, batch_size, progress)


@measures
def necessity(
    classifier,
    images,
    maps,
    targets,
    *,
    top=0.1,
    fill=0.0,
    of="probability",
    seed=0,
    batch_size=None,
    progress=True,
):
    """The answer when the share `top` of the pixels is removed, those with the highest values of the map.

    **Low is good**: without them it is gone. ERASER's comprehensiveness is the answer before, less this. Arguments,
    result, errors and source are those of `sufficiency`.
    """
    other = replacement(fill, images, classifier.value_range)
    return _only(classifier, images, other, maps, targets, top, of, seed, batch_size, progress)


def curve_from(classifier, before, after, maps, targets, steps, block, of, seed, batch_size, progress):
    """From `before`, the pixels turn into those of `after`: the answers on the way, and the area under them."""
    places, count = ranks(maps, block, seed)
    counts = step_counts(count, steps)
    curve = _answers(classifier, before, after, places, counts, targets, of, batch_size, progress)
    fraction = counts / count
    return Measured(np.trapezoid(curve, fraction, axis=1), curve, fraction)


def _only(classifier, before, after, maps, targets, top, of, seed, batch_size, progress):
    """From `before`, the share `top` of the pixels is turned into those of `after`: the answer then."""
    if not 0 <= top <= 1:
        raise ValueError(f"top={top}; want a share of the pixels, from 0 to 1.")
    places, count = ranks(maps, seed=seed)
    counts = np.array([round(top * count)])
    return Measured(
        _answers(classifier, before, after, places, counts, targets, of, batch_size, progress)[:, 0]
    )


def _answers(classifier, before, after, places, counts, targets, of, batch_size, progress):
    """The answer (N, M) where the first so many of the places (N, H, W) are turned; equal pictures are sent once."""
    plans = [
        _distinct(place, turned, counts)
        for place, turned in zip(places, (before != after).any(-1), strict=True)
    ]
    total = sum(len(first) for first, _ in plans)
    pictures = (
        np.where((place < count)[..., None], there, here)
        for here, there, place, (first, _) in zip(before, after, places, plans, strict=True)
        for count in first
    )
    said = answers(question(classifier, of), bar(pictures, total, "removing", progress), batch_size)
    each = [
        np.stack([target @ next(said) for _ in first])
        for target, (first, _) in zip(targets, plans, strict=True)
    ]
    return np.stack([found[which] for found, (_, which) in zip(each, plans, strict=True)])


def _distinct(place, turned, counts):
    """Counts that give pictures different from each other, and for each of `counts` which of them gives the same."""
    changed = np.bincount(place[turned], minlength=place.max() + 1).cumsum()
    pixels = np.concatenate([[0], changed])[counts]
    _, first, which = np.unique(pixels, return_index=True, return_inverse=True)
    return counts[first], which
