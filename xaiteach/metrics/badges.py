"""Words below a map on how far it stood its tests."""

import numpy as np


def badges(*, stability=None, sanity=None):
    """What tests say of each map, for `xt.show(…, badges=…)`: "same twice 0.93; weights redrawn 0.02".

    Args:
        stability: what `stability` gave, a `Measured`, or its values (N,).
        sanity: what `randomisation_check` gave.

    Returns:
        A list of N strings; a string for one image. Without any test it is a ValueError.
    """
    tests = {"same twice": stability, "weights redrawn": sanity}
    values = {name: getattr(test, "value", test) for name, test in tests.items() if test is not None}
    if not values:
        raise ValueError("No test is given; want stability=, sanity=, or both.")
    rows = np.stack(list(values.values()), axis=-1)
    words = ["; ".join(map(_words, values, row)) for row in np.atleast_2d(rows)]
    return words[0] if rows.ndim == 1 else words


def _words(name, value):
    rounded = round(float(value), 2) + 0.0  # no minus before a zero
    return f"{name} {rounded:.2f}".replace("-", "−")
