"""LIME written out for all classes at once, and data whose map is known: what answers of lesson 04 are held against.

`z` (n, S) says which pieces are seen in each picture, 1 or 0.
"""

import numpy as np

from xaiteach_course.check.numpy_models import of_images

QUARTERS = np.arange(8)[:, None] // 4 * 2 + np.arange(8) // 4 + 1
TRUE_WEIGHTS = np.array([0.1, 0.2, 0.3, 0.4])
SIGMA = 0.25


def draws(n, pieces, seed):
    """Which pieces are seen in each picture, (n, pieces); in the first all, in the second none."""
    z = np.random.default_rng(seed).integers(0, 2, (n, pieces))
    z[0], z[1] = 1, 0
    return z


def nearness(z):
    """How much each picture counts, (n,)."""
    return np.sqrt(np.exp(-(((1 - np.sqrt(z.mean(axis=1))) / SIGMA) ** 2)))


def line(z, p, near, penalty=None, base=1):
    """The weights and b, (K, S + 1), by least squares, the penalty written as further rows of the same system.

    Args:
        z, p, near: (n, S), (n, K), (n,).
        penalty: how much each weight and b are held back, (S + 1,); None for 1, and 0 for b.
        base: 0 for a line without b.
    """
    penalty = [1] * z.shape[1] + [0] if penalty is None else penalty
    columns, root = np.column_stack([z, np.full(len(z), base)]), np.sqrt(near)[:, None]
    rows = np.vstack([root * columns, np.diag(np.sqrt(penalty))])
    wanted = np.vstack([root * p, np.zeros((len(penalty), p.shape[1]))])
    return np.linalg.lstsq(rows, wanted, rcond=None)[0].T


def fit(*given, **changes):
    """The weights alone, (K, S)."""
    return line(*given, **changes)[:, :-1]


def wrong_fits(z, p, near):
    """{what is wrong: the weights that it gives}."""
    whole, ones = line(z, p, near), [1] * (z.shape[1] - 1)
    divided = "`near` is divided by its {}. Then the ridge counts for more or less: take it as it is."
    return {
        "The ridge is missing: add 1 to the diagonal for each weight.": fit(
            z, p, near, penalty=[0, 0, *np.zeros(len(ones))]
        ),
        "The ridge holds b back as well. Its number in the penalty is 0.": fit(
            z, p, near, penalty=[1, 1, *ones]
        ),
        "The 0 of the penalty is at the first piece. It belongs to b.": fit(
            z, p, near, penalty=[0, *ones, 1]
        ),
        "The 0 of the penalty is at the last piece. It belongs to b.": fit(z, p, near, penalty=[*ones, 0, 1]),
        "b is taken for the first piece, and the last piece is left out.": np.roll(whole, 1, axis=1)[:, :-1],
        "b is taken for the last piece, and the first piece is left out.": whole[:, 1:],
        "There is no b: z needs a further column of ones.": fit(z, p, near, base=0),
        "All pictures count the same here. Near ones count for more.": fit(z, p, np.ones(len(z))),
        "`near` counts twice: put it on one side of each product, not on both.": fit(z, p, near**2),
        "Here the root of `near` counts. It weights a squared error: take it as it is.": fit(
            z, p, np.sqrt(near)
        ),
        divided.format("largest value"): fit(z, p, near / near.max()),
        divided.format("sum"): fit(z, p, near / near.sum()),
        divided.format("mean"): fit(z, p, near / near.mean()),
    }


def lime(predict, image, pieces, z, *, first=1, channels=None, **changes):
    """The maps of all classes, (K, H, W), for pieces counted from 1.

    Args:
        first: 0 hides them as if they were counted from 0.
        channels: how many of the channels are hidden; None for all.
        changes: of the line, its penalty or its base.
    """
    seen = np.column_stack([z, np.ones(len(z))])[:, pieces - first]
    pictures = np.stack([image] * len(z))
    pictures[..., :channels] *= seen[..., None]
    return fit(z, predict(pictures), nearness(z), **changes)[:, pieces - 1]


def answers(z, classes, seed):
    """Probabilities of the classes for each picture, (n, classes)."""
    draw = np.random.default_rng(seed).normal
    e = np.exp(3 * z @ draw(size=(z.shape[1], classes)) + draw(size=classes))
    return e / e.sum(axis=1, keepdims=True)


@of_images
def quarters(images):
    """Three probabilities; the second is the sum of the true weights of the quarters that are seen."""
    yes = (images[..., 0] * TRUE_WEIGHTS[QUARTERS - 1]).sum(axis=(1, 2)) / 16
    return np.stack([0.75 * (1 - yes), yes, 0.25 * (1 - yes)], axis=1)


def pairs_of_weights(seed):
    """Twelve pairs (a, b): much the same strengths, but half of the signs differ."""
    draw = np.random.default_rng(seed)
    a = draw.normal(size=(12, 20 + seed % 3))
    b = (a + draw.normal(size=a.shape)) * draw.choice([-1, 1], a.shape)
    return list(zip(a, b, strict=True))


def shares(pairs, k, strength=np.abs, signed=False):
    """For each pair, which share of the k strongest both have; if `signed`, those alone whose signs agree."""
    tops = [[np.argsort(-strength(weights))[:k] for weights in pair] for pair in pairs]
    common = [np.intersect1d(*top) for top in tops]
    agree = [a[both] * b[both] > 0 if signed else both for (a, b), both in zip(pairs, common, strict=True)]
    return np.array([sum(one) if signed else len(one) for one in agree]) / k
