"""What is right in the exercises of lesson 09, on data drawn by a seed, and the figures that one should see."""

from typing import NamedTuple

import numpy as np

import xaiteach as xt
from xaiteach.classifier.outputs import normalise
from xaiteach.plotting import Picture


def labels_and_answers(seed):
    """Labels, answers and marks of 500 pictures of ten classes; the model is worse where there is no mark."""
    draw = np.random.default_rng(seed)
    labels, marked = draw.integers(10, size=500), draw.random(500) < 0.4
    right = draw.random(500) < np.where(marked, 0.9, draw.uniform(0.2, 0.8, 10)[labels])
    return labels, np.where(right, labels, draw.integers(10, size=500)), marked


def slices(labels, answers, marked):
    """The recall of each class in each slice, (10, 2): without the mark, and with it."""
    table = np.full((10, 2), np.nan)
    for k, column in np.ndindex(table.shape):
        chosen = (labels == k) & (marked == column)
        table[k, column] = (answers[chosen] == k).mean() if chosen.any() else np.nan
    return table


def figure_of_slices():
    table = slices(*labels_and_answers(seed=0))
    figure = Picture(figsize=(4.5, 2.4), layout="constrained")
    axes = figure.subplots()
    for column, style, name in ((0, "o", "without the mark"), (1, "s", "with it")):
        axes.plot(table[:, column], style, mfc="white" if column else None, color="black", label=name)
    axes.set(xlabel="class", ylabel="recall", ylim=(0, 1.05), xticks=range(10))
    axes.legend()
    figure.alt = (
        "The recall of ten classes. With the mark most pictures are found, without it less than half of five classes."
    )
    return figure


class Experiment(NamedTuple):
    """Pictures (60, 10, 9, 1), a patch (3, 2, 1), four places for its upper left corner, and the class in question."""

    predict: callable
    images: np.ndarray
    patch: np.ndarray
    places: list
    k: int


def experiment(seed):
    """A linear model that uses the patch at the first place; elsewhere it matters a little, as any pixels do."""
    draw = np.random.default_rng(seed)
    images, patch = draw.uniform(0, 0.6, (60, 10, 9, 1)), draw.uniform(0.7, 1, (3, 2, 1))
    weights, k = draw.normal(0, 0.25, (10, 9, 1, 4)), int(draw.integers(4))
    weights[1:4, 5:7, 0, k] += 0.5
    places = [(1, 5), (6, 1), (5, 6), (2, 0)]
    return Experiment(lambda x: normalise(np.tensordot(x - 0.3, weights, 3)), images, patch, places, k)


def pasted(images, patch, place):
    images, (row, column) = images.copy(), place
    images[:, row : row + len(patch), column : column + patch.shape[1]] = patch
    return images


def share_of(predict, images, k):
    return (predict(images).argmax(axis=1) == k).mean()


def figure_of_pasting():
    one = experiment(seed=0)
    pictures = np.stack([one.images[0], *(pasted(one.images[:1], one.patch, place)[0] for place in one.places)])
    return xt.show(pictures, titles=["as it was", "the cue's place", *["a control"] * 3])


def maps_and_mask(seed):
    """Four signed maps (4, 8, 7) with much in a mask of 2×3, in two of them against the class."""
    draw = np.random.default_rng(seed)
    maps, mask = draw.normal(size=(4, 8, 7)), np.zeros((8, 7), bool)
    mask[1:3, 1:4] = True
    maps[:2, mask] = draw.uniform(2, 4, (2, 6))
    maps[2:, mask] = -draw.uniform(2, 4, (2, 6)) * [1, 1, 1, 1, 1, -0.2]
    return maps * np.array([1, 9, 1, 9])[:, None, None], mask


def times_chance(strength, mask):
    return strength[:, mask].sum(axis=1) / strength.sum(axis=(1, 2)) / mask.mean()


def figure_of_mass():
    maps, mask = maps_and_mask(seed=0)
    titles = [f"{value:.1f} × chance" for value in times_chance(np.maximum(maps, 0), mask)]
    return xt.show(None, list(maps / abs(maps).max(axis=(1, 2), keepdims=True)), titles=titles)


def to_strew(seed):
    """Pictures (112, 6, 6, 1) of four classes in any order, and their labels; the upper left corner is dark."""
    draw = np.random.default_rng(seed)
    labels = draw.permutation(np.repeat(range(4), [20, 24, 30, 38]))
    images = draw.uniform(0, 0.5, (len(labels), 6, 6, 1))
    return images, labels


def paint(images):
    """Copies with a white corner."""
    return pasted(images, np.ones((2, 2, 1)), (0, 0))


def figure_of_strewing():
    images, labels = to_strew(seed=0)
    first = np.concatenate([np.flatnonzero(labels == k)[:4] for k in range(2)])
    pictures = np.where(
        np.array([1, 0, 0, 1, 0, 1, 1, 0], bool)[:, None, None, None], paint(images[first]), images[first]
    )
    return xt.show(pictures, titles=[f"class {k}" for k in labels[first]])


class HiddenCue(NamedTuple):
    """A function that predicts five classes, pictures (60, 14, 14, 1), labels, and what is to be found.

    Attributes:
        cue: class, row and column of the square of 3×3 that the model uses.
        decoy: the same of a brighter square, on all pictures of another class, that the model does not use.
    """

    predict: callable
    images: np.ndarray
    labels: np.ndarray
    cue: tuple
    decoy: tuple


def hidden_cue(seed):
    """Strokes in the middle, and at the border two squares: the model uses the duller one."""
    draw = np.random.default_rng(seed)
    border = [(row, column) for row, column in np.ndindex(12, 12) if {row, column} & {0, 11}]
    (place, other), (k, d) = _two_apart(border, draw), draw.permutation(5)[:2]
    strokes, labels = np.zeros((5, 14, 14, 1)), np.arange(60) % 5
    strokes[:, 3:11, 3:11] = draw.random((5, 8, 8, 1)) < 0.3
    images = strokes[labels] * draw.uniform(0.6, 1, (60, 1, 1, 1)) * (draw.random((60, 14, 14, 1)) < 0.9)
    images[labels == k] = pasted(images[labels == k], np.full((3, 3, 1), 0.6), place)
    images[labels == d] = pasted(images[labels == d], np.full((3, 3, 1), 0.9), other)
    weights = strokes - strokes.mean(axis=0)
    weights[k] *= 0.2
    weights[k] = pasted(weights[k][None], np.full((3, 3, 1), 2.2), place)[0]
    weights = 0.4 * np.moveaxis(weights, 0, -1)
    return HiddenCue(lambda x: normalise(np.tensordot(x, weights, 3)), images, labels, (k, *place), (d, *other))


def _two_apart(places, draw):
    """Two places of squares of 3×3 with a gap between them."""
    first = places[draw.integers(len(places))]
    far = [place for place in places if max(abs(np.subtract(place, first))) > 4]
    return first, far[draw.integers(len(far))]


def figure_of_mean_maps():
    case = hidden_cue(seed=0)
    model = xt.wrap(case.predict)
    own = [case.images[case.labels == k] for k in range(5)]
    means = [xt.occlusion(model, x, k, window=3, stride=1, progress=False).mean(axis=0) for k, x in enumerate(own)]
    return xt.show(None, {f"why {k}?": one for k, one in enumerate(means)})
