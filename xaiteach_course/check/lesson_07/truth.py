"""What is right and wrong in the exercises of lesson 07, on data drawn by a seed, and the figures one should see."""

import numpy as np

import xaiteach as xt
from xaiteach.figures.draw import AltFigure
from xaiteach_course.check.numpy_models import PaperCNN, PaperNetwork

SHAPE = 6, 5, 3


def network_and_ends(seed):
    """The gradient of a score on paper, as a function of points, a bright image, and a dark baseline.

    Each of the 40 units opens or closes somewhere between the two, so that it matters where the gradients are taken.
    """
    network, draw = PaperNetwork(SHAPE, units=40, seed=seed), np.random.default_rng([7, seed]).uniform
    image, baseline = draw(0.5, 1, SHAPE), draw(0, 0.4, SHAPE)
    corners = baseline.ravel() + draw(size=(40, 1)) * (image - baseline).ravel()
    network.b, network.value_range = -(corners * network.W.T).sum(axis=1), None
    return lambda points: network.gradient(points, 1), image, baseline


def slope(gradient, start, end, alphas):
    """The mean gradient (H, W, C) at these places of the way."""
    return gradient(start + np.reshape(alphas, (-1, 1, 1, 1)) * (end - start)).mean(axis=0)


def middle(steps):
    return (np.arange(steps) + 0.5) / steps, np.full(steps, 1 / steps)


def left(steps):
    return np.arange(steps) / steps, np.full(steps, 1 / steps)


def trapezoid(steps):
    """Points and weights; one step takes both ends of the way."""
    n = max(2, steps)
    weights = np.full(n, 1 / (n - 1))
    weights[[0, -1]] /= 2
    return np.linspace(0, 1, n), weights


def short_weights(steps):
    """The trapezoid with weights that add up to (n − 1)/n."""
    alphas, weights = trapezoid(steps)
    return alphas, weights * (len(alphas) - 1) / len(alphas)


def summed(steps):
    return middle(steps)[0], np.ones(steps)


def explainer(rule=middle, share=lambda image, way, slope: way * slope):
    """Integrated gradients by a rule, with what a pixel's share is made of."""

    def explain(gradient, image, baseline, steps):
        way = image - baseline
        slope = sum(
            weight * gradient(baseline + alpha * way) for alpha, weight in zip(*rule(steps), strict=True)
        )
        return share(image, way, slope).sum(axis=-1)

    return explain


def mirrored(image, way, slope):
    return (way * slope)[::-1, ::-1]


def normalised(seed):
    """A network that wants (picture − mean) / deviation: its gradient, picture, mean, deviation, and the right map."""
    of_picture, picture, _ = network_and_ends(seed)
    draw = np.random.default_rng([77, seed]).uniform
    mean, deviation = draw(0.3, 0.6, 3), draw(0.2, 0.5, 3)

    def gradient(points):
        return deviation * of_picture(points * deviation + mean)

    wanted = (picture * slope(of_picture, 0 * picture, picture, middle(4000)[0])).sum(axis=-1)
    return gradient, picture, mean, deviation, wanted


def figure_of_a_map():
    digits = xt.load_mnist()
    four = digits.x_test[digits.y_test == 4][0]
    along = slope(lambda points: PaperCNN().gradient(points, 4), 0 * four, four, middle(50)[0])
    return xt.show(four, (four * along)[..., 0], titles="from black, 50 steps", style="heatmap")


def figure_of_sums():
    figure, counts = AltFigure(figsize=(4, 2.6), layout="constrained"), np.array([4, 8, 16, 32, 64, 128])
    axes = figure.subplots()
    axes.semilogx(counts, [10.1, 7, 11.5, 10.3, 9.9, 10], "ko-")
    axes.axhspan(9.5, 10.5, color="0.8")
    axes.set(title="4 steps are luck, 32 are enough", xlabel="steps", ylabel="sum of the map")
    axes.set(xticks=counts, xticklabels=counts)
    axes.minorticks_off()
    figure.alt = (
        "Sums against steps: the first lies in a grey band, two lie outside, from 32 steps on all lie inside."
    )
    return figure


def figure_of_rules():
    """Two pixels of a linear model: weights 1 and −1, the image 2 and 0, the baseline 1 and 0."""
    suspects = {"right": (1, 0), "without\nthe way": (1, -1), "times\nthe image": (2, 0)}
    return xt.show(None, {name: np.array([pair], float) for name, pair in suspects.items()}, style="heatmap")
