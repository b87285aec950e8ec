"""Exercises of lesson 04: LIME."""

import numpy as np

import xaiteach as xt
from xaiteach.check.base import Line, exercise
from xaiteach.check.looking import again, alike, chosen, result
from xaiteach.check.paper import PaperCNN, PaperNetwork

QUARTERS = np.arange(8)[:, None] // 4 * 2 + np.arange(8) // 4 + 1
TRUE_WEIGHTS = np.array([0.1, 0.2, 0.3, 0.4])
SIGMA = 0.25


def _draws(n, pieces, seed):
    """Which pieces are seen in each picture, (n, pieces); in the first all, in the second none."""
    z = np.random.default_rng(seed).integers(0, 2, (n, pieces))
    z[0], z[1] = 1, 0
    return z


def _nearness(z):
    return np.sqrt(np.exp(-(((1 - np.sqrt(z.mean(axis=1))) / SIGMA) ** 2)))


def _fit(z, p, near, ridge=1, base=1, ridge_on_base=0):
    """Weights (K, S) of the line: least squares, the ridge written as further rows of the same system."""
    columns = np.column_stack([z, np.full(len(z), base)])
    penalty = np.sqrt(np.diag([ridge] * z.shape[1] + [ridge_on_base]))
    root = np.sqrt(near)[:, None]
    rows, wanted = np.vstack([root * columns, penalty]), np.vstack([root * p, np.zeros((len(penalty), p.shape[1]))])
    return np.linalg.lstsq(rows, wanted, rcond=None)[0][:-1].T


def _lime(predict, image, target, pieces, z, first=1, base=1):
    """The map (H, W) for pieces counted from 1; `first=0` hides them as if they were counted from 0."""
    seen = np.column_stack([z, np.ones(len(z))])[:, pieces - first]
    p = predict(image * seen[..., None])[:, target]
    return _fit(z, p[:, None], _nearness(z), base=base)[0][pieces - 1]


def _answers(z, seed):
    """Probabilities of four classes for each picture, (n, 4)."""
    draw = np.random.default_rng(seed).normal
    e = np.exp(3 * z @ draw(size=(z.shape[1], 4)) + draw(size=4))
    return e / e.sum(axis=1, keepdims=True)


def _linear(images):
    """Two probabilities; the second is the sum of the true weights of the quarters that are seen."""
    yes = (np.asarray(images)[..., 0] * TRUE_WEIGHTS[QUARTERS - 1]).sum(axis=(1, 2)) / 16
    return np.stack([1 - yes, yes], axis=1)


def _shares(pairs, k=5, strength=np.abs):
    """For each pair of weights, which share of the k strongest both have."""
    tops = [[{*np.argsort(-strength(weights))[:k]} for weights in pair] for pair in pairs]
    return np.array([len(a & b) / k for a, b in tops])


def _figure_of_weights():
    z = _draws(200, 9, seed=0)
    return xt.show(None, _fit(z, _answers(z, seed=0), _nearness(z)), titles="a row a class, a column a piece")


def _figure_of_distances():
    z, ink = np.array([[1, 1, 1, 1], [0, 1, 1, 1], [1, 1, 1, 0], [0, 0, 1, 1]]), np.array([0.2, 0.3, 0.5, 1])
    by_pieces, by_ink = 1 - np.sqrt(z.mean(axis=1)), 1 - np.sqrt(z @ ink / ink.sum())
    titles = [f"pieces {a:.2f}, ink {b:.2f}" for a, b in zip(by_pieces, by_ink, strict=True)]
    return xt.show((z * ink)[:, QUARTERS - 1][..., None], titles=titles)


def _figure_of_two_tops():
    a, noise = np.random.default_rng(0).normal(size=(2, 16))
    panels = {"a": a, "b": a + noise / 2}
    tops = {f"top 5 of {name}": np.argsort(np.argsort(-abs(one))) < 5 for name, one in panels.items()}
    return xt.show(None, {name: one.reshape(4, 4) for name, one in {**panels, **tops}.items()})


def _figure_of_quarters():
    page, z = np.ones((8, 8, 1)), _draws(1000, 4, seed=0)
    maps = {"the truth": TRUE_WEIGHTS[QUARTERS - 1], "broken": _lime(_linear, page, 1, QUARTERS, z, first=0, base=0)}
    return xt.show(page, {**maps, "mended": _lime(_linear, page, 1, QUARTERS, z)})


def _figure_of_two_seeds():
    five, model = xt.load_mnist().x_test[1], PaperCNN()
    knobs = {"segments": 7, "n_samples": 50, "progress": False}
    return xt.show(five, {f"seed {seed}": xt.lime(model, five, 5, seed=seed, **knobs) for seed in (0, 1)})


