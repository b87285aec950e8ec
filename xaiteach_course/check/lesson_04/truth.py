"""LIME written out for all classes at once, and data whose map is known on paper.

`z` (n, S) says which pieces are seen in each picture, 1 or 0.
"""

import numpy as np
from scipy.special import softmax

from xaiteach_course.check.numpy_models import of_images

QUARTERS = np.arange(8)[:, None] // 4 * 2 + np.arange(8) // 4 + 1
PAGE, TRUE_MAP = np.ones((8, 8, 1)), QUARTERS / 10


def draw_pieces(n, pieces, seed):
    """Which pieces are seen in each picture, (n, pieces); in the first all, in the second none."""
    z = np.random.default_rng(seed).integers(0, 2, (n, pieces))
    z[0], z[1] = 1, 0
    return z


def nearness(z):
    """How much each picture counts, (n,)."""
    distance = 1 - np.sqrt(z.mean(axis=1))
    return np.sqrt(np.exp(-((distance / 0.25) ** 2)))


def fit(z, p, near, ridge=1, ridge_of_b=0, base=1):
    """The weights (K, S) of z (n, S), p (n, K) and near (n,); `base=0` is a line without b."""
    columns = np.column_stack([z, np.full(len(z), base)])
    penalty = np.diag([ridge] * z.shape[1] + [ridge_of_b])
    weighted = columns.T * near
    solution, *_ = np.linalg.lstsq(weighted @ columns + penalty, weighted @ p)  # without b it is singular
    return solution[:-1].T


def lime(predict, image, pieces, z, *, first=1, **changes):
    """The maps of all classes, (K, H, W), for pieces counted from 1; `first=0` hides as if from 0."""
    columns = np.column_stack([z, np.ones(len(z))])  # counted from 0, the last piece has no column
    pictures = image * columns[:, pieces - first][..., None]
    return fit(z, predict(pictures), nearness(z), **changes)[:, pieces - 1]


def draw_answers(z, classes, seed):
    """Probabilities of the classes for each picture, (n, classes)."""
    draw = np.random.default_rng(seed).normal
    return softmax(3 * z @ draw(size=(z.shape[1], classes)) + draw(size=classes), axis=1)


@of_images
def quarters(images):
    """Three probabilities; the second is the sum of the true weights of the quarters that are seen."""
    yes = (images[..., 0] * TRUE_MAP).sum(axis=(1, 2)) / 16
    return np.stack([0.75 * (1 - yes), yes, 0.25 * (1 - yes)], axis=1)


def shares(strengths, k):
    """Which share of the k strongest both of a pair have, (12,)."""
    ranks = np.argsort(np.argsort(-strengths))
    return (ranks < k).all(axis=1).sum(axis=-1) / k
