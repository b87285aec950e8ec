"""What the exercises of lesson 01 are tried on: data drawn by a seed, and what is to be made of them."""

import numpy as np
from scipy.special import softmax

# Scores (N, 3) of which the usual floats lose something, and the true classes.
LARGE = np.array([[0, 800, 0], [-800, -900, -900], [800, 800, 0], [0, 1e5, 99_999]])
LARGE_TRUTH = np.array([0, 0, 0, 1])


def draw_scans(seed):
    """Three pictures (3, 3, 6, 8), uint8, channels first, each with its own paper, ink and spots."""
    rng = np.random.default_rng(seed)
    amount = rng.uniform(0.1, 0.9, (3, 3, 48))
    for picture in amount:
        picture[:, rng.permutation(48)[:2]] = 0, 1
    paper, ink = rng.integers(180, 250, (3, 3, 1)), rng.integers(10, 90, (3, 3, 1))
    return (paper + amount * (ink - paper)).round().astype(np.uint8).reshape(3, 3, 6, 8)


def stretched(grey, axis=(1, 2)):
    """Pictures (N, H, W) with dark ink to (N, H, W, 1), paper 0 and ink 1."""
    light, dark = grey.max(axis=axis, keepdims=True), grey.min(axis=axis, keepdims=True)
    return ((light - grey) / (light - dark))[..., None]


def one_epoch(x, y, w, rate, size, *, axis=1, keep=False):
    """An epoch of a one-matrix classifier; with the mistakes of the colleague, if asked for."""
    gradient = 0
    for start in range(0, len(x), size):
        part = x[start : start + size]
        truth = np.eye(w.shape[1])[y[start : start + size]]
        new = part.T @ (softmax(part @ w, axis) - truth) / len(part)
        gradient = new + keep * gradient
        w = w - rate * gradient
    return w
