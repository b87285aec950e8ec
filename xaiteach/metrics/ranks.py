"""In which order a map names the pixels, or blocks of them, and how far two orders agree."""

import numpy as np


def ranks(maps, block=1, seed=0):
    """For each pixel the place of its block when blocks are sorted by their mean, highest first.

    Args:
        maps: (N, H, W).
        block: side of the square blocks in pixels, from the top left; those at the border may be smaller.
        seed: of the order among equals. In their natural order the pixels of a map that says nothing would go
            row by row, and that is better than chance on a picture with something in its middle.

    Returns:
        (N, H, W) whole numbers from 0, and how many blocks there are.
    """
    labels = _blocks(maps.shape[1:], block)
    count = labels.max() + 1
    means = _sums(maps, labels) / np.bincount(labels.ravel())
    among_equals = np.random.default_rng(seed).permutation(count)
    order = np.stack([np.lexsort((among_equals, -row)) for row in means])
    places = np.argsort(order, axis=1)
    return places[:, labels], count


def block_sums(maps, block):
    """The sum of a map in each of its blocks, (N, blocks), row by row."""
    return _sums(maps, _blocks(maps.shape[1:], block))


def correlation(first, second):
    """Pearson's, of each row of arrays (N, …); 0 where either does not vary."""
    return (_directions(first) * _directions(second)).sum(axis=1)


def _directions(arrays):
    """Each of N arrays as a row, less its mean, with length 1; zeros where it varies only by rounding."""
    rows = np.asarray(arrays, float).reshape(len(arrays), -1)
    centred = rows - rows.mean(axis=1, keepdims=True)
    size, length = (np.linalg.norm(each, axis=1, keepdims=True) for each in (rows, centred))
    return np.divide(centred, length, out=np.zeros_like(centred), where=length > 1e-12 * size)


def _blocks(size, block):
    """The number of its block for each pixel, (H, W), row by row."""
    if block < 1:
        raise ValueError(f"block={block}; want the side of a block in pixels, at least 1.")
    rows, columns = (np.arange(side) // block for side in size)
    return rows[:, None] * (columns[-1] + 1) + columns


def _sums(maps, labels):
    return np.stack([np.bincount(labels.ravel(), values.ravel()) for values in maps])


def step_counts(count, steps):
    """How many blocks are taken after each step, from none to all, (steps + 1,); None: one block a step."""
    if steps is None:
        return np.arange(count + 1)
    if steps < 1:
        raise ValueError(f"steps={steps}; want at least 1, or None for one pixel a step.")
    return np.unique(np.linspace(0, count, min(steps, count) + 1).round().astype(int))
