"""In which order a map names the pixels, or blocks of them."""

import numpy as np


def ranks(maps, block=1, seed=0):
    """For each pixel the place of its block when blocks are sorted by their mean, highest first.

    Args:
        maps: (N, H, W).
        block: side of the square blocks in pixels, from the top left; those at the border may be smaller.
        seed: of the order among equals. In their natural order the pixels of a map that says nothing would go row by
            row, and that is better than chance on a picture with something in its middle.

    Returns:
        (N, H, W) whole numbers from 0, and how many blocks there are.
    """
    if block < 1:
        raise ValueError(f"block={block}; want the side of a block in pixels, at least 1.")
    n, height, width = maps.shape
    rows, columns = np.arange(height) // block, np.arange(width) // block
    labels = rows[:, None] * (columns[-1] + 1) + columns
    count = labels.max() + 1
    sizes = np.bincount(labels.ravel(), minlength=count)
    means = np.stack([np.bincount(labels.ravel(), one.ravel(), count) / sizes for one in maps])
    among_equals = np.random.default_rng(seed).permutation(count)
    order = np.stack([np.lexsort((among_equals, -one)) for one in means])
    return np.argsort(order, axis=1)[:, labels], count


def step_counts(count, steps):
    """How many blocks are taken after each step, from none to all: (steps + 1,); None for one block a step."""
    if steps is None:
        return np.arange(count + 1)
    if steps < 1:
        raise ValueError(f"steps={steps}; want at least 1, or None for one pixel a step.")
    return np.unique(np.linspace(0, count, min(steps, count) + 1).round().astype(int))
