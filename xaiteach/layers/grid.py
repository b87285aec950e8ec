"""Where in the picture a layer's numbers are from: found by trying, whatever the layer is called.

Three pictures tell: noise, the same with its upper quarter black, and the same with its left quarter black
(of what the model sees of it). What changes is near the top along the axis of rows, and on the left along
that of columns; along the axis of features it is anywhere. Tokens (T, F) are tried as rows and columns,
without up to 20 at the ends that stand for no place (class, distillation, registers). What all layers with
so many tell together counts, since attention blurs each.
"""

from collections import defaultdict
from itertools import permutations
from math import ceil, floor, log2, sqrt
from typing import NamedTuple

import numpy as np

from xaiteach.layers.frame import WHOLE

MOST_ASIDE = 20
STRETCH = 16  # patches are at most so many times as high as wide, or as wide as high
CLEAR = 0.5  # correlation of tokens that are a grid; of others it is near 0
RARE = 0.3  # contrast less for an order that stretches the picture, or turns it
TELLING = 6  # places a side from which on chance does not move a layer's changes to one end
MIRRORED = -0.5  # contrast of a layer that sees the picture mirrored, whose grid is not known
CLEARER = 0.2  # contrast by which another order of axes must beat the framework's own


class Grid(NamedTuple):
    """How a layer's output becomes feature maps (N, h, w, F).

    Attributes:
        order: of its axes without the batch: rows, columns, features; or tokens, features.
        size: (h, w).
        aside: how many tokens stand before those of the grid.
    """

    order: tuple
    size: tuple
    aside: int = 0

    @property
    def tokens(self):
        """Which tokens belong to the grid, as a slice."""
        return slice(self.aside, self.aside + self.size[0] * self.size[1])

    def maps(self, output):
        """An output or its gradient, with any axes before its own, as maps (…, h, w, F)."""
        before = output.ndim - len(self.order)
        output = np.moveaxis(output, [before + axis for axis in self.order], range(before, output.ndim))
        if len(self.order) == 3:
            return output
        return output[..., self.tokens, :].reshape(*output.shape[:before], *self.size, -1)

    def output(self, maps, like):
        """Maps (N, h, w, F) back in the form of the output; tokens set aside are those of `like`."""
        axes = [1 + axis for axis in self.order]
        if len(axes) == 2:
            tokens = np.moveaxis(like, axes, (1, 2)).copy()
            tokens[:, self.tokens] = maps.reshape(len(maps), -1, maps.shape[-1])
            maps = tokens
        return np.moveaxis(maps, range(1, maps.ndim), axes)


def probes(shape, value_range, frame):
    """The three pictures (3, H, W, C), for a model that gets such a `Frame` of them."""
    low, high = value_range or (0, 1)
    noise = np.random.default_rng(0).uniform(low, high, (3, *shape)).astype(np.float32)
    noise[1:] = noise[0]
    noise[1, _pixels(frame.rows, shape[0])] = low
    noise[2, :, _pixels(frame.columns, shape[1])] = low
    return noise


def changes_along(outputs, gradient):
    """For each axis of an output for `probes`, (3, …), how much changes along it, (4, length).

    By the black top, and by the black left; below these how much gradient comes to it, and the sum of that.
    None for what is no batch, and for a table of weights, which never changes.
    """
    if outputs is None or outputs.ndim < 2 or len(outputs) != 3:
        return None
    slopes = np.zeros_like(outputs) if gradient is None else gradient
    changes = np.stack([*abs(outputs[1:] - outputs[0]), abs(slopes).sum(axis=0), slopes[0]])
    if outputs.any() and not changes[:2].any():
        return None
    axes = range(1, changes.ndim)
    return [changes.sum(axis=tuple(other for other in axes if other != axis)) for axis in axes]


def find_grids(outputs, frame, usual):
    """For each output, by its `changes_along` each axis, its `Grid` or None.

    Args:
        frame: what the model gets, a `Frame`.
        usual: the order of the axes in the framework where nothing tells, as channels first.
    """
    totals = defaultdict(float)
    for changes in outputs:
        for key, axis in _token_axes(changes):
            totals[key] += axis[:2] / (axis[:2].sum(axis=1, keepdims=True) + 1e-30)
    tokens = {key: _of_tokens(changes, frame) for key, changes in totals.items()}
    return [_grid_of(changes, tokens, frame, usual) for changes in outputs]