@exercise(
    "Fit LIME's line for all classes at once",
    hints=[
        "The code of the lesson works for a table p (n, K) as well: `solve` takes a matrix on the right. What shape "
        "comes out, and which row of it is b?",
        "columns = np.column_stack([z, np.ones(len(z))])       # a last column for b\n"
        "penalty = np.diag([1.0] * … + [0.0])                  # b is not penalised\n"
        "weighted = columns.T * near\n"
        "solution = np.linalg.solve(…, weighted @ p)           # (S + 1, K)\n"
        "return …                                              # without b, one row a class",
        _figure_of_weights,
    ],
)
def build_lime(answer, seed=0):
    """A function of z (n, S), p (n, K) and near (n,) that returns the weights (K, S)."""
    z, near = _draws(200, 9, seed), np.random.default_rng(seed).uniform(0.05, 1, 200)
    p = _answers(z, seed)
    got = yield from result(answer, z, p, near, shape=(4, 9))
    mistakes = {
        "The ridge is missing: add 1 to the diagonal for each weight.": _fit(z, p, near, ridge=0),
        "The ridge holds b back as well. The last number of the penalty is 0.": _fit(z, p, near, ridge_on_base=1),
        "There is no b: z needs a further column of ones.": _fit(z, p, near, base=0),
        "All pictures count the same here. Near ones count for more.": _fit(z, p, np.ones(200)),
        "`near` counts twice: put it on one side of each product, not on both.": _fit(z, p, near**2),
        "Here the root of `near` counts. It is the weight of a squared error: take it as it is.": _fit(
            z, p, np.sqrt(near)
        ),
    }
    yield alike("the weights", got, _fit(z, p, near), within=1e-4, mistakes=mistakes)
    why = "The probabilities of a picture add up to 1, whatever is seen. So a piece can't speak for every class."
    yield Line("over all classes the weights of a piece add up to 0", bool(np.abs(got.sum(axis=0)).max() < 1e-4), why)


@exercise(
    "Count the ink and not the pieces",
    hints=[
        "How much ink is there in all? How much of it is seen in a picture? z is 1 for a piece that is seen: a product "
        "of z and ink adds up the right ones.",
        "share = z @ ink / …        # (n,), from 0 to 1\nreturn 1 - …",
        _figure_of_distances,
    ],
)
def measure_by_ink(answer, seed=0):
    """A function of z (n, S) and ink (S,) that returns the distance of each picture from the whole one, (n,)."""
    z, ink = _draws(30, 8, seed), np.random.default_rng(seed).integers(1, 9, 8)
    ink[[2, 5]] = 0
    share = z @ ink / ink.sum()
    got = yield from result(answer, z, ink, shape=(30,))
    mistakes = {
        "This is the old distance: it counts pieces, whatever ink they hold.": 1 - np.sqrt(z.mean(axis=1)),
        "It counts the pieces that hold ink, not how much they hold.": 1 - np.sqrt(z[:, ink > 0].mean(axis=1)),
        "The root is missing: D is 1 less the root of the share.": 1 - share,
        "The whole picture is farthest away here: the “1 −” is missing.": np.sqrt(share),
        "This is the root of the share that is hidden. Take 1 less the root of the share that is seen.": np.sqrt(
            1 - share
        ),
        "The ink is not a share: divide by all the ink there is.": 1 - np.sqrt(z @ ink),
    }
    yield alike("the distances", got, 1 - np.sqrt(share), within=1e-5, mistakes=mistakes)
    black_hidden = again(answer, (ink > 0).astype(int)[None], ink, shape=(1,))
    why = "Hiding a black piece by black changes nothing, so the picture is as near as can be."
    yield Line("a picture that hides black pieces alone has the distance 0", bool(abs(black_hidden[0]) < 1e-5), why)


