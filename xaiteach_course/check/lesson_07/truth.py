"""What is right and wrong in the exercises of lesson 07, on data drawn by a seed, and the figures to see."""

import numpy as np

import xaiteach as xt
from xaiteach.figures.draw import AltFigure
from xaiteach_course.check.numpy_models import PaperNetwork


def network_and_ends(seed):
    """The gradient of a score on paper, as a function of points, a bright image, and a dark baseline.

    Each of the 40 units opens or closes somewhere between the two, so that it matters where one asks.
    """
    shape = 6, 5, 3
    network, draw = PaperNetwork(shape, units=40, seed=seed), np.random.default_rng([7, seed]).uniform
    image, baseline = draw(0.5, 1, shape), draw(0, 0.4, shape)
    corners = baseline.ravel() + draw(size=(40, 1)) * (image - baseline).ravel()
    network.b, network.value_range = -(corners * network.W.T).sum(axis=1), None
    return lambda points: network.gradient(points, 1), image, baseline


def middle(steps):
    return (np.arange(steps) + 0.5) / steps


def slope(gradient, start, end, alphas):
    """The mean gradient (H, W, C) at these places of the way."""
    return gradient(start + np.reshape(alphas, (-1, 1, 1, 1)) * (end - start)).mean(axis=0)


# What a question is the first to find, gaps as shares of the rise, the tolerance, the sign of the rise.
QUESTIONS = [
    ("a lucky hit is passed over", [0.3, 0.02, -0.4, 0.2, 0.2, -0.01, 0.02, 0], 0.05, 1),
    ("two lucky hits in a row are passed over, too", [0.02, -0.01, 0.3, -0.2, 0.01, 0], 0.05, 1),
    ("too much is as bad as too little", [2, 1, 0.5, 0.2, 0.02, 0.01], 0.05, 1),
    ("too little is as bad as too much", [-0.9, -0.8, 0.02, -0.5, -0.2, -0.02, -0.01], 0.05, 1),
    ("a sum of the other sign is not near", [1, 0.5, -2, -2, 0.01, 0.02], 0.05, 1),
    ("a negative rise has its count, too", [0.5, 0.4, -0.01, 0.02, -0.01, 0], 0.05, -1),
    ("a tolerance of 0.25", [1, 0.6, 0.3, -0.22, 0.1, 0], 0.25, 1),
    ("a tolerance of 0.01", [0.5, 0.3, 0.08, 0.04, 0.002, 0.001], 0.01, 1),
    ("the first count is enough where all sums are near", [0.02, -0.01, 0.01, 0], 0.05, 1),
    ("the last count is enough where only its sum is near", [1, 0.4, -0.2, 0.1, 0.01], 0.05, 1),
    ("0 where even the last sum is off", [0.01, 0.02, 0.01, 0.02, 0.01, 0.3], 0.05, 1),
]


def sums_that_miss(random, gaps, within, sign):
    """Counts, sums, rise and tolerance. Counts begin at 12: none is mistaken for a place in the list."""
    counts = 10 + random.integers(2, 9, len(gaps)).cumsum()
    rise = sign * random.uniform(8, 20)
    return counts, rise * (1 + np.array(gaps)), rise, within


def enough(counts, near):
    """The count from which on all are near, or 0."""
    for k in range(len(counts)):
        if near[k:].all():
            return counts[k]
    return 0


