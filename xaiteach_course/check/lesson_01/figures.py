"""Figures in the hints of lesson 01: what one should see."""

import numpy as np

import xaiteach as xt
from xaiteach.figures.draw import COLOURS, AltFigure
from xaiteach_course.check.lesson_01.truth import one_epoch


def figure_of_scans():
    digits = xt.load_mnist().x_test[[3, 250, 480]]
    scans = [0.9 - 0.15 * i - (0.7 - 0.1 * i) * one for i, one in enumerate(digits)]
    return xt.show([*scans, *digits], titles=["a scan"] * 3 + ["prepared"] * 3)


def _curve(x, lines, x_label, alt):
    """A figure of {name: values} over x."""
    figure = AltFigure(figsize=(5, 2.6), layout="constrained")
    axes = figure.subplots()
    for (name, values), colour, style in zip(lines.items(), (0.1, 0.9), ("-", "--"), strict=True):
        axes.plot(x, values, style, color=COLOURS(colour), label=name)
    axes.set_xlabel(x_label)
    axes.legend(fontsize=8)
    figure.alt = alt
    return figure


def figure_of_the_loss():
    lead = np.linspace(-40, 5)
    lines = {"loss": np.logaddexp(0, -lead), "the lead turned round": -lead}
    alt = "The loss falls along a straight line, and bends to zero where the true class leads."
    return _curve(lead, lines, "score of the true class less that of the other", alt)


def figure_of_doubling():
    lead = np.linspace(-6, 6)
    lines = {"probability": 1 / (1 + np.exp(-lead)), "with all scores doubled": 1 / (1 + np.exp(-2 * lead))}
    return _curve(
        lead, lines, "score less that of the other class", "Two S-shaped curves; the second is steeper."
    )


def figure_of_weights():
    digits = xt.load_mnist()
    w = one_epoch(digits.x_train.reshape(-1, 784), digits.y_train, np.zeros((784, 10)), 0.05, 100)
    return xt.show(None, list(w.T.reshape(10, 28, 28)), titles=[f"for {k}" for k in range(10)])


def figure_of_a_split():
    digits = xt.load_mnist().x_train[[5, 900, 1700]]
    copies = [np.roll(one, step, axis=1) for one in digits for step in (-2, 0, 2)]
    return xt.show(copies, titles=["test"] * 3 + ["training"] * 6)