@exercise(
    "Compare two architectures by their strongest pieces",
    hints=[
        "A piece against the class can be strong, too. Which numbers say how strong, whatever the sign? And "
        "`np.argsort` begins with the smallest.",
        "top_a, top_b = (set(np.argsort(…)[:k]) for weights in (a, b))\nreturn len(top_a & top_b) / …",
        _figure_of_two_tops,
    ],
)
def compare_networks(answer, seed=0):
    """A function of two arrays of weights (S,) and k that returns the share of the k strongest that both have."""
    draw = np.random.default_rng(seed)
    pairs = [(a, a + draw.normal(size=20)) for a in draw.normal(size=(12, 20))]
    first = yield from result(answer, *pairs[0], 5, shape=())
    got, wanted = np.array([first, *(again(answer, *pair, 5, shape=()) for pair in pairs[1:])]), _shares(pairs)
    mistakes = {
        "A weight of −0.5 is stronger than one of 0.1: look at the size, not at the sign.": _shares(
            pairs, strength=np.positive
        ),
        "These are the weakest pieces: `argsort` begins with the smallest.": _shares(
            pairs, strength=lambda weights: -np.abs(weights)
        ),
        "It is divided by the number of pieces that are in either list. Divide by k.": wanted / (2 - wanted),
    }
    yield alike("the shares of 12 pairs", got, wanted, within=1e-6, mistakes=mistakes)
    other = [again(answer, *pair, 3, shape=()) for pair in pairs]
    right = np.allclose(other, _shares(pairs, k=3), atol=1e-6)
    yield Line("the same with k = 3", bool(right), "Is there a 5 in the function where k should be?")


@exercise(
    "Mend a broken LIME",
    hints=[
        "Begin with a model that says 0.5 to every picture: which map should it have? Then take the page of four "
        "quarters. Which weight should each of them get, and where is it?",
        "picture[np.isin(pieces, np.flatnonzero(seen == 0) + …)] = 0    # column 0 of z belongs to piece …\n"
        "columns = np.column_stack([z, …])                               # what does the line say of an empty page?\n"
        "return solution[…][pieces - 1]                                  # b belongs to no piece",
        _figure_of_quarters,
    ],
)
def mend_lime(answer, seed=0):
    """A function of predict, image (H, W, C), target, pieces (H, W) from 1 and z (n, S) that returns the map (H, W)."""
    draw, model = np.random.default_rng(seed), PaperNetwork((6, 8, 1), seed=seed)
    image, z = draw.uniform(0.2, 1, (6, 8, 1)), _draws(150, 6, seed)
    pieces = draw.permutation(np.arange(48) % 6 + 1).reshape(6, 8)
    given = model.predict, image, 1, pieces, z
    wanted = _lime(*given)
    got = yield from result(answer, *given, shape=(6, 8))
    mistakes = {
        "Nothing is mended yet: both mistakes are still there.": _lime(*given, first=0, base=0),
        "Each weight is still on the wrong piece: the last piece is never hidden, and piece 0 does not exist.": _lime(
            *given, first=0
        ),
        "The line still has no b: nothing seen must mean 0, and that is not so here.": _lime(*given, base=0),
        "It is divided by its largest value: that is for drawing.": wanted / np.abs(wanted).max(),
        "The target is not used: the map is that of class 0.": _lime(model.predict, image, 0, pieces, z),
    }
    yield alike("the map", got, wanted, within=1e-4, mistakes=mistakes)
    page = np.ones((8, 8, 1))
    quarters = again(answer, _linear, page, 1, QUARTERS, _draws(2000, 4, seed), shape=(8, 8))
    yield alike("the page of four quarters: 0.1, 0.2, 0.3, 0.4", quarters, TRUE_WEIGHTS[QUARTERS - 1], within=0.02)
    still = again(answer, lambda images: np.full((len(images), 2), 0.5), page, 1, QUARTERS, z[:, :4], shape=(8, 8))
    why = "It never changes its mind, so no piece may get a weight. Who else could explain the 0.5?"
    yield Line("a model that always says 0.5 gets a map of zeros", bool(np.abs(still).max() < 1e-4), why)


@exercise(
    "Say which of four maps to trust",
    hints=[
        "For each sentence ask: what would another seed say, and what do the black pieces say?",
        "One true sentence is about a piece without ink, the other about another seed. A good fit is no proof, and a "
        "line that is right about one picture may be a constant.",
        _figure_of_two_seeds,
    ],
)
def trust_a_map(answer, seed=0):
    """The letters of the true statements."""
    return chosen(
        answer,
        right="ce",
        why={
            "a": "Tempting, since R² is highest for B. But 49 weights can follow 50 pictures nearly everywhere, chance "
            "included. Look at where its strongest piece lies.",
            "b": "Tempting, since the line says what the network says. But with so narrow a kernel hardly "
            "anything but the digit itself counts. The ridge takes the weights away, and b alone is right about the "
            "digit.",
            "c": "The picture stays what it was, so the true weight is 0. Whatever such a piece gets is chance.",
            "d": "Tempting, since nothing is blue. But the weights are tiny, and R² is near 0. Half the page in "
            "grey patches is an 8 for this network; one patch less helps a little, wherever it was.",
            "e": "With more pictures chance weighs less. Try `seed=1` with both: in A most of the top five stay.",
        },
    )
