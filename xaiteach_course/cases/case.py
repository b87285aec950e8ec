"""A model with its data, and a flaw that nobody tells."""

from functools import cache
from itertools import chain
from typing import NamedTuple

import numpy as np

from xaiteach.classifier import Classifier, wrap
from xaiteach.datasets import load_mnist
from xaiteach.models import train
from xaiteach_course.cases.flaws import as_field, as_source, draw_flaw
from xaiteach_course.cases.network import build_network

SIZES = {"train": 3400, "test": 500, "field": 600, "kept": 500}
EPOCHS = 6


class Case(NamedTuple):
    """A model that somebody has trained, and pictures. What is wrong, if anything, is not said.

    Attributes:
        seed: its number.
        model: a wrapped classifier of pictures (N, 28, 28, 3), in 10 classes.
        x_train, y_train: 3,400 pictures and labels that it was trained on.
        x_test, y_test: 500 others from the same source.
        x_field, y_field: 600 from the place where it is used; each of these labels was checked.
        x_kept, y_kept: 500 more from there, kept back: an intervention is tried on them by `xt.check.report`.
    """

    seed: int
    model: Classifier
    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray
    x_field: np.ndarray
    y_field: np.ndarray
    x_kept: np.ndarray
    y_kept: np.ndarray

    def __repr__(self):
        sizes = ", ".join(f"{name} {len(getattr(self, 'x_' + name))}" for name in ("train", "test", "field"))
        return f"Case {self.seed}: a model of 10 classes, and pictures of 28×28×3: {sizes}"

    def reveal(self):
        """The flaw, as a `Flaw`. Write your report first."""
        return draw_flaw(self.seed)


def load_case(seed, framework="keras"):
    """A model with a flaw to find: digits in colours, and a small network that is trained on them now.

    Args:
        seed: a whole number from 0 on: which case. The same seed gives the same case on one machine.
        framework: "keras" or "torch".

    Returns:
        A `Case`.

    Raises:
        ValueError: for a seed that is no whole number, or below 0.
    """
    is_whole = isinstance(seed, (int, np.integer)) and not isinstance(seed, bool)
    if not is_whole or seed < 0:
        raise ValueError(f"seed={seed!r}; want a whole number from 0 on, the number of the case.")
    parts, model = pictures_of(seed), build_network(framework, seed)
    train(model, *parts["train"], epochs=EPOCHS, seed=seed, progress=False)
    return Case(int(seed), wrap(model), *chain(*parts.values()))


def pictures_of(seed):
    """The pictures and labels of a case: {"train": (images, labels), "test": …, "field": …, "kept": …}."""
    digits, labels = _digits()
    flaw, random = draw_flaw(seed), np.random.default_rng(seed)
    parts = np.split(random.permutation(len(digits)), np.cumsum(list(SIZES.values()))[:-1])
    made = {"train": as_source, "test": as_source, "field": as_field, "kept": as_field}
    cut = dict(zip(SIZES, parts, strict=True))
    return {name: made[name](flaw, digits[part], labels[part], random) for name, part in cut.items()}


@cache
def _digits():
    mnist = load_mnist()
    return np.concatenate([mnist.x_train, mnist.x_test]), np.concatenate([mnist.y_train, mnist.y_test])
