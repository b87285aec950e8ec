"""Occlusion: how much the answer drops when a window of the picture is covered."""

from itertools import islice
from math import ceil

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from xaiteach.methods.base import bar, explains
from xaiteach.methods.hiding import answers, question, replacement


@explains
def occlusion(
    classifier,
    images,
    targets,
    *,
    window=4,
    stride=None,
    fill=0.0,
    of="probability",
    batch_size=None,
    progress=True,
):
    r"""Cover one window after another, and give each pixel the mean drop over the windows that cover it.

    .. math:: d_w = P_t(x) - P_t(x \text{ with } w \text{ covered}), \qquad
              M_{ij} = \operatorname*{mean}_{w \ni (i, j)} d_w

    The window starts at the top left; the last one of a row or column is cut off at the border. Windows that change
    the picture in the same pixels make the same picture, which is sent to the model once; those that change nothing
    cost nothing. Where windows overlap, or pixels act together, the map does not sum to the score.

    Args:
        model: a wrapped classifier, a bare Keras or PyTorch model, or any function from images to probabilities.
        images: (N, H, W, C) in [0, 1], or one image.
        targets: a class, one class an image, None for the predicted class, a pair (4, 9), or "all" for every class
            at the price of one.
        window: its height and width in pixels, a number or a pair.
        stride: how far it moves down and right, a number or a pair, never more than the window; None for the window
            itself, so that each pixel is covered once. Smaller ones give a smoother map at a higher price.
        fill: what covers: a number, a colour (C,), "mean" for the image's mean colour, "blur" for the image out of
            focus, an image (H, W, C), or one an image.
        of: "probability", or "score" for the drop of the score before the softmax.
        batch_size: pictures a pass; bounds the memory, never changes the result. None for 32, or fewer large ones.
        progress: False hides the bar.
        details: True adds `.drops`, one a window (N, rows, columns), and `.value`, what the drops are from (N,).

    Returns:
        (N, H, W) float32, in units of the probability or the score; positive where the picture speaks for the class.

    Raises:
        ValueError: for a window that does not fit, a stride that leaves gaps, or a fill that is no colour or image.
        TypeError: for the score of a model that gives probabilities only.

    Source: Zeiler and Fergus, Visualizing and understanding convolutional networks, ECCV 2014, section 4.2.
    """
    size = images.shape[1:3]
    window, stride = _checked(window, stride, size)
    hidden = replacement(fill, images, classifier.value_range)
    plans = [_distinct(changes.any(axis=-1), window, stride) for changes in images != hidden]
    total = sum(len(rectangles) for rectangles, _ in plans)
    pictures = bar(_covered(images, hidden, plans), total, "occlusion", progress)
    said = answers(question(classifier, of), pictures, batch_size)
    values = [
        np.stack([weights @ answer for answer in islice(said, len(rectangles))], axis=-1)[:, which]
        for weights, (rectangles, which) in zip(targets, plans, strict=True)
    ]
    value, covered = np.split(np.stack(values), [1], axis=-1)
    drops = (value - covered).reshape(*value.shape[:2], *_counts(size, window, stride))
    return _mean_over_windows(drops, window, stride, size), {"drops": drops, "value": value[..., 0]}


def _distinct(changes, window, stride):
    """The distinct pictures that covering makes of an image.

    Args:
        changes: (H, W), whether covering changes a pixel.

    Returns:
        The rectangles (top, bottom, left, right) to be covered, one a picture, and which of them shows the image as
        it is, followed by which shows each window.
    """
    rectangles = _rectangles(changes, window, stride)
    rectangles, which = np.unique(np.vstack([[0, 0, 0, 0], rectangles]), axis=0, return_inverse=True)
    return rectangles, which.ravel()


def _rectangles(changes, window, stride):
    """For each window the smallest rectangle around the pixels that it changes; (0, 0, 0, 0) where there are none.

    Two windows change the same pixels just where these rectangles are the same.
    """
    rows, columns = counts = _counts(changes.shape, window, stride)
    ends = [(count - 1) * step + side for count, step, side in zip(counts, stride, window, strict=True)]
    padded = np.pad(changes, [(0, end - side) for end, side in zip(ends, changes.shape, strict=True)])
    views = sliding_window_view(padded, window)[:: stride[0], :: stride[1]]
    top, bottom = _first_and_last(views.any(axis=3)) + stride[0] * np.arange(rows)[:, None]
    left, right = _first_and_last(views.any(axis=2)) + stride[1] * np.arange(columns)
    rectangles = np.stack([top, bottom, left, right], axis=-1) * views.any(axis=(2, 3))[..., None]
    return rectangles.reshape(-1, 4)


def _first_and_last(hit):
    """The first place that is true along the last axis, and the one after the last."""
    return np.stack([hit.argmax(axis=-1), hit.shape[-1] - hit[..., ::-1].argmax(axis=-1)])


def _covered(images, hidden, plans):
    for image, other, (rectangles, _) in zip(images, hidden, plans, strict=True):
        for top, bottom, left, right in rectangles:
            picture = image.copy()
            picture[top:bottom, left:right] = other[top:bottom, left:right]
            yield picture


def _mean_over_windows(drops, window, stride, size):
    total, windows = np.zeros((*drops.shape[:2], *size)), np.zeros(size)
    for row, column in np.ndindex(drops.shape[2:]):
        top, left = row * stride[0], column * stride[1]
        covered = np.s_[..., top : top + window[0], left : left + window[1]]
        total[covered] += drops[..., row, column, None, None]
        windows[covered] += 1
    return total / windows


def _counts(size, window, stride):
    """How many windows there are down and across."""
    return [ceil((side - w) / s) + 1 for side, w, s in zip(size, window, stride, strict=True)]


def _checked(window, stride, size):
    window = _pair(window, "window")
    stride = window if stride is None else _pair(stride, "stride")
    if any(w > side for w, side in zip(window, size, strict=True)):
        raise ValueError(
            f"A window of {window[0]}×{window[1]} on an image of {size[0]}×{size[1]}; want a smaller one."
        )
    if any(s > w for s, w in zip(stride, window, strict=True)):
        raise ValueError(
            f"A stride of {stride} leaves gaps between windows of {window}, pixels that nothing covers; "
            "want a stride of at most the window."
        )
    return window, stride


def _pair(value, name):
    pair = np.asarray(value)
    if pair.dtype.kind not in "iu" or pair.shape not in ((), (2,)) or pair.min() < 1:
        raise ValueError(
            f"{name}={value!r}; want a whole number of pixels from 1, or a pair (height, width) of them."
        )
    return tuple(int(side) for side in np.broadcast_to(pair, 2))
