"""Which part of the picture a model gets to see: what is cut off, added or mirrored on the way to it."""

from typing import NamedTuple

import numpy as np

WHOLE = (0.0, 1.0)
GREYS = np.linspace(0, 1, 9)
PADDED = 5  # pixels at most that models add at the sides of a picture themselves, as convolutions do
BENT = (
    "preprocess=, or the model, turns the picture or bends it: a layer's map can't be put back in place. "
    "Do that to the picture before, and leave it out; or say resize=False."
)


class FirstInput(BaseException):  # Keras rewrites those that are Exceptions
    """What the first layer with a kernel gets; a model is stopped by it, once that is known."""


class Frame(NamedTuple):
    """What the model gets, beside the picture.

    Attributes:
        sides: its height and width in pixels.
        rows: where it begins and ends in the picture, as shares of its height; (0, 1) for all of it, the
            first larger than the second where it is mirrored; None where rows don't stay rows.
        columns: the same of the width.
    """

    sides: tuple
    rows: tuple | None = WHOLE
    columns: tuple | None = WHOLE


def frame_of(seen, shape, value_range):
    """The `Frame` of pictures of a shape (H, W, C), by what becomes of plain ones and of coordinates.

    `seen` gives what preprocess= makes of pictures and, or None, what the model's first kernel gets.
    """
    low, high = value_range or (0, 1)
    height, width, _ = shape
    down = (np.arange(height) + 0.5)[:, None, None] / height
    across = (np.arange(width) + 0.5)[:, None] / width
    pictures = np.stack([np.broadcast_to(values, shape) for values in (*GREYS, down, across)])
    preprocessed, first = seen((low + (high - low) * pictures).astype(np.float32))
    sides = preprocessed.shape[1:3]
    told = WHOLE if sides == shape[:2] else None  # by no more than the size
    frame = _frame(preprocessed, shape, 0) or Frame(sides, told, told)
    if first is None or first.ndim != 4 or len(first) != len(pictures):
        return frame
    inside = _frame(first, shape, PADDED) or frame
    is_picture = first.shape[3] == preprocessed.shape[3]  # what has other channels may be none any more
    return inside if is_picture or None not in inside else frame


def _frame(seen, shape, padded):
    """The `Frame` of what became of the pictures, None where each was brought to one brightness."""
    spread = np.abs(seen[len(GREYS) - 1] - seen[0])
    channel = spread.sum(axis=(0, 1)).argmax()
    spread, seen = spread[..., channel], seen[..., channel].astype(float)
    if not spread.max() > 1e-6:
        return None
    inside = spread > 1e-3 * spread.max()
    curve = np.median(seen[:-2, inside], axis=1)  # of brightness, whatever is done to it
    order = np.argsort(curve)
    down, across = (np.interp(each, curve[order], GREYS[order]) for each in seen[-2:])
    rows = _ends(np.where(inside, down, np.nan), shape[0], padded)
    columns = _ends(np.where(inside, across, np.nan).T, shape[1], padded)
    return Frame(seen.shape[1:3], rows, columns)


def _ends(shares, length, padded):
    """Where the first row begins and the last one ends, as shares of so many rows of the picture.

    (0, 1) up to a row, or to as many as may be padded; None where rows don't stay rows.
    """
    known = np.flatnonzero(np.isfinite(shares).any(axis=1))
    places = np.nanmedian(shares[known], axis=1)
    if np.nanmax(np.abs(shares[known] - places[:, None])) > 0.1:
        return None
    if len(known) < 2:
        return WHOLE
    # Rows in the middle tell: those at the sides may be repeated or mirrored to pad.
    quarter = len(known) // 4
    middle = slice(quarter, len(known) - quarter)
    slope, first = np.polyfit(known[middle], places[middle], 1)
    start, end = first - slope / 2, first + slope * (len(shares) - 0.5)
    row = 1 / min(length, len(shares))
    added = max(row, padded / len(shares))
    is_whole = all(-added < cut < row for cut in (start, 1 - end))
    return WHOLE if is_whole else (start, end)
