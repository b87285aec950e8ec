"""Data of the exercises of lesson 06, drawn by a seed, and the figures that one should see."""

import numpy as np

import xaiteach as xt
from xaiteach_course.check.numpy_models import PaperCNN

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


def over(values):
    """A map (H, W) from values (draws, H, W, C)."""
    return values.mean(axis=0).sum(axis=-1)


def draw_values(n, spread, seed):
    """Values (n, 4, 5), pixels not independent; their sums have this spread, and 1.3 of it as mean."""
    random = np.random.default_rng([6666, seed])
    values = random.normal(size=(n, 1, 1)) + 3.2 * random.normal(size=(n, 4, 5))
    values -= values.mean(axis=0)
    level = random.uniform(size=(4, 5))
    return values * spread / values.sum(axis=(1, 2)).std() + level * 1.3 * spread / level.sum()


def draw_background(seed):
    """An image and a background (4, H, W, C) that is like it in some pixels, and nearly so in others."""
    random = np.random.default_rng([4, seed])
    first, last, channels, mean, nearly, cancel = random.permutation(SHAPE[0])  # rows
    image = random.choice([0, 0.5, 1], size=SHAPE)
    background = np.stack([image] * 4)
    background[1:, first, 1:], background[0, first, 0] = 0.3, 0.3  # in the first alone, in all but the first
    background[:-1, last, 1:], background[-1, last, 0] = 0.7, 0.7
    background[:, channels, 1:, 1], background[:, channels, 0, 2] = 0.2, 0.2  # in two of three channels
    background[:, nearly, :3, 0] = 0.8
    background[:, nearly, 3] += 0.00005
    background[:, mean] += np.array([-0.25, 0.25, -0.125, 0.125])[:, None, None]
    background[:, cancel, :3] += [0.25, -0.25, 0]  # in the sum of the channels
    return image, background


def remembering(gradient):
    """This gradient as one that remembers the points it is asked about, and the list of these."""
    points = []

    def asked(some):
        points.extend(np.array(some, float).reshape(-1, *SHAPE))
        return gradient(some)

    return asked, points


def find_ways(points, image, background):
    """The picture whose way to the image a point is on, how far along it, and how far off it, (n,) each."""
    ways, gone = image - background, points[:, None] - background
    alphas = np.einsum("nmhwc,mhwc->nm", gone, ways) / (ways**2).sum(axis=(1, 2, 3))
    off = np.abs(gone - alphas[..., None, None, None] * ways).max(axis=(2, 3, 4))
    pictures = off.argmin(axis=1)
    nearest = np.arange(len(points)), pictures
    return pictures, alphas[nearest], off[nearest]


def look_at_points(look, few, many, image, background):
    """Whether these points of 20 and of 1,000 draws are draws from the ways to the image."""
    for n, points in ((20, few), (1000, many)):
        if not n <= len(points) < 2 * n:
            why = f"With n_samples = {n}, yours asks for {len(points)}. Where does `n_samples` go?"
            look.refuse("a gradient for each draw", why)
    look.that("a gradient for each draw", True)
    points = np.array(many)
    why = "All draws ask about the same point. Where is the generator made, and how often?"
    look.that("the draws differ", np.ptp(points, axis=0).max() > 1e-6, why)
    on_a_way = find_ways(points, image, background)[2].max() < 1e-4
    from_grey = find_ways(points, image, background.mean(axis=0, keepdims=True))[2].max() < 1e-4
    why = "Some points are on no way. A draw takes ONE picture and ONE alpha, for all pixels and channels."
    if from_grey:
        why = "All ways begin at the mean of the background, a grey picture. Draw a picture for each."
    look.that("each draw is on the way from a picture of the background to the image", on_a_way, why)


def look_at_draws(look, got, many, gradient, image, background):
    """Whether alphas and pictures are drawn evenly, and whether the map is that of these draws."""
    points, m = np.array(many), len(background)
    pictures, alphas, _ = find_ways(points, image, background)
    low, high = alphas.min(), alphas.max()
    even = (np.arange(len(points)) + 0.5) / len(points)
    evenly = np.abs(np.sort(alphas) - even).max() < 0.08 and low < 0.02 and high > 0.98
    why = f"Yours are from {low:.2f} to {high:.2f}. Draw alpha from 0 to 1, anew for each draw."
    look.that("alpha is spread evenly from 0 to 1", evenly, why)
    times, wanted = np.bincount(pictures, minlength=m), len(points) / m
    i = np.abs(times - wanted).argmax()
    why = f"{times[i]} draws begin at picture {i}; it should be about {wanted:.0f}. Draw from all of them."
    often = abs(times[i] - wanted) < wanted / 2
    look.that("all pictures of the background are drawn equally often", often, why)
    means = [alphas[pictures == k].mean() for k in np.unique(pictures)]
    why = "Some pictures get small alphas, others large ones. Does one random number serve for both?"
    look.that("alpha does not depend on the picture", np.ptp(means) < 0.25, why)
    slopes = gradient(points)
    from_grey = over(slopes * (image - background.mean(axis=0)))
    mistakes = {"Each gradient counts its own way, not the way from the mean picture.": from_grey}
    map_of_these = over(slopes * (image - background[pictures]))
    look.same("the map of these draws", got, map_of_these, within=0.01, mistakes=mistakes)


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
    values = (four - starts) * PaperCNN().gradient(points, 4)
    return xt.show(four, {f"{n} draws": over(values[:n]) for n in (6, 25, 100)})


def figure_of_blindness():
    image = np.tile([0, 0, 1.0, 0], (4, 1))
    other = np.tile([0, 1.0, 1, 1], (4, 1))
    panels = {"an image": image, "the background": other, "blind for": np.where(image == other, 1.0, 0)}
    return xt.show(None, panels, style="heatmap")
