"""Does the map foretell what happens when a random part of the picture is changed?"""

import numpy as np

from xaiteach.methods.base import bar
from xaiteach.methods.hiding import answers, question, replacement
from xaiteach.metrics.base import Measured, measures


@measures
def infidelity(
    classifier,
    images,
    maps,
    targets,
    *,
    n_samples=100,
    side=0.25,
    fill=0.0,
    of="score",
    normalise=False,
    seed=0,
    batch_size=None,
    progress=True,
):
    r"""Hide random rectangles I; the map in each should sum to what the score loses.

    .. math:: \mathbb{E}_I \Bigl[\Bigl(\sum_{p \in I} M_p - \bigl(S_t(x) - S_t(x \text{ without } I)\bigr)\Bigr)^2\Bigr]

    From 0, in units of the score squared; **low is good**. A map of zeros gets the mean square of the drops: whatever
    gets more than that is worse than no map. The map has to be in units of the answer, as those of integrated
    gradients or gradient SHAP are; for others say `normalise=True`.

    Args:
        images: (N, H, W, C) in [0, 1], or one image.
        maps: (N, H, W), one number a pixel.
        targets: a class, one class an image, None for the predicted class, a pair (4, 9).
        n_samples: rectangles an image, the same for each image.
        side: the longest side of a rectangle as a share of the picture's; lengths are drawn from 1 pixel on.
        fill: what is seen instead, as in `xt.occlusion`.
        of: "score" or "probability".
        normalise: first multiply each map by the number that makes its infidelity lowest.
        seed: of the rectangles.
        batch_size: pictures a pass; bounds the memory, never changes the result. None for 32, or fewer large ones.
        progress: False hides the bar.

    Returns:
        `.value` (N,).

    Source: Yeh et al., On the (in)fidelity and sensitivity of explanations, NeurIPS 2019, definition 2.1 with the
        square removal of section 2.2; the number of `normalise`: its appendix, as in captum.
    """
    if n_samples < 1:
        raise ValueError(f"n_samples is {n_samples}; want at least 1.")
    other = replacement(fill, images, classifier.value_range)
    hidden = random_rectangles(images.shape[1:3], n_samples, side, seed)
    foretold = np.einsum("shw,nhw->ns", hidden, maps)
    lost = _lost(classifier, images, other, hidden, targets, of, batch_size, progress)
    if normalise:
        foretold = foretold * _best_scale(foretold, lost)
    return Measured(((foretold - lost) ** 2).mean(axis=1))


def random_rectangles(size, count, side=0.25, seed=0):
    """The random rectangles that `infidelity` hides in a picture of `size` (H, W), as masks (count, H, W)."""
    if not 0 < side <= 1:
        raise ValueError(f"side={side}; want a share of the picture's side, more than 0 and at most 1.")
    random = np.random.default_rng(seed)
    longest = [max(1, round(side * length)) for length in size]
    masks = np.zeros((count, *size), bool)
    for mask in masks:
        height, width = (random.integers(1, most + 1) for most in longest)
        top, left = random.integers(0, size[0] - height + 1), random.integers(0, size[1] - width + 1)
        mask[top : top + height, left : left + width] = True
    return masks


def _lost(classifier, images, other, hidden, targets, of, batch_size, progress):
    """What the answer loses, (N, S), to each of the masks (S, H, W)."""
    ask = question(classifier, of)
    whole = np.einsum("nk,nk->n", ask(images, batch_size=batch_size), targets)
    pairs = zip(images, other, strict=True)
    pictures = (np.where(mask[..., None], there, here) for here, there in pairs for mask in hidden)
    said = answers(ask, bar(pictures, len(images) * len(hidden), "infidelity", progress), batch_size)
    left = np.array([[target @ next(said) for _ in hidden] for target in targets])
    return whole[:, None] - left


def _best_scale(foretold, lost):
    """(N, 1), by least squares; 0 for a map that foretells nothing."""
    squares = (foretold**2).sum(axis=1, keepdims=True)
    return np.divide(
        (foretold * lost).sum(axis=1, keepdims=True), squares, out=0 * squares, where=squares > 0
    )
