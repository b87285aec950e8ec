"""Occlusion: how much the answer drops when a window of the picture is covered."""

import warnings
from itertools import islice

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from xaiteach.images.batch import whole_pair
from xaiteach.methods.base import bar, explains
from xaiteach.methods.hiding import answers, question, replacement

SURE = 0.999
SATURATED = (
    "The probability stays at {:.3g} whichever window is covered: the answer is saturated, and its map, all "
    'zeros, says nothing. Say of="score", which still moves; or take a larger window.'
)


@explains
def occlusion(
    classifier, images, targets, *, window=4, stride=None, fill=0.0, of="probability", batch_size=None,
    progress=True,
):  # fmt: skip
    r"""Cover one window after another, and give each pixel the mean drop over the windows that cover it.

    .. math:: d_w = P_t(x) - P_t(x \text{ with } w \text{ covered}), \qquad
              M_{ij} = \operatorname*{mean}_{w \ni (i, j)} d_w

    The window starts at the top left; the last one of a row or column is cut off at the border. Windows that
    change the picture in the same pixels make the same picture, which is sent to the model once; those that
    change nothing cost nothing. Where windows overlap or pixels act together, the map sums to nothing.

    Args:
        model: a wrapped classifier, a bare model, or any function from images to probabilities.
        window: its height and width in pixels, a number or a pair.
        stride: how far it moves down and right, a number or a pair, at most the window; None for the window
            itself, so that each pixel is covered once. Smaller ones give a smoother map and cost more.
        fill: what covers: a number, a colour (C,), "mean" for the image's mean colour, "blur" for the image
            out of focus, an image (H, W, C), or one an image.
        of: "probability", or "score" for the drop of the score before the softmax. What a model wrapped with
            outputs="value" gives is its value, for either.
        details: True adds `.drops` of the windows (N, rows, columns) and `.value`, what they are from (N,).

    Returns:
        (N, H, W) float32, in units of the probability or the score; positive where the picture speaks for the
        class. All classes cost as much as one.

    Raises:
        ValueError: for a window that does not fit, a stride that leaves gaps, a fill that is no picture.
        TypeError: for the score of a model that gives probabilities only.

    Source: Zeiler and Fergus, Visualizing and understanding convolutional networks, ECCV 2014, section 4.2.
    """
    size = images.shape[1:3]
    window, stride = _checked(window, stride, size)
    hidden = replacement(fill, images, classifier.value_range)
    changed = (images != hidden).any(axis=-1)
    plans = [_distinct(pixels, window, stride) for pixels in changed]
    n_pictures = sum(len(rectangles) for rectangles, _ in plans)
    pictures = bar(_covered(images, hidden, plans), n_pictures, "occlusion", progress)
    stream = answers(question(classifier, of), pictures, batch_size)
    values = []
    for (rectangles, which), weights in zip(plans, targets, strict=True):
        distinct = [weights @ answer for answer in islice(stream, len(rectangles))]
        values.append(np.stack(distinct, axis=-1)[:, which])
    values = np.stack(values)
    value, covered = values[..., :1], values[..., 1:]
    if of == "probability" and classifier.settings["outputs"] != "value":
        _warn_of_saturated(value, covered, changed)
    drops = (value - covered).reshape(*targets.shape[:2], *_counts(size, window, stride))
    maps = _mean_over_windows(drops, window, stride, size)
    return maps, lambda: {"drops": drops, "value": value[..., 0]}


def _distinct(changed, window, stride):
    """The distinct pictures that covering makes of an image whose pixels (H, W) are `changed` by it.

    They are given as rectangles (top, bottom, left, right) to be covered, one a picture; and which of them
    shows the image as it is, followed by which shows each window.
    """
    nothing = [[0, 0, 0, 0]]
    rectangles = np.vstack([nothing, _rectangles(changed, window, stride)])
    rectangles, which = np.unique(rectangles, axis=0, return_inverse=True)
    return rectangles, which.ravel()


def _rectangles(changed, window, stride):
    """For each window the smallest rectangle around the pixels that it changes; zeros where there are none.

    On a digit most windows lie on black, and covering black with black changes nothing. Two windows change
    the same pixels just where their rectangles are the same, since that rectangle lies in both.
    """
    rows, columns = _counts(changed.shape, window, stride)
    # The last windows reach over the border, where there is nothing to change.
    padded = np.pad(changed, [(0, side) for side in window])
    views = sliding_window_view(padded, window)[:: stride[0], :: stride[1]][:rows, :columns]
    down = stride[0] * np.arange(rows)[:, None]
    across = stride[1] * np.arange(columns)
    top, bottom = _extent(views.any(axis=3)) + down
    left, right = _extent(views.any(axis=2)) + across
    rectangles = np.stack([top, bottom, left, right], axis=-1)
    rectangles[~views.any(axis=(2, 3))] = 0
    return rectangles.reshape(-1, 4)


def _extent(hit):
    """The first place that is true along the last axis, and the one after the last."""
    first = hit.argmax(axis=-1)
    end = hit.shape[-1] - hit[..., ::-1].argmax(axis=-1)
    return np.stack([first, end])


def _covered(images, hidden, plans):
    """The distinct pictures of all images, one after the other, so that a pass can hold those of several."""
    for image, other, (rectangles, _) in zip(images, hidden, plans, strict=True):
        for top, bottom, left, right in rectangles:
            picture = image.copy()
            picture[top:bottom, left:right] = other[top:bottom, left:right]
            yield picture


def _warn_of_saturated(value, covered, changed):
    """A warning where a probability of 0 or 1 stays whatever is covered, though that changes the image."""
    sure = (abs(value) > SURE) | (abs(value) < 1 - SURE)
    stays = abs(covered - value).max(axis=-1, keepdims=True) <= 1e-6 * abs(value)
    is_saturated = sure & stays & changed.any(axis=(1, 2))[:, None, None]
    if is_saturated.any():
        warnings.warn(SATURATED.format(value[is_saturated][0]), stacklevel=4)


def _mean_over_windows(drops, window, stride, size):
    total = np.zeros((*drops.shape[:2], *size))
    windows = np.zeros(size)
    for row, column in np.ndindex(drops.shape[2:]):
        top, left = row * stride[0], column * stride[1]
        rows, columns = slice(top, top + window[0]), slice(left, left + window[1])
        total[..., rows, columns] += drops[..., row, column, None, None]
        windows[rows, columns] += 1
    return total / windows


def _counts(size, window, stride):
    """How many windows there are down and across."""
    steps = np.ceil(np.subtract(size, window) / stride)
    return steps.astype(int) + 1


def _checked(window, stride, size):
    pairs = whole_pair(window), whole_pair(window if stride is None else stride)
    if None in pairs:
        given = f"window={window!r} and stride={stride!r}"
        raise ValueError(f"{given}; want whole numbers of pixels from 1, or pairs (height, width) of them.")
    window, stride = pairs
    if np.greater(window, size).any():
        raise ValueError(f"A window of {window} on an image of {size}; want a smaller one.")
    if np.greater(stride, window).any():
        raise ValueError(f"A stride of {stride} leaves gaps between windows of {window}; want at most these.")
    return window, stride
