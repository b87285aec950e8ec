"""What is right in the exercises of lesson 09, on data drawn by a seed, and the figures that one should see."""

from itertools import accumulate
from typing import NamedTuple

import numpy as np

import xaiteach as xt
from xaiteach.classifier.outputs import normalise
from xaiteach.figures.draw import AltFigure


def labels_and_answers(seed):
    """Labels, answers and marks of 500 pictures of ten classes; the model is worse where there is no mark."""
    draw = np.random.default_rng(seed)
    labels, marked = draw.integers(10, size=500), draw.random(500) < 0.4
    right = draw.random(500) < np.where(marked, 0.9, draw.uniform(0.2, 0.8, 10)[labels])
    return labels, np.where(right, labels, draw.integers(10, size=500)), marked


def without_a_class(seed):
    """The same without pictures of one class, with one of another, and none of a third found; marked are all of a
    fourth, and no others."""
    labels, answers, _ = labels_and_answers(seed)
    lost, marked, alone, missed = np.random.default_rng([9, seed]).permutation(10)[:4]
    answers = np.where(labels == missed, lost, answers)
    kept = (labels != lost) & ((labels != alone) | (np.cumsum(labels == alone) == 1))
    return labels[kept], answers[kept], labels[kept] == marked


def slices(labels, answers, marked):
    """The recall of each class in each slice, (10, 2): without the mark, and with it."""
    table = np.full((10, 2), np.nan)
    for k, column in np.ndindex(table.shape):
        chosen = (labels == k) & (marked == column)
        table[k, column] = (answers[chosen] == k).mean() if chosen.any() else np.nan
    return table


def figure_of_slices():
    table = slices(*labels_and_answers(seed=0))
    figure = AltFigure(figsize=(4.5, 2.4), layout="constrained")
    axes = figure.subplots()
    for column, style, name in ((0, "o", "without the mark"), (1, "s", "with it")):
        axes.plot(table[:, column], style, mfc="white" if column else None, color="black", label=name)
    axes.set(xlabel="class", ylabel="recall", ylim=(0, 1.05), xticks=range(10))
    axes.legend()
    figure.alt = "The recall of ten classes. With the mark most pictures are found, without it less than half of five classes."
    return figure


SQUARE = np.ones((3, 3, 1))


class Experiment(NamedTuple):
    """Pictures (60, 10, 9, 1), a patch (3, 2, 1), 3 to 5 places of its upper left corner, and the class in question."""

    predict: callable
    images: np.ndarray
    patch: np.ndarray
    places: list
    k: int


def experiment(seed):
    """A linear model that uses the patch at the first place; elsewhere it matters a little, as any pixels do.

    The patch is bright and dark: one that is only bright could be put in by a maximum, too.
    """
    draw = np.random.default_rng(seed)
    dark = draw.permutation(np.arange(6) < 2).reshape(3, 2, 1)
    images, patch = (
        draw.uniform(0.1, 0.6, (60, 10, 9, 1)),
        np.where(dark, 0.0, draw.uniform(0.7, 1, (3, 2, 1))),
    )
    weights, k = draw.normal(0, 0.25, (10, 9, 1, 4)), int(draw.integers(4))
    weights[1:4, 5:7, :, k] += np.where(dark, -0.5, 0.5)
    controls = draw.permutation([(6, 1), (5, 6), (2, 0), (7, 4)])[: draw.integers(2, 5)]
    places = [(1, 5), *map(tuple, controls.tolist())]
    return Experiment(lambda x: normalise(np.tensordot(x - 0.3, weights, 3)), images, patch, places, k)


def pasted(images, patch, place):
    images, (row, column) = images.copy(), place
    images[:, row : row + len(patch), column : column + patch.shape[1]] = patch
    return images


def at_turned_places(images, patch, place):
    return pasted(images, patch, place[::-1])


def by_a_maximum(images, patch, place):
    return np.maximum(images, pasted(images, patch, place))


def share_of(predict, images, k):
    return (predict(images).argmax(axis=1) == k).mean()


def pictures_after(trial, paste=pasted):
    """The pictures with the patch at each place, P times (N, H, W, 1)."""
    return [paste(trial.images, trial.patch, place) for place in trial.places]


def changes(trial, paste=pasted):
    """How much larger the share that is called k becomes at each place, (P,)."""
    after = [share_of(trial.predict, images, trial.k) for images in pictures_after(trial, paste)]
    return np.array(after) - share_of(trial.predict, trial.images, trial.k)


def shares_on_a_heap(trial):
    """The share that is called k where the patches pile up, (P,)."""
    heaps = accumulate(
        trial.places, lambda heap, place: pasted(heap, trial.patch, place), initial=trial.images
    )
    return np.array([share_of(trial.predict, heap, trial.k) for heap in heaps][1:])


def figure_of_pasting():
    one = experiment(seed=0)
    pictures = np.stack(
        [one.images[0], *(pasted(one.images[:1], one.patch, place)[0] for place in one.places)]
    )
    return xt.show(pictures, titles=["as it was", "the cue's place", *["a control"] * (len(one.places) - 1)])


