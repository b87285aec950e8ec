"""Segments: a picture cut into pieces that are hidden together, and the pieces that matter most."""

import numpy as np
from skimage.segmentation import felzenszwalb, quickshift, slic

from xaiteach.images.batch import whole_pair

CUTS = ("slic", "quickshift", "felzenszwalb", "grid")
SIGNS = {"all": np.abs, "positive": np.positive, "negative": np.negative}


def segment(how, images, seed=0, value_range=(0, 1)):
    """Cut images (N, H, W, C) into segments, `how` as `lime` takes it: labels (N, H, W), from 0 without gaps.

    "slic" gives 32 to 49 on a digit; "quickshift", meant for photos, 1 to 4, and breaks ties by the seed.
    """
    if how is None or isinstance(how, str):
        labels = [_cut(how or "slic", _as_colour(image, value_range), seed) for image in images]
    elif callable(how):
        labels = list(map(how, images))
    elif np.ndim(how) < 2:
        labels = _grid(how, images.shape[1:3])
    else:
        labels = how
    labels, size = np.asarray(labels), images.shape[1:3]
    if labels.dtype.kind not in "biu" or labels.shape not in (size, images.shape[:3]):
        raise ValueError(
            f"Segments of type {labels.dtype} and shape {labels.shape}; want whole numbers of shape (H, W) = "
            f"{size}, or one map an image, {images.shape[:3]}."
        )
    labels = np.broadcast_to(labels, images.shape[:3])
    from_zero = [np.unique(each, return_inverse=True)[1] for each in labels]
    return np.reshape(from_zero, labels.shape)


def top_segments(maps, segments, n=5, *, sign="all", min_weight=0.0):
    """Where the segments are that matter most; `np.where(mask[..., None], image, 0)` hides the rest.

    Args:
        maps: (H, W) of `lime`, or several of them.
        segments: the labels it was made with, of the same shape: `details.segments`.
        n: how many segments at most.
        sign: "all" for the largest weights of either sign, "positive" or "negative" for those of one.
        min_weight: smaller weights, by their absolute value, are left out, and so are those of zero.

    Returns:
        A boolean mask of the shape of the map.

    Raises:
        ValueError: for maps and segments of different shapes, or a sign that is not known.
    """
    if sign not in SIGNS:
        raise ValueError(f'sign={sign!r}; want "all", "positive" or "negative".')
    if np.shape(maps) != np.shape(segments) or np.ndim(maps) < 2:
        shapes = f"A map of shape {np.shape(maps)} and segments of shape {np.shape(segments)}"
        raise ValueError(f"{shapes}; want both (H, W).")
    if np.ndim(maps) > 2:
        pairs = zip(maps, segments, strict=True)
        return np.stack([top_segments(*pair, n, sign=sign, min_weight=min_weight) for pair in pairs])
    labels, first = np.unique(segments, return_index=True)
    strength = SIGNS[sign](np.ravel(maps)[first])
    best = np.argsort(-strength, kind="stable")[:n]
    matter = (strength[best] > 0) & (strength[best] >= min_weight)
    return np.isin(segments, labels[best[matter]])


def _cut(name, picture, seed):
    if name == "slic":
        return slic(picture, n_segments=50, compactness=15, start_label=0)
    if name == "quickshift":
        return quickshift(picture, kernel_size=4, max_dist=200, ratio=0.2, rng=seed)
    if name == "felzenszwalb":
        smallest = max(1, picture[..., 0].size // 200)
        return felzenszwalb(picture, scale=1, sigma=0.5, min_size=smallest)
    if name == "grid":
        return _grid((7, 7), picture.shape[:2])
    raise ValueError(f"segments={name!r} is not known; want one of {CUTS}, a number, or labels.")


def _grid(sides, size):
    """Rows × columns rectangles, as equal as they can be."""
    height, width = size
    rows, columns = whole_pair(sides) or (0, 0)
    if not (1 <= rows <= height and 1 <= columns <= width):
        raise ValueError(
            f"segments={sides!r} on an image of {height}×{width}; want n for a grid of n×n, or (rows, "
            "columns), each from 1 to the side of the image."
        )
    row = np.arange(height)[:, None] * rows // height
    column = np.arange(width) * columns // width
    return row * columns + column


def _as_colour(image, value_range):
    """An image in red, green and blue, in [0, 1], which is what segmentation is tuned for."""
    low, high = value_range or (image.min(), image.max())
    scaled = (image - low) / (high - low or 1)
    if image.shape[-1] == 3:
        return scaled
    grey = scaled.mean(axis=-1, keepdims=True)
    return np.repeat(grey, 3, axis=-1)
