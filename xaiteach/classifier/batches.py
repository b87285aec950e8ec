"""Many images through a function that takes a few at a time, and one image out of many."""

import numpy as np


def in_batches(function, size, *arrays):
    """`function` of `size` rows of the arrays at a time; what it gives, an array or a tuple of them, put together."""
    if size < 1:
        raise ValueError(f"batch_size is {size}; want at least 1.")
    parts = [function(*(a[i : i + size] for a in arrays)) for i in range(0, len(arrays[0]), size)]
    if isinstance(parts[0], tuple):
        return tuple(np.concatenate(column) for column in zip(*parts, strict=True))
    return np.concatenate(parts)


def unpack(result, single, squeeze):
    """(N, T, …) without T for a single target, and without N for a single image."""
    result = result[:, 0] if squeeze else result
    return result[0] if single else result
