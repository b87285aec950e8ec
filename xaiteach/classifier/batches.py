"""Many images through a function that takes a few at a time, and one image out of many."""

from itertools import islice

import numpy as np

MOST = 32
MOST_PIXELS = 250_000


def pass_size(asked, shape):
    """How many images of a batch (N, H, W, …) go through a model at once.

    What was asked for; or 32, and fewer of more than 88×88 pixels: 4 of 224×224, so that a gradient
    of a large network needs less than 1 GB. On a processor larger batches are no faster.
    """
    if asked is None:
        pixels = shape[1] * shape[2]
        return max(1, min(MOST, MOST_PIXELS // pixels))
    if asked < 1:
        raise ValueError(f"batch_size is {asked}; want at least 1.")
    return asked


def in_groups(items, size):
    """Lists of items, lazily, each as long as `size` says of its first item."""
    items = iter(items)
    for first in items:
        yield [first, *islice(items, max(1, size(first)) - 1)]


def in_batches(function, size, *arrays):
    """`function` of some rows of the arrays at a time; its answers, arrays or tuples, put together."""
    size = pass_size(size, arrays[0].shape)
    parts = []
    for start in range(0, len(arrays[0]), size):
        rows = [array[start : start + size] for array in arrays]
        parts.append(function(*rows))
    if isinstance(parts[0], tuple):
        return tuple(map(np.concatenate, zip(*parts, strict=True)))
    return np.concatenate(parts)


def unpack(result, single, squeeze=False):
    """(N, T, …) without T for a single target, and without N for a single image."""
    result = result[:, 0] if squeeze else result
    return result[0] if single else result
