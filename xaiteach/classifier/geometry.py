"""Which part of the picture a model gets to see: what its preprocessing cuts off, adds or mirrors."""

from typing import NamedTuple

import numpy as np


class Frame(NamedTuple):
    """What the model gets, beside the picture.

    Attributes:
        sides: its height and width in pixels.
        rows: where it begins and ends in the picture, as shares of its height; (0, 1) for all of it, the
            first larger than the second where it is mirrored.
        columns: the same of the width.
    """

    sides: tuple
    rows: tuple = (0.0, 1.0)
    columns: tuple = (0.0, 1.0)


def frame_of(preprocess, shape, value_range):
    """The `Frame` of pictures of a shape (H, W, C), by what `preprocess` makes of pictures of coordinates.

    A ValueError where rows do not stay rows.
    """
    low, high = value_range or (0, 1)
    height, width, _ = shape
    down = (np.arange(height) + 0.5)[:, None, None] / height
    across = (np.arange(width) + 0.5)[:, None] / width
    pictures = np.stack([np.broadcast_to(values, shape) for values in (0, 1, down, across)])
    seen = preprocess((low + (high - low) * pictures).astype(np.float32))
    black, white, down, across = seen.transpose(0, 3, 1, 2).astype(float)
    channel = np.abs(white - black).sum(axis=(1, 2)).argmax()
    spread = (white - black)[channel]
    inside = np.abs(spread) > 1e-3 * np.abs(spread).max()
    rows = _places(down[channel] - black[channel], spread, inside)
    columns = _places((across[channel] - black[channel]).T, spread.T, inside.T)
    return Frame(spread.shape, _ends(rows), _ends(columns))


def _places(values, spread, inside):
    """Where in the picture each row is from, as a share of its height; NaN for what was added."""
    shares = np.divide(values, spread, out=np.full(spread.shape, np.nan), where=inside)
    found = [np.nanmedian(row) if some.any() else np.nan for row, some in zip(shares, inside, strict=True)]
    found = np.array(found)
    if np.nanmax(np.abs(shares - found[:, None])) > 0.1:
        raise ValueError(
            "preprocess= turns the picture or bends it, so that a layer's map can't be put back in place. "
            "Do that to the picture before, and leave it out of preprocess=; or say resize=False."
        )
    return found


def _ends(places):
    """Where the first row begins and the last one ends; (0, 1) up to the height of a row."""
    known = np.flatnonzero(np.isfinite(places))
    first, last = known[0], known[-1]
    if first == last:
        return (0.0, 1.0)
    start = places[first] - (first + 0.5) * (places[first + 1] - places[first])
    end = places[last] + (len(places) - last - 0.5) * (places[last] - places[last - 1])
    return (0.0, 1.0) if max(abs(start), abs(end - 1)) < 1 / len(places) else (start, end)
