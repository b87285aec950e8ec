"""Which part of the picture a model gets to see: what is cut off, added or mirrored on the way to it."""

from typing import NamedTuple

import numpy as np

WHOLE = (0.0, 1.0)
BITS = 5  # that tell a row, or up to 32 rows apart
SQUARES = 8  # along each side of the pictures that tell
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
    """The `Frame` of pictures of a shape (H, W, C), by what becomes of stripes that tell each row and column.

    `seen` gives what preprocess= makes of pictures and, or None, what the model's first kernel gets.
    """
    low, high = value_range or (0, 1)
    colour = np.array([1, 0.6, 0.3])[np.arange(shape[2]) % 3]
    pictures = _patterns(*shape[:2])[..., None] * colour
    preprocessed, first = seen((low + (high - low) * pictures).astype(np.float32))
    frame = _frame(preprocessed, shape, 0) or Frame(preprocessed.shape[1:3], None, None)
    if first is None or first.ndim != 4 or len(first) != len(pictures):
        return frame
    inside = _frame(first, shape, PADDED)
    is_picture = first.shape[3] == preprocessed.shape[3]  # what has other channels may be none any more
    return inside if inside and (is_picture or None not in inside) else frame


def _patterns(height, width):
    """Black and white pictures (M, H, W), the second half the negatives of the first: squares, and codes.

    For each bit of a row's code, and then of a column's, the squares are turned where it is 1: so no part of
    a picture is plain, and whatever is done to its brightness as a whole, a picture and its negative tell.
    """
    down, across = (np.arange(side) * SQUARES // side for side in (height, width))
    squares = (down[:, None] + across) % 2
    rows, columns = _codes(height)[:, :, None], _codes(width)[:, None]
    patterns = np.stack([squares, *(squares ^ rows), *(squares ^ columns)])
    return np.concatenate([patterns, 1 - patterns])


def _codes(length):
    """The Gray code of each row, (BITS, length), 0 or 1: between neighbours one bit changes."""
    level = (_levels(length) * (np.arange(length) + 0.5) / length).astype(int)
    return (level ^ (level >> 1)) >> np.arange(BITS)[:, None] & 1


def _shares(code, length):
    """Where in the picture the rows are whose code (BITS, …) was seen, as shares of its height."""
    level = (code << np.arange(BITS)[:, None, None]).sum(axis=0)
    for shift in (1, 2, 4):
        level = level ^ (level >> shift)
    return (level + 0.5) / _levels(length)


def _levels(length):
    return min(length, 2**BITS)


def _frame(seen, shape, padded):
    """The `Frame` of what became of the patterns; None where nothing can be told of them."""
    differences = np.subtract(*np.split(np.asarray(seen, float), 2))
    channel = np.abs(differences).sum(axis=(0, 1, 2)).argmax()
    differences = differences[..., channel]
    clear = np.abs(differences) > 0.3 * np.abs(differences).max(axis=(1, 2), keepdims=True)
    inside = clear.all(axis=0)
    if not inside.any():
        return None
    code = (differences[1:] > 0) ^ (differences[0] > 0)
    down, across = _shares(code[:BITS], shape[0]), _shares(code[BITS:], shape[1])
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
