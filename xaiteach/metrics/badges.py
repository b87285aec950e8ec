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
    tests = {"same twice": stability, "weights redrawn": sanity}
    tests = {
        name: np.asarray(getattr(test, "value", test)) for name, test in tests.items() if test is not None
    }
    if not tests:
        raise ValueError("No test is given; want stability=, sanity=, or both.")
    rows = zip(*map(np.atleast_1d, tests.values()), strict=True)
    words = ["; ".join(map(_words, tests, row)) for row in rows]
    single = next(iter(tests.values())).ndim == 0
    return words[0] if single else words


def _words(name, value):
    rounded = round(float(value), 2) + 0.0  # no minus before a zero
    return f"{name} {rounded:.2f}".replace("-", "−")
