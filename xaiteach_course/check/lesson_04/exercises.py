"""Exercises of lesson 04: LIME."""

import numpy as np

import xaiteach as xt
from xaiteach_course.check.exercise import exercise
from xaiteach_course.check.lesson_04 import truth
from xaiteach_course.check.lesson_04.truth import PAGE, QUARTERS, TRUE_MAP, draw_pieces, fit, lime, shares
from xaiteach_course.check.numpy_models import PaperCNN, PaperNetwork, of_images

RIDGE = "The ridge holds b back as well. Its number in the penalty is 0."


def figure_of_weights():
    z = draw_pieces(200, 9, seed=0)
    weights = fit(z, truth.draw_answers(z, 4, 0), truth.nearness(z))
    return xt.show(None, weights, titles="a row a class, a column a piece")


def figure_of_distances():
    ink, z = np.array([0.2, 0.3, 0.5, 1]), np.array([[1, 1, 1, 1], [0, 1, 1, 1], [1, 1, 1, 0]])
    far = 1 - np.sqrt(z @ ink / ink.sum())
    return xt.show((z * ink)[:, QUARTERS - 1][..., None], titles=[f"distance {d:.2f}" for d in far])


def figure_of_two_seeds():
    five, model = xt.load_mnist().x_test[1], PaperCNN()
    few = {"segments": 7, "n_samples": 50, "progress": False}
    return xt.show(five, {f"seed {seed}": xt.lime(model, five, 5, seed=seed, **few) for seed in (0, 1)})


def figure_of_quarters():
    z = draw_pieces(1000, 4, seed=0)
    broken = lime(truth.quarters, PAGE, QUARTERS, z, first=0, base=0)[1]
    return xt.show(PAGE, {"the truth": TRUE_MAP, "broken": broken})


@exercise(
    "`solve` takes a matrix on the right, p. What shape comes out, and which row of it is b?",
    "columns = np.column_stack([z, np.ones(len(z))])      # a last column for b\n"
    "penalty = np.diag([1.0] * … + [0.0])                 # b is not penalised\n"
    "solution = np.linalg.solve(…, columns.T * near @ p)  # (S + 1, K): without b, one row a class",
    figure_of_weights,
)
def build_lime(look, answer, seed=0):
    """A function of z (n, S), p (n, K) and near (n,) that returns the weights (K, S)."""
    n, pieces, classes = 200, 9 + seed % 2, 12 + seed % 3
    z, near = draw_pieces(n, pieces, seed), np.random.default_rng(seed).uniform(0.05, 0.5, n)
    p = truth.draw_answers(z, classes, seed)
    hints = {
        f"Yours is {classes}×{pieces + 1}": "b is still in it: it belongs to no piece.",
        f"Yours is {pieces + 1}×{classes}": "b is still in it. And a row is a class.",
    }
    got = look.result(answer, z, p, near, shape=(classes, pieces), hints=hints)
    mistakes = {
        "The ridge is missing: add 1 to the diagonal for each weight.": fit(z, p, near, ridge=0),
        RIDGE: fit(z, p, near, ridge_of_b=1),
        "There is no b: z needs a further column of ones.": fit(z, p, near, base=0),
        "All pictures count the same here. Near ones count for more.": fit(z, p, np.ones(n)),
    }
    look.same("the weights", got, fit(z, p, near), within=1e-4, mistakes=mistakes)
    if look.wrong:
        return
    flat = np.abs(got.sum(axis=0)).max() < 1e-3
    look.that("over all classes the weights of a piece add up to 0", flat, "Each picture's p add up to 1.")


@exercise(
    "z is 1 for a piece that is seen. Which product adds up the ink of a picture? And the ink of all?",
    "share = z @ ink / …        # (n,), from 0 to 1\nreturn 1 - …",
    figure_of_distances,
)
def measure_by_ink(look, answer, seed=0):
    """A function of z (n, S) and ink (S,) that returns how far each picture is from the whole one, (n,)."""
    pieces = 8 + seed % 3
    z, ink = draw_pieces(30, pieces, seed), np.random.default_rng(seed).uniform(0.1, 9, pieces)
    ink[[2, 5]] = 0
    z[np.isclose(z @ ink, ink.sum()), 0] = 0  # no picture shows all the ink there is
    share = z @ ink / ink.sum()
    wanted = 1 - np.sqrt(share)
    got = look.result(answer, z, ink, shape=(30,))
    mistakes = {
        "This is the old distance: it counts pieces.": 1 - np.sqrt(z.mean(axis=1)),
        "The root is missing: D is 1 less the root of the share.": 1 - share,
        "The whole picture is farthest away here: the “1 −” is missing.": np.sqrt(share),
        "The ink is not a share: divide by all the ink there is.": 1 - np.sqrt(z @ ink),
    }
    look.same("the distances", got, wanted, within=1e-5, mistakes=mistakes)
    if look.wrong:
        return
    alone = look.again(answer, z[3:4], ink, shape=(1,))
    look.same("the same, asked for one picture at a time", alone, got[3:4], within=1e-5)
    black = look.again(answer, z[:1] * 0 + (ink > 0), ink, shape=(1,))
    if look.wrong:
        return
    why = "Hiding a black piece by black changes nothing, so the picture is as near as can be."
    look.that("a picture that hides black pieces alone has the distance 0", abs(black[0]) < 1e-5, why)