def maps_and_mask(seed):
    """Four signed maps (4, 8, 7) with much in a mask of 2×3, in two of them against the class; two of small numbers."""
    draw = np.random.default_rng(seed)
    maps, mask = draw.normal(size=(4, 8, 7)), np.zeros((8, 7), bool)
    row, column = draw.integers(1, 4, 2)
    mask[row : row + 2, column : column + 3] = True
    maps[:2, mask] = draw.uniform(2, 4, (2, 6))
    maps[2:, mask] = -draw.uniform(2, 4, (2, 6)) * [1, 1, 1, 1, 1, -0.2]
    return maps * np.array([1, 0.02, 9, 0.02])[:, None, None], mask


def times_chance(strength, mask):
    return strength[:, mask].sum(axis=1) / strength.sum(axis=(1, 2)) / mask.mean()


def figure_of_mass():
    maps, mask = maps_and_mask(seed=0)
    titles = [f"{value:.1f} × chance" for value in times_chance(np.maximum(maps, 0), mask)]
    return xt.show(None, list(maps / abs(maps).max(axis=(1, 2), keepdims=True)), titles=titles)


def to_strew(seed):
    """Pictures (76, 6, 6, 1) of ten classes in any order, and their labels; the upper left corner is dark."""
    draw = np.random.default_rng(seed)
    labels = draw.permutation(np.repeat(range(10), draw.permutation([4, 4, 4, 6, 6, 6, 8, 8, 10, 20])))
    images = draw.uniform(0, 0.5, (len(labels), 6, 6, 1))
    return images, labels


def paint(images):
    """Copies with a white corner, of several images or of one."""
    images = images.copy()
    images[..., :2, :2, :] = 1
    return images


def same(images, others):
    """Which pictures of two batches are the same, (N,)."""
    return (abs(images - others) < 1e-6).all(axis=(1, 2, 3))


def figure_of_strewing():
    images, labels = to_strew(seed=0)
    first = np.concatenate([np.flatnonzero(labels == k)[:4] for k in range(2)])
    pictures = np.where(
        np.array([1, 0, 0, 1, 0, 1, 1, 0], bool)[:, None, None, None], paint(images[first]), images[first]
    )
    return xt.show(pictures, titles=[f"class {k}" for k in labels[first]])


class HiddenCue(NamedTuple):
    """A function that predicts ten classes, pictures (50, 14, 14, 1), labels, and what is to be found.

    Attributes:
        cue: class, row and column of the square of 3×3 that the model uses.
        decoys: three other classes with a square that the model does not use; one at least is brighter.
        proud: the class with the strongest mean map. Its patch counts only along with the rest of its strokes.
    """

    predict: callable
    images: np.ndarray
    labels: np.ndarray
    cue: tuple
    decoys: list
    proud: int


def hidden_cue(seed, number=0):
    """Strokes in the middle, and at each border a square: the model uses one of the duller ones, of another rank by
    its brightness in each of three data sets."""
    draw, shades = np.random.default_rng([seed, number]), np.roll([0.6, 0.7, 0.8], seed + number)
    k, proud, *decoys = map(int, draw.permutation(10)[:5])
    a, b, c, d = map(int, draw.integers(4, 8, 4))
    places = draw.permutation([(0, a), (b, 11), (11, c), (d, 0)]).tolist()
    strokes, labels = np.zeros((10, 14, 14, 1)), draw.permutation(np.arange(50) % 10)
    strokes[:, 4:10, 4:10] = draw.random((10, 6, 6, 1)) < 0.4
    heart = pasted(np.zeros((1, 14, 14, 1)), SQUARE, draw.integers(4, 8, 2))[0]
    strokes[proud] = np.maximum(strokes[proud], heart)
    images = strokes[labels] * draw.uniform(0.8, 1, (50, 1, 1, 1)) * (draw.random((50, 14, 14, 1)) < 0.95)
    for one, place, shade in zip([k, *decoys], places, [*shades, 0.95], strict=True):
        images[labels == one] = pasted(images[labels == one], shade * SQUARE, place)
    cue = pasted(np.zeros((1, 14, 14, 1)), SQUARE, places[0])[0] / (9 * shades[0])
    return HiddenCue(_uses(strokes, k, cue, proud, heart), images, labels, (k, *places[0]), decoys, proud)


def _uses(strokes, k, cue, proud, heart):
    """A function that predicts by strokes; class `k` by its cue, too, and `proud` by its heart along with the rest."""
    weights = 0.45 * (strokes - strokes.mean(axis=0))
    rest = weights[proud] * (1 - heart)
    rest = rest / (rest * strokes[proud]).sum()
    weights[k] *= 1.5
    weights[proud] *= 0.3
    every = np.concatenate([weights, [cue, heart / 9, rest]]).reshape(13, -1).T

    def predict(images):
        found = images.reshape(len(images), -1) @ every
        scores, (seen, patch, others) = found[:, :10], found[:, 10:].T
        scores[:, k] += 8.5 * seen**3
        scores[:, proud] += 25 * patch * np.maximum(others - 0.5, 0)
        return normalise(scores)

    return predict


def figure_of_mean_maps():
    case = hidden_cue(seed=0)
    model = xt.wrap(case.predict)
    own = [case.images[case.labels == k] for k in range(10)]
    means = [
        xt.occlusion(model, x, k, window=3, stride=1, progress=False).mean(axis=0) for k, x in enumerate(own)
    ]
    return xt.show(None, {f"why {k}?": one for k, one in enumerate(means)})
