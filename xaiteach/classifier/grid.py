"""Where in the picture a layer's numbers are from: found by trying, whatever the layer is called.

Three pictures tell: noise, the same with its upper quarter black, and the same with its left quarter black
(of what the model sees of it). What changes is near the top along the axis of rows, and on the left along
that of columns; along the axis of features it is anywhere. Tokens (T, F) are tried as rows and columns,
without up to eight at the ends that stand for no place (class, distillation, registers). What all layers with
so many tell together counts, since attention blurs each.
"""

from collections import defaultdict
from itertools import permutations
from math import ceil, floor, log2, sqrt
from typing import NamedTuple

import numpy as np

from xaiteach.classifier.geometry import WHOLE

MOST_ASIDE = 8
STRETCH = 3  # patches are at most so many times as high as wide, or as wide as high
CLEAR = 0.3  # correlation of tokens that are a grid; of others it is near 0
CLEARER = 0.2  # contrast by which another order of axes must beat the framework's own


class Grid(NamedTuple):
    """How a layer's output becomes feature maps (N, h, w, F).

    Attributes:
        order: of its axes: batch, rows, columns, features; or batch, tokens, features.
        size: (h, w).
        aside: how many tokens stand before those of the grid.
    """

    order: tuple
    size: tuple
    aside: int = 0

    def tokens(self):
        """Which tokens belong to the grid, as a slice."""
        return slice(self.aside, self.aside + self.size[0] * self.size[1])


def probes(shape, value_range, frame):
    """The three pictures (3, H, W, C), for a model that gets such a `Frame` of them."""
    low, high = value_range or (0, 1)
    noise = np.random.default_rng(0).uniform(low, high, (3, *shape)).astype(np.float32)
    noise[1:] = noise[0]
    noise[1, _pixels(frame.rows, shape[0])] = low
    noise[2, :, _pixels(frame.columns, shape[1])] = low
    return noise


def _pixels(ends, length):
    """Those that are black: the first quarter that the model sees."""
    first, last = sorted(length * _black(ends))
    return slice(floor(first), ceil(last))


def _black(ends):
    start, end = np.clip(ends or WHOLE, 0, 1)
    return np.array([start, start + (end - start) / 4])


def find_grids(recorded, frame, usual):
    """For each output its `Grid`, or None.

    Args:
        recorded: for each output and each of its axes how much changes along it, (2, length): by the black
            top, and by the black left. The axis of the batch has None.
        frame: what the model gets, a `Frame`.
        usual: the order of the axes in the framework where nothing tells, as channels first.
    """
    totals = defaultdict(float)
    for moved in recorded:
        for axis in moved if len(moved) == 3 else ():
            if axis is not None:
                totals[axis.shape[1]] += axis / (axis.sum(axis=1, keepdims=True) + 1e-30)
    tokens = {count: _of_tokens(changes, frame) for count, changes in totals.items()}
    return [_grid_of(moved, tokens, frame, usual) for moved in recorded]


def _grid_of(moved, tokens, frame, usual):
    batch = next(axis for axis, each in enumerate(moved) if each is None)
    others = [axis for axis in range(len(moved)) if axis != batch]
    if len(others) == 3:
        return _of_maps(moved, batch, others, frame.sides, usual)
    if len(others) != 2:
        return None
    found = []
    for order in permutations(others):
        correlation, *grid = tokens[moved[order[0]].shape[1]]
        if correlation > CLEAR:
            found.append(Grid((batch, *order), *grid))
    return max(found, key=lambda grid: tokens[moved[grid.order[1]].shape[1]][0]) if found else None


def _of_maps(moved, batch, others, sides, usual):
    def likely(order):
        _, rows, columns, _ = order
        size = len(moved[rows][0]), len(moved[columns][0])
        return _contrast(moved[rows], moved[columns]) + (0 if _in_shape(size, sides) else -1)

    orders = [(batch, *each) for each in permutations(others)]
    best = max(orders, key=likely)
    order = best if likely(best) > likely(usual) + CLEARER else usual
    return Grid(order, tuple(len(moved[axis][0]) for axis in order[1:3]))


def _of_tokens(changes, frame):
    """How well so many tokens fit the black quarters, as what size of grid, and how many stand before it."""
    best = (-np.inf,)
    count = changes.shape[1]
    ratio = frame.sides[0] / frame.sides[1]
    for aside in range(min(count - 1, MOST_ASIDE) + 1):
        for height, width in _sizes(count - aside, ratio):
            # Of grids that fit nearly as well, one with square patches that leaves few tokens out.
            unlikely = 0.02 * aside + 0.1 * abs(log2(height / width / ratio))
            down = np.repeat(_expected(height, frame.rows), width)
            across = np.tile(_expected(width, frame.columns), height)
            for before in {0, aside, min(1, aside)}:
                inside = changes[:, before : before + height * width]
                fit = min(_correlation(inside[0], down), _correlation(inside[1], across))
                best = max(best, (fit - unlikely, (height, width), before))
    return best


def _expected(length, ends):
    """The share of each row, or column, that is black."""
    start, end = ends or WHOLE
    first, last = length * (_black(ends) - start) / (end - start)
    cells = np.arange(length)
    return np.clip(last - cells, 0, 1) - np.clip(first - cells, 0, 1)


def _correlation(changes, expected):
    changes, expected = changes - changes.mean(), expected - expected.mean()
    size = np.linalg.norm(changes) * np.linalg.norm(expected)
    return float(changes @ expected / size) if size > 0 else 0.0


def _contrast(rows, columns):
    """How much more changes at the top than below by the black top, and likewise on the left; the lesser."""
    return min(_to_the_front(rows[0]), _to_the_front(columns[1]))


def _to_the_front(changes):
    """From −1, all of it in the second half, to 1; 0 for a single place."""
    half = len(changes) // 2
    if half == 0:
        return 0.0
    front, back = changes[:half].sum(), changes[-half:].sum()
    return (front - back) / ((front + back) or 1)


def _sizes(count, ratio):
    """Every (h, w) of so many tokens, of patches that are not too long."""
    heights = range(max(1, ceil(sqrt(count * ratio / STRETCH))), floor(sqrt(count * ratio * STRETCH)) + 1)
    return [(height, count // height) for height in heights if count % height == 0 and count > 1]


def _in_shape(size, sides):
    stretch = size[0] * sides[1] / (size[1] * sides[0])
    return 1 / 2.25 <= stretch <= 2.25