def right_and_mistaken(counts, sums, rise, within):
    """The right count, and {mistake: the count that it gives}, first those that a later question finds."""
    gaps, size = sums - rise, abs(rise)
    near = abs(gaps) <= within * size
    right = enough(counts, near)
    criteria = {
        "`within` is a share of the RISE, not of the sum.": abs(gaps) <= within * abs(sums),
        "With a negative rise every gap passes as small. Divide by abs(rise).": abs(gaps) / rise <= within,
        "With a negative rise no gap is small enough. Compare with abs(rise).": abs(gaps) <= within * rise,
        "A sum that is too small passes as near. Take the size of the gap, abs(…).": gaps <= within * size,
        "A sum that is too large passes as near. Take the size of the gap, abs(…).": -gaps <= within * size,
        "`within` is a share of the rise: 0.1 is a tenth of it.": abs(gaps) <= within,
    }
    mistaken = {"Where even the last sum is off, return 0.": right or counts[-1]}
    mistaken |= {why: enough(counts, passes) for why, passes in criteria.items()}
    return right, mistaken | {
        "A sum that is near may be luck. From which count on are ALL sums near?": counts[near.argmax()],
        "This is the place in the list. Return the count there.": enough(range(len(counts)), near),
    }


def explainer(share=lambda image, way, slopes: way * slopes.mean(0), rule=middle):
    """Integrated gradients with what a pixel's share is made of: image, way, slopes (n, H, W, C)."""

    def explain(gradient, image, baseline, steps):
        way = image - baseline
        slopes = [gradient(baseline + alpha * way) for alpha in rule(steps)]
        return share(image, way, np.array(slopes)).sum(axis=-1)

    return explain


EXACT = {
    "the midpoint rule": explainer(),
    "the rule that takes the left ends": explainer(rule=lambda n: np.arange(n) / n),
    "the trapezoid": explainer(rule=lambda n: np.repeat(np.arange(n + 1), 2)[1:-1] / n),
}
WRONG = {
    "the missing way": explainer(lambda image, way, slopes: slopes.mean(0)),
    "the image in place of the way": explainer(lambda image, way, slopes: image * slopes.mean(0)),
    "the lost sign": explainer(lambda image, way, slopes: abs(way * slopes.mean(0))),
    "the turned sign": explainer(lambda image, way, slopes: -way * slopes.mean(0)),
    "weights that add up to (n − 1)/n": explainer(
        lambda image, way, slopes: way * slopes[1:].sum(0) / len(slopes)
    ),
    "a sum in place of the mean": explainer(lambda image, way, slopes: way * slopes.sum(0)),
    "the shares in wrong places": explainer(lambda image, way, slopes: (way * slopes.mean(0))[::-1, ::-1]),
}


def normalised(seed):
    """A network that wants (picture − mean) / deviation: its gradient, the three of them, the right map."""
    of_picture, picture, _ = network_and_ends(seed)
    draw = np.random.default_rng([77, seed]).uniform
    mean, deviation = draw(0.3, 0.6, 3), draw(0.2, 0.5, 3)

    def gradient(points):
        return deviation * of_picture(points * deviation + mean)

    wanted = (picture * slope(of_picture, 0 * picture, picture, middle(4000))).sum(axis=-1)
    return gradient, picture, mean, deviation, wanted


def figure_of_a_map():
    digits = xt.load_mnist()
    four = digits.x_test[digits.y_test == 4][0]
    model = xt.wrap(xt.load_cnn(xt.framework("torch")))
    along = slope(lambda points: model.gradient(points, 4), 0 * four, four, middle(50))
    return xt.show(four, (four * along)[..., 0], titles="from black, 50 steps", style="heatmap")


def figure_of_sums():
    figure = AltFigure(figsize=(4, 2.6), layout="constrained")
    axes = figure.subplots()
    axes.plot(["4", "8", "16", "32", "64", "128"], [10.1, 7, 11.5, 10.3, 9.9, 10], "ko-")
    axes.axhspan(9.5, 10.5, color="0.8")
    axes.set(title="4 steps are luck, 32 are enough", xlabel="steps", ylabel="sum of the map")
    figure.alt = "Sums against steps: the first in a grey band, two outside, from 32 steps on all inside."
    return figure


def figure_of_rules():
    """Two pixels of a linear model: weights 1 and −1, the image 2 and 0, the baseline 1 and 0."""
    suspects = {"right": (1, 0), "without\nthe way": (1, -1), "times\nthe image": (2, 0)}
    return xt.show(None, {name: np.array([pair], float) for name, pair in suspects.items()}, style="heatmap")
