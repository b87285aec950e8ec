"""Does the map foretell what happens when a random part of the picture is changed?"""

import numpy as np

from xaiteach.methods.sums import at_least_one
from xaiteach.metrics.base import Measured, hides


@hides(of="score")
def infidelity(answer, images, hidden, maps, *, n_samples=100, side=0.25, normalise=False, seed=0):
    r"""Hide random rectangles I; the map in each should sum to what the score loses.

    .. math:: \mathbb{E}_I
        \Bigl[\Bigl(\sum_{p \in I} M_p - \bigl(S_t(x) - S_t(x \text{ without } I)\bigr)\Bigr)^2\Bigr]

    `.value` (N,) from 0, in units of the score squared; **low is good**. A map of zeros gets the mean square
    of the drops: whatever gets more is worse than no map. The map has to be in units of the answer, as those
    of integrated gradients or gradient SHAP are; for others say `normalise=True`.

    Args:
        n_samples: rectangles an image, the same for each image.
        side: the longest side of a rectangle as a share of the picture's; lengths are drawn from 1 pixel on.
        normalise: first multiply each map by the number that makes its infidelity lowest.
        seed: of the rectangles.

    Source: Yeh et al., On the (in)fidelity and sensitivity of explanations, NeurIPS 2019, definition 2.1 with
        the square removal of section 2.2; the number of `normalise`: its appendix, as in captum.
    """
    at_least_one(n_samples=n_samples)
    masks = random_rectangles(images.shape[1:3], n_samples, side, seed)
    foretold = np.einsum("shw,nhw->ns", masks, maps)
    lost = _drops(answer, images, hidden, masks)
    if normalise:  # by least squares; a map that foretells nothing stays as it is
        squares = (foretold**2).sum(axis=1, keepdims=True)
        products = (foretold * lost).sum(axis=1, keepdims=True)
        foretold = foretold * np.divide(products, squares, out=np.zeros_like(squares), where=squares > 0)
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
        top = random.integers(0, size[0] - height + 1)
        left = random.integers(0, size[1] - width + 1)
        mask[top : top + height, left : left + width] = True
    return masks


def _drops(answer, images, hidden, masks):
    """What the answer loses, (N, S), to each of the masks (S, H, W)."""
    masks = np.concatenate([np.zeros_like(masks[:1]), masks])  # first the whole picture
    pairs = zip(images, hidden, strict=True)
    pictures = (np.where(mask[..., None], other, image) for image, other in pairs for mask in masks)
    values = np.stack(answer(pictures, [len(masks)] * len(images)))
    return values[:, :1] - values[:, 1:]
