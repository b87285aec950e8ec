"""Mosaics of digits: a picture with several classes in it, and one knows where each of them is."""

from typing import NamedTuple

import numpy as np

from xaiteach.classifier.wrap import as_classifier
from xaiteach.datasets.mnist import load_mnist

SIDE = 28


class DigitGrids(NamedTuple):
    """Mosaics: images (N, g·28, g·28, 1) in [0, 1]; labels (N, g²), a class a cell, row by row; grid g."""

    images: np.ndarray
    labels: np.ndarray
    grid: int

    @property
    def masks(self):
        """Where each cell is: (g², g·28, g·28) True and False."""
        cells = np.arange(self.grid**2).reshape(self.grid, self.grid)
        return np.kron(cells, np.ones((SIDE, SIDE), int)) == np.arange(self.grid**2)[:, None, None]


def load_digit_grids(model=None, *, n=100, grid=2, confidence=0.99, seed=0):
    """Mosaics of unseen digits, no class twice in one.

    Args:
        model: only digits that it gets right with at least `confidence` are taken, so that a miss is the
            fault of an explanation and not of the model. A wrapped or bare one; None for all digits.
        n: how many mosaics.
        grid: 2 for 2×2 digits, 3 for 3×3.
        confidence: lowest probability of the true class, from 0 to 1.
        seed: which digits go where.

    Returns:
        `DigitGrids(images, labels, grid)`, and `.masks`, where each cell is.

    Raises:
        ValueError: for a grid that would need a class twice, or a model that is sure of too few classes.

    Source: Böhle, Fritz and Schiele, Convolutional dynamic alignment networks, CVPR 2021, section 5.2.
    """
    images, labels = _sure(model, confidence)
    per_class = [np.flatnonzero(labels == k) for k in range(10)]
    usable = [k for k, found in enumerate(per_class) if len(found)]
    if not 1 <= grid**2 <= len(usable):
        raise ValueError(
            f"A grid of {grid}×{grid} wants {grid**2} different classes; there are digits of {len(usable)} "
            "to take. Want grid=1, 2 or 3, and a model that is sure of enough digits."
        )
    random = np.random.default_rng(seed)
    classes = np.stack([random.permutation(usable)[: grid**2] for _ in range(n)])
    chosen = np.vectorize(lambda k: random.choice(per_class[k]))(classes)
    rows = images[chosen].reshape(n, grid, grid, SIDE, SIDE, 1).swapaxes(2, 3)
    return DigitGrids(rows.reshape(n, grid * SIDE, grid * SIDE, 1), classes, grid)


def _sure(model, confidence):
    """Unseen digits, and their labels, that the model gets right with this probability."""
    _, _, images, labels = load_mnist()
    if model is None:
        return images, labels
    sure = as_classifier(model).predict(images)[np.arange(len(labels)), labels] >= confidence
    return images[sure], labels[sure]
