"""What is right in the exercises of lesson 08, on data drawn by a seed, and the figures to see."""

from functools import reduce

import numpy as np
from scipy.stats import rankdata

import xaiteach as xt
from xaiteach.figures.draw import AltFigure

PENCIL = np.array([4.0, 3, 2, 1]).reshape(1, 4, 1)


def tenth_of_the_sum(images):
    """The lesson's pencil model, (N, 2)."""
    share = images.sum(axis=(1, 2, 3)) / 10
    return np.stack([share, 1 - share], axis=1)


def put_in(page, image, values):
    """The page with the first 0, 1, 2, … pixels of the image, highest value first: (n + 1, H, W, C)."""
    places = np.argsort(np.argsort(-values.ravel())).reshape(values.shape)
    return np.stack([np.where((places < n)[..., None], image, page) for n in range(values.size + 1)])


def figure_of_insertion():
    pages = put_in(0 * PENCIL, PENCIL, PENCIL[..., 0])
    answers = tenth_of_the_sum(pages)[:, 0]
    return xt.show(None, list(pages[..., 0]), titles=[f"answer {value:g}" for value in answers])


def values_and_draws(seed):
    """Values of 24 digits by a method and a control, and 1,000 draws: so lopsided that no bell is near."""
    draw = np.random.default_rng(seed)
    hard = draw.uniform(1, 16, 24)
    control = hard + draw.lognormal(0, 1, 24)
    return hard + draw.exponential(0.3, 24), control, draw.integers(24, size=(1000, 24))


def interval(values):
    return np.percentile(values, [2.5, 97.5])


def figure_of_intervals():
    method, control, draws = values_and_draws(seed=0)
    figure = AltFigure(figsize=(5, 1.8), layout="constrained")
    axes = figure.subplots()
    for name, values in {"difference": method - control, "control": control, "method": method}.items():
        axes.plot(interval(values[draws].mean(axis=1)), [name, name], "o-", color="black")
    axes.axvline(0, color="black", ls=":")
    axes.set(title="95 % intervals of the mean")
    figure.alt = "Those of method and control overlap widely. That of the difference is short and below 0."
    return figure


def layers_of(seed, number):
    return list(np.random.default_rng([number, seed]).normal(size=(number, 9, 9)) / 2)


def explain(layers):
    """A map (9, 7)."""
    return reduce(np.matmul, layers)[:, :7]


def redraw(layer):
    """Another layer: no dice, so that one can say what is right. To redraw it again changes nothing."""
    return np.sort(layer, axis=0)


def from_the_last(number):
    """The layers that are redrawn at each step."""
    return [range(number - n, number) for n in range(number + 1)]


def redrawn(layers, steps):
    """The maps (len(steps), 9, 7) with the layers redrawn that each step names."""
    maps = []
    for step in steps:
        mixed = [redraw(layer) if i in step else layer for i, layer in enumerate(layers)]
        maps.append(explain(mixed))
    return np.stack(maps)


def figure_of_a_cascade():
    maps = redrawn(layers_of(seed=0, number=4), from_the_last(4))
    titles = ["as it was", *(f"{n} of 4 redrawn" for n in range(1, 5))]
    return xt.show(None, list(maps / abs(maps).max(axis=(1, 2), keepdims=True)), titles=titles)


def dice_times_picture(seed):
    """Two maps (9, 12) with nothing in common but the black page: noise × a picture that is mostly black."""
    draw = np.random.default_rng(seed)
    picture = np.where(draw.random((9, 12)) < 0.25, draw.uniform(0.5, 1, (9, 12)), 0)
    return draw.normal(size=(2, 9, 12)) * picture


def ranks_in_a_row(values):
    return np.argsort(np.argsort(values, kind="stable"), kind="stable")


def likeness(first, second, ranks=rankdata):
    return np.corrcoef(ranks(first.ravel()), ranks(second.ravel()))[0, 1]


def figure_of_dice():
    return xt.show(None, list(dice_times_picture(0)), titles=["noise × picture", "other noise × picture"])


def maps_and_tag(seed):
    """Five maps (5, 7, 6), of which one hits, misses, hits in part, is blank, is negative; a mask (7, 6)."""
    draw = np.random.default_rng(seed)
    row, column = draw.integers(1, 4, 2)
    maps, mask = draw.uniform(-1, 1, (5, 7, 6)), np.zeros((7, 6), bool)
    mask[: row + 1, : column + 1] = True
    maps[0, row, column] = maps[1, 6, 5] = 2
    maps[0, 6, 0] = 1.999  # nearly the highest, and elsewhere
    maps[2, 0, 5] = maps[2, row, column] = maps[2, 6, 0] = 2
    maps[3], maps[4] = 0, maps[4] - 3
    maps[4, row, column], maps[4, 6, 5] = -1, -5
    return maps, mask


def highest(maps):
    return maps == maps.max(axis=(1, 2), keepdims=True)


def figure_of_highest():
    maps, mask = maps_and_tag(seed=0)
    titles = ["the mask", *(f"highest, map {i}" for i in range(5))]
    return xt.show(None, [mask * 1.0, *(highest(maps) * 1.0)], titles=titles)
