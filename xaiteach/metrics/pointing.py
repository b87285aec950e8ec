"""Does the map point at the right thing, where one knows what that is?"""

import numpy as np
from scipy.ndimage import maximum_filter

from xaiteach.metrics.base import Measured, measures


@measures
def pointing_game(classifier, images, maps, targets, *, masks, tolerance=0):
    """Whether the highest value of the map lies in the mask.

    `.value` (N,) from 0 to 1; **1 is good**; chance is the share of the picture that the mask takes. Where
    several pixels have the highest value, it is the share of them in the mask.

    Args:
        targets: not used; a mask belongs to the target that the map explains.
        tolerance: pixels by which the mask grows on all sides (15 in the paper, on photos).

    Source: Zhang et al., Top-down neural attention by excitation backprop, ECCV 2016, section 4.2.
    """
    width = 2 * tolerance + 1
    right = maximum_filter(_as_masks(masks, maps), size=(1, width, width))
    highest = maps == maps.max(axis=(1, 2), keepdims=True)
    return Measured((highest & right).sum(axis=(1, 2)) / highest.sum(axis=(1, 2)))


@measures
def mass_in_mask(classifier, images, maps, targets, *, masks):
    """The share of the map's positive values that lies in the mask.

    `.value` (N,) from 0 to 1; **high is good**; chance is the share of the picture that the mask takes. 0 for
    a map without anything positive. Targets are not used.
    """
    return Measured(_positive_share(maps, _as_masks(masks, maps)))


@measures
def grid_pointing_game(classifier, images, maps, targets, *, cells, grid=2):
    """On a mosaic of pictures, the share of the map's positive values in the cell of the class it explains.

    `.value` (N,) from 0 to 1; **high is good**; chance is 1 over the number of cells. 0 for a map without
    anything positive.

    Args:
        images: mosaics (N, H, W, C), as `xt.load_digit_grids` makes them, or one.
        targets: not used; a cell belongs to the target that the map explains.
        cells: (N,), or one for all: number of the cell, row by row from 0.
        grid: n for n×n cells, or (rows, columns).

    Source: Böhle, Fritz and Schiele, Convolutional dynamic alignment networks, CVPR 2021, section 5.2.
    """
    rows, columns = (grid, grid) if np.ndim(grid) == 0 else grid
    cells = np.broadcast_to(cells, len(maps))
    if (cells < 0).any() or (cells >= rows * columns).any():
        raise ValueError(f"cells={cells.tolist()}; want numbers from 0 to {rows * columns - 1}, row by row.")
    height, width = maps.shape[1:]
    row = np.arange(height)[:, None] * rows // height
    column = np.arange(width) * columns // width
    numbers = row * columns + column
    return Measured(_positive_share(maps, numbers == cells[:, None, None]))


def _positive_share(maps, masks):
    positive = np.maximum(maps, 0)
    inside, whole = ((positive * part).sum(axis=(1, 2)) for part in (masks, 1))
    return np.divide(inside, whole, out=np.zeros(len(maps)), where=whole > 0)


def _as_masks(masks, maps):
    array = np.asarray(masks)
    if array.shape not in (maps.shape, maps.shape[1:]) or array.dtype.kind not in "biu":
        wanted = f"True and False of shape {maps.shape[1:]}, or one an image, {maps.shape}"
        raise ValueError(f"Masks of type {array.dtype} and shape {array.shape}; want {wanted}.")
    return np.broadcast_to(array.astype(bool), maps.shape)