def _token_axes(changes):
    """The axes of (T, F) or (F, T), each with its length and, where that is no difference, its place."""
    if len(changes) != 2:
        return []
    lengths = [axis.shape[1] for axis in changes]
    place = (0, 1) if lengths[0] == lengths[1] else (None, None)
    return list(zip(zip(lengths, place, strict=True), changes, strict=True))


def _grid_of(changes, tokens, frame, usual):
    if len(changes) == 3:
        return _of_maps(changes, frame.sides, usual)
    if len(changes) != 2:
        return None
    fits = [tokens[key] for key, _ in _token_axes(changes)]
    best = max((0, 1), key=lambda axis: fits[axis][0])
    correlation, *grid = fits[best]
    return Grid((best, 1 - best), *grid) if correlation > CLEAR else None


def _of_maps(changes, sides, usual):
    def size(order):
        return tuple(changes[axis].shape[1] for axis in order[:2])

    def likely(order):
        rows, columns, _ = order
        fronts = _to_the_front(changes[rows][0]), _to_the_front(changes[columns][1])
        # A single row, or column, tells nothing.
        contrast = max(fronts) if order == usual and 1 in size(order) else min(fronts)
        is_rare = order != usual and (columns < rows or not _in_shape(size(order), sides))
        return contrast - RARE * is_rare

    best = max(permutations(range(3)), key=likely)
    is_clear = likely(best) > max(likely(usual), 0) + CLEARER
    is_cut_out = not all(row.any() for row in changes[0][:2])
    is_mirrored = likely(usual) < MIRRORED and likely(best) < -MIRRORED
    if min(size(usual)) >= TELLING and (is_cut_out or is_mirrored):
        return None
    order = best if is_clear else usual
    is_far = not _in_shape(size(order), sides, 6) and likely(order) < CLEARER
    return None if is_far and 1 not in size(order) else Grid(order, size(order))


def _of_tokens(changes, frame):
    """How well so many tokens fit the black quarters, as what size of grid, and how many stand before it."""
    best = (-np.inf, (1, 1), 0)
    count = changes.shape[1]
    ratio = frame.sides[0] / frame.sides[1]
    for aside in range(min(count // 2, MOST_ASIDE) + 1):
        for height, width in _sizes(count - aside, ratio):
            # Of grids that fit nearly as well, one with square patches that leaves few tokens out.
            unlikely = 0.5 * aside / count
            unlikely += 0.2 if 1 in (height, width) else 0.1 * abs(log2(height / width / ratio))
            for before in range(aside + 1):
                at_both_ends = 0.02 * (before not in (0, 1, aside))
                fit = _fit(changes, (height, width), before, frame)
                best = max(best, (fit - unlikely - at_both_ends, (height, width), before))
    return best


def _fit(changes, size, before, frame):
    """How well the changes of tokens correlate with the black quarters of a grid, the worse of both."""
    inside = changes[:2, before : before + size[0] * size[1]]
    if 1 in size:  # rows alone or columns alone: all of each changes by the other quarter
        along = size.index(max(size))
        expected = _expected(max(size), (frame.rows, frame.columns)[along])
        other = inside[1 - along]
        return _correlation(inside[along], expected) - other.std() / (other.mean() + 1e-30)
    down = np.repeat(_expected(size[0], frame.rows), size[1])
    across = np.tile(_expected(size[1], frame.columns), size[0])
    return min(_correlation(inside[0], down), _correlation(inside[1], across))


def _pixels(ends, length):
    """Those that are black: the first quarter that the model sees."""
    first, last = sorted(length * _black(ends))
    return slice(floor(first), ceil(last))


def _black(ends):
    start, end = np.clip(ends or WHOLE, 0, 1)
    return np.array([start, start + (end - start) / 4])


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


def _to_the_front(changes):
    """How much more changes in the first half: from −1, none of it, to 1, all; 0 for a single place."""
    half = len(changes) // 2
    front, back = changes[:half].sum(), changes[len(changes) - half :].sum()
    return (front - back) / ((front + back) or 1)


def _sizes(count, ratio):
    """Every (h, w) of so many tokens, of patches that are not too long."""
    heights = range(max(2, ceil(sqrt(count * ratio / STRETCH))), floor(sqrt(count * ratio * STRETCH)) + 1)
    lines = [(1, count), (count, 1)] if count > 7 else []
    sizes = [(height, count // height) for height in heights if count % height == 0]
    return [(height, width) for height, width in sizes if width > 1] + lines


def _in_shape(size, sides, most=2.25):
    stretch = size[0] * sides[1] / (size[1] * sides[0])
    return 1 / most <= stretch <= most
