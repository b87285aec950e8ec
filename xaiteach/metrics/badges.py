"""Words below a map on how far it stood its tests."""

import numpy as np


def badges(*, stability=None, sanity=None):
    """What tests say of each map, for `xt.show(…, badges=…)`: "same twice 0.93; weights redrawn 0.02".

    Args:
        stability: what `stability` gave, a `Measured`, or its values (N,).
        sanity: what `randomisation_check` gave.

    Returns:
        A list of N strings; a string for one image.

    Raises:
        ValueError: without any of them.
    """
    given = {"same twice": stability, "weights redrawn": sanity}
    values = {
        name: np.asarray(getattr(found, "value", found)) for name, found in given.items() if found is not None
    }
    if not values:
        raise ValueError("No test is given; want stability=, sanity=, or both.")
    each = zip(*(np.atleast_1d(found) for found in values.values()), strict=True)
    words = ["; ".join(map(_words, values, row)) for row in each]
    return words if next(iter(values.values())).ndim else words[0]


def _words(name, value):
    return f"{name} {round(float(value), 2) + 0:.2f}".replace("-", "−")
