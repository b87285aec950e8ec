"""Where in the picture a layer's numbers are from: found by trying, whatever the layer is called.

Three pictures tell: noise, the same with its upper quarter black, and the same with its left quarter black
(of what the model sees of it).
What changes is near the top along the axis of rows, and on the left along that of columns; along the axis of
features it is anywhere. Tokens (T, F) are tried as rows and columns in the shape of the picture, without up
to eight in front that stand for no place (class, distillation, registers).
"""

from itertools import permutations
from math import ceil, floor, sqrt
from typing import NamedTuple

import numpy as np

from xaiteach.classifier.geometry import WHOLE

MOST_ASIDE = 8
STRETCH = 1.5  # the sides of a grid are to each other as those of the picture, up to this factor
CLEAR = 0.05  # contrast of tokens that are a grid; of others it is near 0
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


def probes(shape, value_range, rows=WHOLE, columns=WHOLE):
    """The three pictures (3, H, W, C), for a model that gets these rows and columns (see `Frame`)."""
    low, high = value_range or (0, 1)
    noise = np.random.default_rng(0).uniform(low, high, (3, *shape)).astype(np.float32)
    noise[1:] = noise[0]
    noise[1, _first_quarter(rows, shape[0])] = low
    noise[2, :, _first_quarter(columns, shape[1])] = low
    return noise


def _first_quarter(ends, length):
    start, end = np.clip(ends or WHOLE, 0, 1)
    first, last = sorted(length * np.array([start, start + (end - start) / 4]))
    return slice(floor(first), ceil(last))


def find_grid(moved, sides, usual):
    """The `Grid` of an output, or None.

    Args:
        moved: for each axis of the output how much changes along it, (2, length): by the black top, and by
            the black left. The axis of the batch has None.
        sides: (H, W) of what the model gets.
        usual: the order of the axes in the framework where nothing tells, as channels first.
    """
    batch = next(axis for axis, each in enumerate(moved) if each is None)
    others = [axis for axis in range(len(moved)) if axis != batch]
    if len(others) == 3:
        return _of_maps(moved, batch, others, sides, usual)
    return _of_tokens(moved, batch, others, sides) if len(others) == 2 else None


def _of_maps(moved, batch, others, sides, usual):
    def likely(order):
        _, rows, columns, _ = order
        size = len(moved[rows][0]), len(moved[columns][0])
        return _contrast(moved[rows], moved[columns]) + (0 if _in_shape(size, sides) else -1)

    orders = [(batch, *each) for each in permutations(others)]
    best = max(orders, key=likely)
    order = best if likely(best) > likely(usual) + CLEARER else usual
    return Grid(order, tuple(len(moved[axis][0]) for axis in order[1:3]))


def _of_tokens(moved, batch, others, sides):
    found = []
    for tokens, features in permutations(others):
        count = len(moved[tokens][0])
        for aside in range(min(count, MOST_ASIDE + 1)):
            for size in _sizes(count - aside, sides):
                grid = Grid((batch, tokens, features), size, aside)
                changes = moved[tokens][:, grid.tokens()].reshape(2, *size)
                found.append((_contrast(changes.sum(axis=2), changes.sum(axis=1)), -aside, grid))
    clear = [each for each in found if each[0] > CLEAR]
    return max(clear)[2] if clear else None


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


def _sizes(count, sides):
    """Every (h, w) of so many tokens in the shape of the picture."""
    ratio = sides[0] / sides[1]
    heights = range(max(1, ceil(sqrt(count * ratio / STRETCH))), floor(sqrt(count * ratio * STRETCH)) + 1)
    return [(height, count // height) for height in heights if count % height == 0 and count > 1]


def _in_shape(size, sides):
    stretch = size[0] * sides[1] / (size[1] * sides[0])
    return 1 / STRETCH**2 <= stretch <= STRETCH**2
