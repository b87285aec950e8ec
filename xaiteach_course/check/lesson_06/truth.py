"""What is right in the exercises of lesson 06, on data drawn by a seed, and the figures that one should see."""

from itertools import permutations

import numpy as np

import xaiteach as xt
from xaiteach.figures.draw import AltFigure
from xaiteach_course.check.numpy_models import PaperCNN, PaperNetwork

SHAPE = 6, 5, 3
UNSHARED = [
    (
        "This is what is lost without each one, as occlusion asks. Let them come in, in all six orders.",
        [0, 0, 12],
    ),
    ("Equal parts. But does the crossbar add something as often as the left arm?", [4, 4, 4]),
    ("These are the means over groups. The mean goes over the six orders.", [3, 3, 9]),
    ("These are sums over the six orders: divide by 6.", [12, 12, 48]),
    (
        "This says how often each one adds something. Each time it adds 12 points: multiply.",
        [1 / 6, 1 / 6, 4 / 6],
    ),
    (
        "This counts the orders. Each time 12 points are added; then take the mean over the six orders.",
        [1, 1, 4],
    ),
    ("The crossbar is in the wrong place. The order is left arm, right arm, crossbar.", [8, 2, 2]),
    ("The crossbar is in the wrong place. The order is left arm, right arm, crossbar.", [2, 8, 2]),
]


def network_and_image(seed):
    """The gradient of a score on paper, as a function of any points, and an image."""
    network = PaperNetwork(SHAPE, units=40, seed=seed)
    network.value_range = None
    return lambda points: network.gradient(points, 1), np.random.default_rng([6, seed]).uniform(size=SHAPE)


def starts_and_alphas(n, seed):
    draw = np.random.default_rng([66, seed]).uniform
    return draw(size=(n, *SHAPE)), draw(size=n)


def curved(seed):
    """The gradient of (u·x)·(mean of x)⁴, a bright image, and a background, dark and bright in turn."""
    random = np.random.default_rng([666, seed])
    u, image, m = random.normal(size=SHAPE), random.uniform(0.8, 1, SHAPE), random.integers(6, 9)
    background = np.resize([0, 0.9], m)[:, None, None, None] + random.uniform(0, 0.1, (m, *SHAPE))

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
    """Values (n, 4, 5) of n draws, their pixels not independent. Their sums have this spread, and 1.3 of it as mean."""
    random = np.random.default_rng([6666, seed])
    values, level = (
        random.normal(size=(n, 1, 1)) + 3.2 * random.normal(size=(n, 4, 5)),
        random.uniform(size=(4, 5)),
    )
    values -= values.mean(axis=0)
    return values * spread / values.sum(axis=(1, 2)).std() + level * 1.3 * spread / level.sum()


def wrong_plans(got, wanted, values, errors):
    """How many draws each mistake says; the first two are seen in the numbers themselves, (errors,)."""
    sums = values.sum(axis=(1, 2))
    return {
        "The same number for each error: the wanted error is not used.": got[1],
        "Here twice the draws halve the error. It falls like 1/√n: four times the draws do. Square it.": got[
            1
        ]
        * errors[1]
        / errors,
        "The mean is not taken away. The spread is how far the sums lie from their mean: std() or var().": (
            (sums**2).mean() / errors**2
        ),
        "The variances of the pixels are added up. But the pixels of one draw go up and down together. Add up each "
        "draw first, then see how far the sums scatter.": values.var(axis=0).sum() / errors**2,
        "This is the spread of single values. Add up the pixels of each draw first.": values.var()
        / errors**2,
        "This says how many times as many draws, not how many. Multiply by the draws you have.": wanted
        / len(values),
        "This is the right number times the draws you have. The number of draws is no part of it.": wanted
        * len(values),
    }


def image_and_background(seed):
    """An image and a background (4, H, W, C) that is like it in some pixels, and nearly so in others."""
    random = np.random.default_rng([4, seed])
    first, last, channels, mean, black, cancel = random.permutation(SHAPE[0])  # rows
    image = random.choice([0, 0.5, 1], size=SHAPE)
    image[black] = 0
    background = np.stack([image] * 4)
    background[1:, first, 1:], background[:-1, last, 1:] = (
        0.3,
        0.7,
    )  # like the image in the first only, in the last only
    background[0, first, 0], background[-1, last, 0] = 0.3, 0.7  # in all but the first, but the last
    background[:, channels, 1:, 1], background[:, black, :3, 0] = 0.2, 0.8  # in two of three channels
    background[:, channels, 0, 2] = 0.2
    background[:, mean] += np.array([-0.25, 0.25, -0.125, 0.125])[
        :, None, None
    ]  # in the mean of the pictures
    background[:, cancel, :3] += [0.25, -0.25, 0]  # in the sum of the channels
    background[:, black, 3] += 0.00005
    return image, background


def figure_of_orders():
    """Six rows, the orders; three columns, the players. The last stroke that a 4 needs gets all."""
    adds = [
        [12.0 * (p == (order[1] if order[0] == 2 else 2)) for p in range(3)]
        for order in permutations(range(3))
    ]
    title = "a row an order; columns:\nleft arm, right arm, crossbar"
    return xt.show(None, np.array(adds), titles=title, style="heatmap")


def figure_of_a_map():
    digits = xt.load_mnist()
    four, random = digits.x_test[digits.y_test == 4][0], np.random.RandomState(0)
    starts = digits.x_train[random.choice(50, 100)]
    gradients = PaperCNN().gradient(points_on(starts, random.uniform(size=100), four), 4)
    return xt.show(four, over((four - starts) * gradients), titles="expected gradients, 100 draws")


def figure_of_draws():
    figure, n = AltFigure(figsize=(4, 2.6), layout="constrained"), np.array([50, 100, 200, 400, 800, 1600])
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
