"""LIME written out for all classes at once, and data whose map is known on paper.

`z` (n, S) says which pieces are seen in each picture, 1 or 0.
"""

import numpy as np

from xaiteach_course.check.numpy_models import of_images

QUARTERS = np.arange(8)[:, None] // 4 * 2 + np.arange(8) // 4 + 1
TRUE_WEIGHTS = np.array([0.1, 0.2, 0.3, 0.4])
SIGMA = 0.25


def draw_pieces(n, pieces, seed):
    """Which pieces are seen in each picture, (n, pieces); in the first all, in the second none."""
    z = np.random.default_rng(seed).integers(0, 2, (n, pieces))
    z[0], z[1] = 1, 0
    return z


def nearness(z):
    """How much each picture counts, (n,)."""
    distance = 1 - np.sqrt(z.mean(axis=1))
    return np.sqrt(np.exp(-((distance / SIGMA) ** 2)))


def line(z, p, near, penalty=None, base=1):
    """The weights and b, (K, S + 1), by least squares with the penalty as further rows.

    The penalty (S + 1,) is 1 for each weight and 0 for b, if not given; `base=0` is a line without b.
    """
    penalty = [1] * z.shape[1] + [0] if penalty is None else penalty
    columns = np.column_stack([z, np.full(len(z), base)])
    root = np.sqrt(near)[:, None]
    rows = np.vstack([root * columns, np.diag(np.sqrt(penalty))])
    wanted = np.vstack([root * p, np.zeros((len(penalty), p.shape[1]))])
    return np.linalg.lstsq(rows, wanted, rcond=None)[0].T


def fit(z, p, near, penalty=None, base=1):
    """The weights alone, (K, S)."""
    return line(z, p, near, penalty, base)[:, :-1]


def lime(predict, image, pieces, z, *, first=1, channels=None, **changes):
    """The maps of all classes, (K, H, W), for pieces counted from 1.

    With `first=0` they are hidden as if counted from 0; `channels=1` hides only the first channel.
    """
    columns = np.column_stack([z, np.ones(len(z))])  # counted from 0, the last piece has no column
    seen = columns[:, pieces - first]
    pictures = np.stack([image] * len(z))
    pictures[..., :channels] *= seen[..., None]
    return fit(z, predict(pictures), nearness(z), **changes)[:, pieces - 1]


def draw_answers(z, classes, seed):
    """Probabilities of the classes for each picture, (n, classes)."""
    draw = np.random.default_rng(seed).normal
    e = np.exp(3 * z @ draw(size=(z.shape[1], classes)) + draw(size=classes))
    return e / e.sum(axis=1, keepdims=True)


@of_images
def quarters(images):
    """Three probabilities; the second is the sum of the true weights of the quarters that are seen."""
    yes = (images[..., 0] * TRUE_WEIGHTS[QUARTERS - 1]).sum(axis=(1, 2)) / 16
    return np.stack([0.75 * (1 - yes), yes, 0.25 * (1 - yes)], axis=1)


def draw_pairs(seed):
    """Twelve pairs (a, b) of weights, (12, 2, S): much the same strengths, but half of the signs differ."""
    draw = np.random.default_rng(seed)
    a = draw.normal(size=(12, 20 + seed % 3))
    b = (a + draw.normal(size=a.shape)) * draw.choice([-1, 1], a.shape)
    return np.stack([a, b], axis=1)


def shares(strengths, k):
    """Which share of the k strongest both of a pair have, (12,)."""
    ranks = np.argsort(np.argsort(-strengths))
    return (ranks < k).all(axis=1).sum(axis=-1) / k
