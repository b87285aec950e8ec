"""In which order a map names the pixels, or blocks of them, and how far two orders agree."""

import numpy as np


def ranks(maps, block=1, seed=0):
    """For each pixel the place of its block when blocks are sorted by their mean, highest first.

    Of maps (N, H, W): whole numbers (N, H, W) from 0, and how many blocks there are. `block` is the side of
    the squares in pixels, from the top left; those at the border may be smaller.
    """
    labels = _blocks(maps.shape[1:], block)
    count = labels.max() + 1
    means = block_sums(maps, block) / np.bincount(labels.ravel())
    # In their natural order the pixels of a map that says nothing would go row by row, and that is better
    # than chance on a picture with something in its middle.
    among_equals = np.random.default_rng(seed).permutation(count)
    order = np.stack([np.lexsort((among_equals, -row)) for row in means])
    return np.argsort(order, axis=1)[:, labels], count


def block_sums(maps, block):
    """The sum of a map in each of its blocks, (N, blocks), row by row."""
    labels = _blocks(maps.shape[1:], block).ravel()
    return np.stack([np.bincount(labels, values.ravel()) for values in maps])


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
