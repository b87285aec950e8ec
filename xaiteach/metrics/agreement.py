"""Do two maps say the same?"""

import numpy as np
from scipy.stats import rankdata

from xaiteach.metrics.ranks import correlation, ranks


def agreement(maps, others, *, kind="rank", top=0.1, seed=0):
    """How far two maps of the same picture agree.

    Args:
        maps, others: (N, H, W), or (H, W), of the same shape; only the order of their values counts.
        kind: "rank" for Spearman's correlation of the signed values, from −1 to 1, where 0 is chance; "top"
            for the share that the highest pixels of both have in common, from 0 to 1, where `top` is chance.
        top: share of the pixels that count as highest.
        seed: of the order among equals, for "top".

    Returns:
        (N,), or a number. 0 for the rank correlation with a map that is the same everywhere.

    Source: Adebayo et al., Sanity checks for saliency maps, NeurIPS 2018, section 3.
    """
    first, second = np.asarray(maps, float), np.asarray(others, float)
    if first.shape != second.shape or first.ndim not in (2, 3):
        shapes = f"{first.shape} and {second.shape}"
        raise ValueError(f"Maps of shape {shapes}; want two of the same, (H, W) or (N, H, W).")
    if not (np.isfinite(first).all() and np.isfinite(second).all()):
        raise ValueError("The maps hold NaN or infinite values; want finite numbers.")
    if kind not in ("rank", "top"):
        raise ValueError(f'kind={kind!r}; want "rank" or "top".')
    size = first.shape[-2:]
    pair = first.reshape(-1, *size), second.reshape(-1, *size)
    if kind == "rank":
        values = correlation(*[rankdata(each.reshape(len(each), -1), axis=1) for each in pair])
    else:
        values = _top(*pair, top, seed)
    return values if first.ndim == 3 else float(values[0])


def _top(first, second, top, seed):
    if not 0 < top <= 1:
        raise ValueError(f"top={top}; want a share of the pixels, more than 0 and at most 1.")
    size = max(1, round(top * first[0].size))
    highest = ranks(first, seed=seed)[0] < size
    highest_of_second = ranks(second, seed=seed + 1)[0] < size
    return (highest & highest_of_second).sum(axis=(1, 2)) / size
