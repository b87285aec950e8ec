"""What the exercises of lesson 01 are tried on, what is right, and the figures to see."""

import numpy as np
from scipy.special import expit, softmax

import xaiteach as xt
from xaiteach.figures.draw import COLOURS, AltFigure

# Scores (N, 3) of which the usual floats lose something, and the true classes.
LARGE = np.array(
    [[0, 800, 0], [5, 2000, 0], [-800, -900, -900], [800, 800, 0], [0, 20_000, 0], [0, 1e5, 99_999]]
)
LARGE_TRUTH = np.array([0, 1, 0, 0, 0, 1])


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


def draw_pairs(seed):
    """Truth and answers, (6000,) each. There is no 9 among them."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 9, 6000)
    return truth, np.where(rng.random(6000) < 0.6, truth, rng.integers(0, 7, 6000))


def draw_batch(seed):
    """Inputs (50, 7), labels (50,) of four classes, and a matrix (7, 4)."""
    rng = np.random.default_rng(seed)
    return rng.random((50, 7)), rng.integers(0, 4, 50), rng.normal(size=(7, 4))


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


def draw_origins(seed):
    """The numbers of the digits that 600 pictures come from, about 200 different ones, in no order."""
    rng = np.random.default_rng(seed)
    return rng.choice(rng.choice(9000, 200, replace=False), 600)


def figure_of_scans():
    digits = xt.load_mnist().x_test[[3, 250, 480]]
    scans = [0.9 - 0.15 * i - (0.7 - 0.1 * i) * digits[i] for i in range(3)]
    return xt.show([*scans, *digits], titles=["a scan"] * 3 + ["prepared"] * 3)


def figure_of_the_lead():
    figure = AltFigure(figsize=(5, 2.6), layout="constrained")
    axes = figure.subplots()
    lead = np.linspace(-6, 6)
    axes.plot(lead, np.logaddexp(0, -lead), ":", color="black", label="loss")
    axes.plot(lead, expit(lead), "-", color=COLOURS(0.1), label="probability")
    axes.plot(lead, expit(2 * lead), "--", color=COLOURS(0.9), label="with all scores doubled")
    axes.set_xlabel("score of the true class less that of the other")
    axes.legend(fontsize=8)
    figure.alt = "Where the true class is far behind, its probability is nearly 0, the loss a straight line."
    return figure


def figure_of_weights():
    digits = xt.load_mnist()
    w = one_epoch(digits.x_train.reshape(-1, 784), digits.y_train, np.zeros((784, 10)), 0.05, 100)
    return xt.show(None, list(w.T.reshape(10, 28, 28)), titles=[f"for {k}" for k in range(10)])


def figure_of_a_split():
    digits = xt.load_mnist().x_train[[5, 900, 1700]]
    copies = [np.roll(digit, step, axis=1) for digit in digits for step in (-2, 0, 2)]
    return xt.show(copies, titles=["test"] * 3 + ["training"] * 6)
