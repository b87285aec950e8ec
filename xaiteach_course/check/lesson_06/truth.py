"""Data of the exercises of lesson 06, drawn by a seed, and the figures that one should see."""

import numpy as np

import xaiteach as xt

SHAPE = 6, 5, 3


def draw_curved(seed):
    """The gradient of (u·x)·(mean of x)⁴, a bright image, and a background, dark and bright in turn."""
    random = np.random.default_rng([666, seed])
    u, image, m = random.normal(size=SHAPE), random.uniform(0.8, 1, SHAPE), random.integers(6, 9)
    background = np.resize([0, 0.9], m)[:, None, None, None] + random.uniform(0, 0.1, (m, *SHAPE))

    def gradient(points):
        bright = points.mean(axis=(-3, -2, -1), keepdims=True)
        along = (u * points).mean(axis=(-3, -2, -1), keepdims=True)
        return u * bright**4 + 4 * along * bright**3

    return gradient, image, background


def find_ways(points, image, background):
    """The picture whose way to the image a point is on, how far along it, and how far off it, (n,) each."""
    ways, gone = image - background, points[:, None] - background
    alphas = np.einsum("nmhwc,mhwc->nm", gone, ways) / (ways**2).sum(axis=(1, 2, 3))
    off = np.abs(gone - alphas[..., None, None, None] * ways).max(axis=(2, 3, 4))
    pictures = off.argmin(axis=1)
    nearest = np.arange(len(points)), pictures
    return pictures, alphas[nearest], off[nearest]


def over(values):
    """A map (H, W) from values (draws, H, W, C)."""
    return values.mean(axis=0).sum(axis=-1)


def draw_values(n, spread, seed):
    """Values (n, 4, 5), pixels not independent; their sums have this spread, and 20 as mean."""
    random = np.random.default_rng([6666, seed])
    values = random.normal(size=(n, 1, 1)) + 3.2 * random.normal(size=(n, 4, 5))
    values -= values.mean(axis=0)
    return 1 + values * spread / values.sum(axis=(1, 2)).std()


def draw_background(seed):
    """An image and a background (4, H, W, C) that is like it in many pixels."""
    random = np.random.default_rng([4, seed])
    image = random.choice([0, 0.5, 1], size=SHAPE)
    background = np.stack([image] * 4)
    first, last, channel, mean, cancel = random.permutation(SHAPE[0])[:5]  # rows
    background[1:, first], background[:-1, last] = 0.3, 0.7  # like the image in the first, or the last alone
    background[:, channel, :, 1] = 0.2  # in two of three channels
    background[:, mean] += np.array([-0.25, 0.25, -0.125, 0.125])[:, None, None]
    background[:, cancel, :3] += [0.25, -0.25, 0]  # in the sum of the channels
    return image, background


def figure_of_orders():
    """The last stroke that a 4 needs gets all: the crossbar, or where it comes first, an arm."""
    adds = np.array([[0, 0, 12.0]] * 4 + [[12, 0, 0], [0, 12, 0]])
    title = "a row an order; columns:\nleft arm, right arm, crossbar"
    return xt.show(None, adds, titles=title, style="heatmap")


def figure_of_draws():
    digits = xt.load_mnist()
    four, random = digits.x_test[digits.y_test == 4][0], np.random.RandomState(0)
    starts, alphas = digits.x_train[random.choice(50, 100)], random.uniform(size=100)
    points = starts + alphas[:, None, None, None] * (four - starts)
    model = xt.wrap(xt.load_cnn(xt.framework("torch")))
    values = (four - starts) * model.gradient(points, 4)
    return xt.show(four, {f"{n} draws": over(values[:n]) for n in (6, 25, 100)})


def figure_of_blindness():
    image = np.tile([0, 0, 1.0, 0], (4, 1))
    other = np.tile([0, 1.0, 1, 1], (4, 1))
    panels = {"an image": image, "the background": other, "blind for": np.where(image == other, 1.0, 0)}
    return xt.show(None, panels, style="heatmap")
