"""Where a map says that the thing is: a mask and a box."""

from numbers import Real
from typing import NamedTuple

import numpy as np
from skimage.measure import label, regionprops


class Place(NamedTuple):
    """Where the thing is.

    Attributes:
        mask: (H, W) of booleans.
        box: (top, left, bottom, right) in pixels, bottom and right just outside; None for an empty mask.
    """

    mask: np.ndarray
    box: tuple | None


def localise(map, *, threshold=0.2):
    """The largest connected piece of a map above a share of its maximum, and the box around it.

    Args:
        map: (H, W), such as Grad-CAM gives; only positive values count.
        threshold: share of the maximum, from 0 to 1; pixels above it belong to the thing.

    Returns:
        A `Place`; its mask is empty where nothing in the map is positive. Pixels that touch at a corner are
        connected.

    Raises:
        ValueError: for another shape, values that are not finite, or a threshold outside.

    Source: Zhou et al., Learning deep features for discriminative localization, CVPR 2016, section 3.2.
    """
    map = np.asarray(map, float)
    if map.ndim != 2 or 0 in map.shape or not np.isfinite(map).all():
        raise ValueError(f"Given shape {map.shape}; want one map (H, W) of finite numbers.")
    if not isinstance(threshold, Real) or not 0 <= threshold < 1:
        raise ValueError(f"threshold={threshold!r}; want a share of the maximum, from 0 to less than 1.")
    labels = label(map > threshold * max(map.max(), 0), connectivity=2)
    pieces = regionprops(labels)
    if not pieces:
        return Place(np.zeros(map.shape, bool), None)
    largest = max(pieces, key=lambda piece: piece.area)
    return Place(labels == largest.label, largest.bbox)
