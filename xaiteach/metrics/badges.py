"""Words below a map on how far it stood its tests."""

import numpy as np

from xaiteach.metrics.base import Measured


def badges(*, stability=None, sanity=None):
    """What tests say of each map, for `xt.show(…, badges=…)`.

    For example "same under 2 % noise 0.93; weights redrawn 0.02 (mean of 11 layers)".

    Args:
        stability: what `stability` gave, a `Measured`, or its values (N,).
        sanity: what `randomisation_check` gave; the mean over the redrawn layers is told.

    Returns:
        A list of N strings; a string for one image. Without any test it is a ValueError.
    """
    tests = {"same twice": stability, "weights redrawn": sanity}
    words = [_words(name, test) for name, test in tests.items() if test is not None]
    if not words:
        raise ValueError("No test is given; want stability=, sanity=, or both.")
    if isinstance(words[0], str):
        return "; ".join(words)
    return ["; ".join(of_a_map) for of_a_map in zip(*words, strict=True)]


def _words(name, test):
    """A test in words for each map, or for the one there is."""
    test = test if isinstance(test, Measured) else Measured(test)
    n_layers = 0 if test.curve is None else test.curve.shape[-1] - 1
    of_what = f" (mean of {n_layers} layers)" if n_layers > 1 else ""
    words = [f"{test.asked or name} {_rounded(value)}{of_what}" for value in np.ravel(test.mean)]
    return words if np.ndim(test.mean) else words[0]


def _rounded(value):
    """With two decimals, a real minus sign, and none before a zero."""
    return f"{round(float(value), 2) + 0.0:.2f}".replace("-", "−")
