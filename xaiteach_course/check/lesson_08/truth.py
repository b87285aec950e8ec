"""What is right in the exercises of lesson 08, on data drawn by a seed, and the figures that one should see."""

from functools import reduce

import numpy as np

import xaiteach as xt
from xaiteach.figures.draw import AltFigure

PENCIL = np.array([4.0, 3, 2, 1]).reshape(1, 4, 1)


def tenth_of_the_sum(images):
    """The lesson's pencil model, (N, 2)."""
    share = images.sum(axis=(1, 2, 3)) / 10
    return np.stack([share, 1 - share], axis=1)


def put_in(page, image, one_map):
    """The page with the first 0, 1, 2, … pixels of the image in it, highest of the map first: (n + 1, H, W, C)."""
    places = np.argsort(np.argsort(-one_map.ravel())).reshape(one_map.shape)
    return np.stack([np.where((places < n)[..., None], image, page) for n in range(one_map.size + 1)])


def area(curve):
    """Under one curve (M,), or under each of several (M, K)."""
    return (curve[1:] + curve[:-1]).mean(axis=0) / 2


def figure_of_insertion():
    figure = AltFigure(figsize=(4, 2.6), layout="constrained")
    axes = figure.subplots()
    for style, order in (("o-", PENCIL), ("s--", -PENCIL)):
        curve = tenth_of_the_sum(put_in(0 * PENCIL, PENCIL, order[..., 0]))[:, 0]
        axes.plot(np.linspace(0, 1, 5), curve, style, label=f"area {area(curve):.3f}")
    axes.set(title="insertion with a pencil", xlabel="share of the pixels put in", ylabel="answer")
    axes.legend()
    figure.alt = (
        "The pencil's insertion curves: highest first 0, 0.4, 0.7, 0.9, 1; lowest first 0, 0.1, 0.3, 0.6, 1."
    )
    return figure


def values_and_draws(seed):
    """Measures of 24 digits by a method and by a control, (24,) each, and 1,000 draws of 24 digits (1000, 24).

    A few digits have by far the largest differences, so the draws are lopsided: no bell is near enough.
    """
    draw = np.random.default_rng(seed)
    hard = draw.uniform(1, 16, 24)
    control = hard + draw.lognormal(0, 1, 24)
    return hard + draw.exponential(0.3, 24), control, draw.integers(24, size=(1000, 24))


def draws_of_one_digit():
    """1,000 draws (1000, 24), each of the same digit 24 times."""
    return np.repeat(np.resize(np.arange(24), (1000, 1)), 24, axis=1)


def interval(values):
    return np.percentile(values, [2.5, 97.5])


def figure_of_intervals():
    method, control, draws = values_and_draws(seed=0)
    figure = AltFigure(figsize=(5, 1.8), layout="constrained")
    axes = figure.subplots()
    for row, values in enumerate((method, control, method - control)):
        axes.plot(interval(values[draws].mean(axis=1)), [row, row], "o-", color="black")
    axes.axvline(0, color="black", ls=":")
    axes.set_yticks(range(3), ["method", "control", "method − control"])
    axes.set(title="95 % intervals of the mean", ylim=(2.5, -0.5))
    figure.alt = "The intervals of method and control overlap widely. That of their difference is short and below zero."
    return figure


def layers_of(seed, number):
    return list(np.random.default_rng([number, seed]).normal(size=(number, 9, 9)) / 2)


def explain(layers):
    """A map (9, 7)."""
    return reduce(np.matmul, layers)[:, :7]


def redraw(layer):
    """Another layer of the same size: no dice, so that one can say what is right. To redraw it again changes nothing:
    whether a layer that was redrawn is redrawn anew is left to the learner."""
    return np.sort(layer, axis=0)


def from_the_last(number):
    """The layers that are redrawn at each step."""
    return [range(number - n, number) for n in range(number + 1)]


def redrawn(layers, steps):
    """The maps (len(steps), 9, 7) with the layers redrawn that each step names."""
    return np.stack(
        [explain([redraw(one) if i in step else one for i, one in enumerate(layers)]) for step in steps]
    )


def figure_of_a_cascade():
    names = ["as it was", *(f"{n} of 4 redrawn" for n in range(1, 5))]
    maps = redrawn(layers_of(seed=0, number=4), from_the_last(4))
    return xt.show(None, dict(zip(names, maps / abs(maps).max(axis=(1, 2), keepdims=True), strict=True)))


def dice_times_picture(seed):
    """Two maps (9, 12) that have nothing in common but the black page: noise × a picture that is mostly black."""
    draw = np.random.default_rng(seed)
    picture = np.where(draw.random((9, 12)) < 0.25, draw.uniform(0.5, 1, (9, 12)), 0)
    return draw.normal(size=(2, 9, 12)) * picture


def middle_ranks(one):
    """Ranks from 0; equal values share the middle of theirs."""
    values = one.ravel()
    return np.array([(values < value).sum() + ((values == value).sum() - 1) / 2 for value in values])


def ranks_in_a_row(one):
    return np.argsort(np.argsort(one.ravel(), kind="stable"), kind="stable")


def likeness(one, other, ranks=middle_ranks):
    return np.corrcoef(ranks(one), ranks(other))[0, 1]


def figure_of_dice():
    return xt.show(
        None, dict(zip(("noise × picture", "other noise × picture"), dice_times_picture(0), strict=True))
    )


def maps_and_tag(seed):
    """Five maps (5, 7, 6) and a mask (7, 6) in the upper left corner: a hit, a miss, three highest pixels of which one
    hits, a blank map, and one without anything positive that hits."""
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
    return xt.show(
        None,
        {"the mask": mask * 1.0} | {f"highest, map {i}": one * 1.0 for i, one in enumerate(highest(maps))},
    )
