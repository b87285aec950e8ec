"""What the exercises of lesson 09 are tried on, with what is right."""

from collections import namedtuple

import numpy as np

from xaiteach.classifier.outputs import normalise

SQUARE = np.ones((3, 3, 1))
# pictures (60, 10, 9, 1), a patch (3, 2, 1), places of its upper left corner, the class in question
Experiment = namedtuple("Experiment", "predict images patch places k")
CONTROLS = [(6, 1), (5, 6), (2, 0), (7, 4)]


def labels_and_answers(seed):
    """Labels, answers and marks of 500 pictures of ten classes; the model is worse where there is no mark."""
    draw = np.random.default_rng(seed)
    labels, marked = draw.integers(10, size=500), draw.random(500) < 0.4
    right = draw.random(500) < np.where(marked, 0.9, draw.uniform(0.2, 0.8, 10)[labels])
    return labels, np.where(right, labels, draw.integers(10, size=500)), marked


def without_a_class(seed):
    """The same: no picture of one class, one of another, none found of a third; marked is a fourth alone."""
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
        if chosen.any():
            table[k, column] = (answers[chosen] == k).mean()
    return table


def experiment(seed):
    """A linear model that uses the patch at the first place; at the two to four others it matters a little.

    The patch is bright and dark: one that is only bright could be put in by a maximum, too.
    """
    draw = np.random.default_rng(seed)
    dark = draw.permutation(np.arange(6) < 2).reshape(3, 2, 1)
    images = draw.uniform(0.1, 0.6, (60, 10, 9, 1))
    patch = np.where(dark, 0.0, draw.uniform(0.7, 1, (3, 2, 1)))
    weights, k = draw.normal(0, 0.25, (10, 9, 1, 4)), int(draw.integers(4))
    weights[1:4, 5:7, :, k] += np.where(dark, -0.5, 0.5)
    controls = draw.permutation(CONTROLS)[: draw.integers(2, 5)]
    places = [(1, 5), *map(tuple, controls.tolist())]
    return Experiment(lambda x: normalise(np.tensordot(x - 0.3, weights, 3)), images, patch, places, k)


def pasted(images, patch, place):
    images, (row, column) = images.copy(), place
    images[:, row : row + len(patch), column : column + patch.shape[1]] = patch
    return images


def share_of(predict, images, k):
    return (predict(images).argmax(axis=1) == k).mean()


def changes(trial, on_a_heap=False):
    """How much larger the share that is called k becomes at each place, (P,)."""
    images, after = trial.images, []
    for place in trial.places:
        images = pasted(images if on_a_heap else trial.images, trial.patch, place)
        after.append(share_of(trial.predict, images, trial.k))
    return np.array(after) - share_of(trial.predict, trial.images, trial.k)


def maps_and_mask(seed):
    """Signed maps (4, 8, 7), strong in a mask of 2×3, two of them against the class; two of small numbers."""
    draw = np.random.default_rng(seed)
    maps, mask = draw.normal(size=(4, 8, 7)), np.zeros((8, 7), bool)
    row, column = draw.integers(1, 4, 2)
    mask[row : row + 2, column : column + 3] = True
    maps[:2, mask] = draw.uniform(2, 4, (2, 6))
    maps[2:, mask] = -draw.uniform(2, 4, (2, 6)) * [1, 1, 1, 1, 1, -0.2]
    return maps * np.array([1, 0.02, 9, 0.02])[:, None, None], mask


def times_chance(strength, mask):
    return strength[:, mask].sum(axis=1) / strength.sum(axis=(1, 2)) / mask.mean()


def to_strew(seed):
    """Pictures (76, 6, 6, 1) of ten classes in any order, and labels; the upper left corner is dark."""
    draw = np.random.default_rng(seed)
    sizes = draw.permutation([4, 4, 4, 6, 6, 6, 8, 8, 10, 20])
    labels = draw.permutation(np.repeat(range(10), sizes))
    return draw.uniform(0, 0.5, (len(labels), 6, 6, 1)), labels


def paint(images):
    """Copies with a white corner, of several images or of one."""
    images = images.copy()
    images[..., :2, :2, :] = 1
    return images


def same(images, others):
    """Which pictures of two batches are the same, (N,)."""
    return (abs(images - others) < 1e-6).all(axis=(1, 2, 3))


def hidden_cue(seed, number=0):
    """Strokes in the middle, and a square at each border; the model uses one of the duller ones.

    Returns:
        predict, pictures (50, 14, 14, 1) and labels; class, row and column of the square that is used, of
        another rank by brightness in each data set; three classes with squares that are not used; the class
        with the strongest mean map, whose patch counts only along with its other strokes.
    """
    draw, shades = np.random.default_rng([seed, number]), np.roll([0.6, 0.7, 0.8], seed + number)
    k, proud, *decoys = map(int, draw.permutation(10)[:5])
    a, b, c, d = map(int, draw.integers(4, 8, 4))
    places = draw.permutation([(0, a), (b, 11), (11, c), (d, 0)]).tolist()
    strokes, labels = np.zeros((10, 14, 14, 1)), draw.permutation(np.arange(50) % 10)
    strokes[:, 4:10, 4:10] = draw.random((10, 6, 6, 1)) < 0.4
    heart = _square_at(draw.integers(4, 8, 2))
    strokes[proud] = np.maximum(strokes[proud], heart)
    images = strokes[labels] * draw.uniform(0.8, 1, (50, 1, 1, 1)) * (draw.random((50, 14, 14, 1)) < 0.95)
    for one, place, shade in zip([k, *decoys], places, [*shades, 0.95], strict=True):
        images[labels == one] = pasted(images[labels == one], shade * SQUARE, place)
    cue = _square_at(places[0]) / (9 * shades[0])
    given = _uses(strokes, k, cue, proud, heart), images, labels
    return given, np.array([k, *places[0]]), decoys, proud


def _square_at(place):
    return pasted(np.zeros((1, 14, 14, 1)), SQUARE, place)[0]


def _uses(strokes, k, cue, proud, heart):
    """A model of strokes; class `k` goes by its cue too, `proud` by its heart along with the rest."""
    weights = 0.45 * (strokes - strokes.mean(axis=0))
    rest = weights[proud] * (1 - heart)
    rest = rest / (rest * strokes[proud]).sum()
    weights[k] *= 1.5
    weights[proud] *= 0.3

    def predict(images):
        scores = np.tensordot(images, np.moveaxis(weights, 0, -1), 3)
        patch, others = np.tensordot(images, heart / 9, 3), np.tensordot(images, rest, 3)
        scores[:, k] += 8.5 * np.tensordot(images, cue, 3) ** 3
        scores[:, proud] += 25 * patch * np.maximum(others - 0.5, 0)
        return normalise(scores)

    return predict
