"""What is right in the exercises of lesson 06, on data drawn by a seed, and the figures that one should see."""

from itertools import permutations

import numpy as np

import xaiteach as xt
from xaiteach.check.paper import PaperCNN, PaperNetwork
from xaiteach.plotting import Picture

SHAPE = 6, 5, 3


def network_and_image(seed):
    """The gradient of a score on paper, as a function of points, and an image."""
    network = PaperNetwork(SHAPE, units=40, seed=seed)
    return lambda points: network.gradient(points, 1), np.random.default_rng([6, seed]).uniform(size=SHAPE)


def starts_and_alphas(n, seed):
    draw = np.random.default_rng([66, seed]).uniform
    return draw(size=(n, *SHAPE)), draw(size=n)


def curved(seed):
    """The gradient of (u·x)·(mean of x)⁴, a bright image, and a background of two dark and two bright pictures."""
    random = np.random.default_rng([666, seed])
    u, image = random.normal(size=SHAPE), random.uniform(0.8, 1, SHAPE)
    background = np.array([0, 0, 0.9, 0.9])[:, None, None, None] + random.uniform(0, 0.1, (4, *SHAPE))

    def gradient(points):
        bright, along = (some.mean(axis=(-3, -2, -1), keepdims=True) for some in (points, u * points))
        return u * bright**4 + 4 * along * bright**3

    return gradient, image, background


def over(values):
    """A map (H, W) from values (draws, H, W, C)."""
    return values.mean(axis=0).sum(axis=-1)


def points_on(starts, alphas, image):
    return starts + alphas[:, None, None, None] * (image - starts)


def values_of_draws(n, spread, seed):
    """Values (n, 4, 5) of n draws whose sums have this standard deviation; the pixels of a draw are not independent."""
    draw = np.random.default_rng([6666, seed]).normal
    values = draw(size=(n, 1, 1)) + 3.2 * draw(size=(n, 4, 5))
    return values * spread / values.sum(axis=(1, 2)).std()


def limits(gradient, image, background):
    """What infinitely many draws come to, what they come to with a mistake, and the largest deviation of a draw."""
    alphas = (np.arange(250) + 0.5) / 250
    starts, alphas = background.repeat(len(alphas), axis=0), np.tile(alphas, len(background))
    mean = background.mean(axis=0, keepdims=True)
    ways, slopes, middle = image - starts, *(gradient(points_on(starts, a, image)) for a in (alphas, 0.5 + 0 * alphas))
    values, from_mean = ways * slopes, gradient(points_on(mean, alphas, image))
    wrong = {
        "All ways begin at one picture (the mean is one, too, a grey one). Draw a picture for each.": from_mean
        * (image - mean),
        "The gradients are multiplied by the way from the mean. Multiply each by its own.": slopes * (image - mean),
        "The gradients are taken near the middle. Draw alpha, too: one number for the whole picture.": ways * middle,
        "The way is missing: this is the mean gradient.": slopes,
    }
    return over(values), {why: over(other) for why, other in wrong.items()}, values.sum(axis=-1).std(axis=0).max()


def figure_of_orders():
    """Six rows, the orders; three columns, the players. The last stroke that a 4 needs gets all."""
    adds = [[12.0 * (p == (order[1] if order[0] == 2 else 2)) for p in range(3)] for order in permutations(range(3))]
    title = "a row an order; columns:\nleft arm, right arm, crossbar"
    return xt.show(None, np.array(adds), titles=title, style="heatmap")


def figure_of_a_map():
    digits = xt.load_mnist()
    four, random = digits.x_test[digits.y_test == 4][0], np.random.RandomState(0)
    starts = digits.x_train[random.choice(50, 100)]
    gradients = PaperCNN().gradient(points_on(starts, random.uniform(size=100), four), 4)
    return xt.show(four, over((four - starts) * gradients), titles="expected gradients, 100 draws")


def figure_of_draws():
    figure, n = Picture(figsize=(4, 2.6), layout="constrained"), np.array([50, 100, 200, 400, 800, 1600])
    axes = figure.subplots()
    axes.loglog(n, 10 / np.sqrt(n), "ko-")
    axes.set(title="four times the draws, half of the error", xlabel="draws", ylabel="standard error")
    axes.set(xticks=n, xticklabels=n, yticks=(0.25, 0.5, 1), yticklabels=(0.25, 0.5, 1))
    axes.minorticks_off()
    figure.alt = "The standard error against the draws, both on logarithmic axes: a line that falls, 1/√n."
    return figure


def figure_of_blindness():
    image = np.tile([0, 0, 1.0, 0], (4, 1))
    other = np.tile([0, 1.0, 1, 1], (4, 1))
    panels = {"an image": image, "the background": other, "blind for": np.where(image == other, 1.0, 0)}
    return xt.show(None, panels, style="heatmap")
