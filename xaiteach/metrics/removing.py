"""What happens to the answer when what the map points at is removed, or is all that is left?"""

import numpy as np

from xaiteach.metrics.base import Measured, hides
from xaiteach.metrics.ranks import ranks


@hides(of="probability")
def deletion(answer, images, hidden, maps, *, steps=None, block=1, seed=0):
    r"""Remove the pixels one after the other, highest value of the map first, and watch the answer fall.

    .. math:: \int_0^1 P_t\bigl(x \text{ without the first } q \text{ of its pixels}\bigr)\,dq

    The integral is a trapezoid sum over the steps, from 0 to 1 for a probability. **Low is good**: the map
    names first what the answer hangs on. Compare with a random map on the same images, never with other
    images. The hole itself is something new to the model, so `fill` matters.

    Args:
        maps: (N, H, W), one number a pixel; only their order counts.
        steps: how many, each of about as many pixels; None for one pixel (or block) a step.
        block: side of the squares that are removed together, ordered by the mean of the map in them.

    Returns:
        `.value` (N,); `.curve` (N, M), the answer after each step; `.fraction` (M,) removed by then.

    Raises:
        ValueError: for maps of another size or with NaN, no steps, no block, a fill that doesn't fit.

    Source: Petsiuk, Das and Saenko, RISE, BMVC 2018, section 4.2; in blocks (selectivity): Montavon, Samek
        and Müller, Methods for interpreting and understanding deep neural networks, 2018, section 6.2.
    """
    return area_under(answer, images, hidden, maps, steps, block, seed)


@hides(of="probability")
def insertion(answer, images, hidden, maps, *, steps=None, block=1, seed=0):
    """Begin with `fill` alone, put the pixels in, highest value of the map first, and watch the answer rise.

    `deletion` the other way round. **High is good**: what the map names first is enough for the answer.
    `steps`, `block`, result, errors and source are those of `deletion`.
    """
    return area_under(answer, hidden, images, maps, steps, block, seed)


def selectivity(model, images, maps, targets=None, *, block=4, **options):
    """`deletion` in blocks of `block` × `block` pixels."""
    return deletion(model, images, maps, targets, block=block, **options)


@hides(of="probability")
def sufficiency(answer, images, hidden, maps, *, top=0.1, seed=0):
    """The answer when only the share `top` of the pixels is kept: those that the map ranks highest.

    `top` is from 0 to 1, `.value` (N,) a probability or a score. **High is good**: they are enough.

    Source: DeYoung et al., ERASER, ACL 2020, section 4 (there as a difference from the whole picture).
    """
    return _only_top(answer, hidden, images, maps, top, seed)


@hides(of="probability")
def necessity(answer, images, hidden, maps, *, top=0.1, seed=0):
    """The answer when the share `top` of the pixels is removed: those that the map ranks highest.

    **Low is good**: without them it is gone. ERASER's comprehensiveness is the answer before, less this.
    `top`, result and source are those of `sufficiency`.
    """
    return _only_top(answer, images, hidden, maps, top, seed)


def area_under(answer, before, after, maps, steps, block, seed):
    """From `before`, the pixels turn into those of `after`: the answers on the way, the area under them."""
    places, count = ranks(maps, block, seed)
    steps = count if steps is None else steps
    if steps < 1:
        raise ValueError(f"steps={steps}; want at least 1, or None for one pixel a step.")
    counts = np.unique(np.linspace(0, count, min(steps, count) + 1).round().astype(int))
    curve = _curve(answer, before, after, places, counts)
    fraction = counts / count
    return Measured(np.trapezoid(curve, fraction, axis=1), curve, fraction)


def _only_top(answer, before, after, maps, top, seed):
    """From `before`, the share `top` of the pixels is turned into those of `after`: the answer then."""
    if not 0 <= top <= 1:
        raise ValueError(f"top={top}; want a share of the pixels, from 0 to 1.")
    places, count = ranks(maps, seed=seed)
    counts = np.array([round(top * count)])
    return Measured(_curve(answer, before, after, places, counts)[:, 0])


def _curve(answer, before, after, places, counts):
    """The answers (N, M) where the first `counts` of the places (N, H, W) are turned."""
    differs = (before != after).any(axis=-1)
    plans = [_distinct(*pair, counts) for pair in zip(places, differs, strict=True)]
    pictures = _turned(before, after, places, [distinct for distinct, _ in plans])
    found = answer(pictures, [len(distinct) for distinct, _ in plans])
    return np.stack([values[same] for values, (_, same) in zip(found, plans, strict=True)])


def _distinct(place, differs, counts):
    """Counts that give pictures different from each other, and which of them each of `counts` is like."""
    changed = np.bincount(place[differs], minlength=place.max() + 1).cumsum()
    pixels = np.concatenate([[0], changed])[counts]
    _, first, same = np.unique(pixels, return_index=True, return_inverse=True)
    return counts[first], same


def _turned(before, after, places, counts):
    """One picture (H, W, C) after the other, for each image those of its counts."""
    for start, end, place, some in zip(before, after, places, counts, strict=True):
        for count in some:
            yield np.where((place < count)[..., None], end, start)
