"""Figures in the hints of lesson 01: what one should see."""

import numpy as np
from scipy.special import expit

import xaiteach as xt
from xaiteach.figures.draw import COLOURS, AltFigure
from xaiteach_course.check.lesson_01.truth import one_epoch


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