@exercise(
    "Strong is far from 0, for the class or against it. And `np.argsort` begins with the smallest.",
    "top_a, top_b = (set(np.argsort(…)[:k]) for weights in (a, b))\nreturn len(top_a & top_b) / …",
    figure_of_two_seeds,
)
def compare_networks(look, answer, seed=0):
    """A function of weights a (S,), b (S,) and a number k: the share of the k strongest that both have."""
    draw = np.random.default_rng(seed)
    a = draw.normal(size=(12, 20 + seed % 3))
    b = (a + draw.normal(size=a.shape)) * draw.choice([-1, 1], a.shape)  # much the same sizes, other signs
    pairs = np.stack([a, b], axis=1)
    sizes = np.abs(pairs)
    look.result(answer, *pairs[0], 5, shape=())
    if look.wrong:
        return
    got, wanted = each_share(look, answer, pairs, 5), shares(sizes, 5)
    mistakes = {
        "A weight of −0.5 is stronger than one of 0.1: look at the size.": shares(pairs, 5),
        "These are the weakest pieces: `argsort` begins with the smallest.": shares(-sizes, 5),
        "This is how many they share. Divide by k.": 5 * wanted,
    }
    look.same("the shares of 12 pairs", got, wanted, within=0.01, mistakes=mistakes)
    if look.wrong:
        return
    got = each_share(look, answer, pairs, 3)
    five = "Is there a 5 in the function where k should be?"
    look.same("the same with k = 3", got, shares(sizes, 3), within=0.01, mistakes={five: wanted})


def each_share(look, answer, pairs, k):
    found = []
    for a, b in pairs:
        found.append(look.again(answer, a, b, k, shape=()))
        if look.wrong:
            return None
    return found


@exercise(
    "A model that says 0.5 to all: which map should it have? Then ask for the page of four quarters.",
    "hidden = np.flatnonzero(seen == 0) + …             # column 0 of z belongs to piece …\n"
    "columns = np.column_stack([z, …])                  # what does the line say of an empty page?\n"
    "return solution[…][pieces - 1]                     # b belongs to no piece",
    figure_of_quarters,
)
def mend_lime(look, answer, seed=0):
    """A function of predict, image (H, W, C), target, pieces (H, W) from 1 and z (n, S): the map (H, W)."""
    z = draw_pieces(1000, 4, seed)
    half = of_images(lambda images: np.full((len(images), 2), 0.5))
    got = look.result(answer, half, PAGE, 1, QUARTERS, z[:150], shape=(8, 8))
    no_b = lime(half, PAGE, QUARTERS, z[:150], base=0)[1]
    b_held = lime(half, PAGE, QUARTERS, z[:150], ridge_of_b=1)[1]
    mistakes = {"No piece may get a weight. Who else could explain the 0.5?": no_b, RIDGE: b_held}
    look.same("a model that always says 0.5: zeros", got, 0 * TRUE_MAP, within=1e-4, mistakes=mistakes)
    if look.wrong:
        return
    got = look.again(answer, truth.quarters, PAGE, 1, QUARTERS, z, shape=(8, 8))
    shifted = lime(truth.quarters, PAGE, QUARTERS, z, first=0)[1]
    mistakes = {"Each weight is on the wrong piece: which column of z is that of piece 1?": shifted}
    look.same("the page of four quarters: 0.1, 0.2, 0.3, 0.4", got, TRUE_MAP, within=0.02, mistakes=mistakes)
    if not look.wrong:
        look_at_a_network(look, answer, seed)


def look_at_a_network(look, answer, seed):
    """The maps of all classes: over these weights add up to 0, so that some are negative."""
    draw, shape, n_pieces = np.random.default_rng(seed), (6, 8, 2 + seed % 2), 6 + seed % 3
    model, image = PaperNetwork(shape, seed=seed), draw.uniform(0.2, 1, shape)
    z = draw_pieces(150, n_pieces, seed)
    pieces = draw.permutation(np.arange(48) % n_pieces + 1).reshape(6, 8)
    maps = lime(model.predict, image, pieces, z)
    for target in np.argsort(model.predict(image)).tolist():
        got = look.again(answer, of_images(model.predict), image, target, pieces, z, shape=(6, 8))
        look.same(f"a drawn network, class {target}", got, maps[target], within=1e-4)
        if look.wrong:
            return


@exercise(
    "For each sentence ask: what would another seed say, and what do the black pieces say?",
    "One is about a piece without ink, one about another seed. A line right about one may be flat.",
    figure_of_two_seeds,
    draws=1,
)
def trust_a_map(look, answer, seed=0):
    """The letters of the true statements."""
    why = {
        "a": "Tempting: R² is highest for B. But 49 weights can follow 50 pictures, chance included.",
        "b": "Tempting. But the ridge takes the weights away: b alone is right about the 5, no piece is.",
        "c": "The picture stays what it was, so the true weight is 0. What such a piece gets is chance.",
        "d": "Tempting. But R² is near 0, and one of the grey patches less helps a little, wherever it was.",
        "e": "With more pictures chance weighs less. Try `seed=1` with both: in A most of the top five stay.",
    }
    look.choice(answer, right="ce", why=why)
