"""Exercises of lesson 04: LIME."""

import numpy as np

import xaiteach as xt
import xaiteach_course.check.lesson_04.truth as known
from xaiteach_course.check.exercise import exercise
from xaiteach_course.check.lesson_04.truth import QUARTERS, TRUE_WEIGHTS, draws, fit, nearness, shares
from xaiteach_course.check.numpy_models import PaperCNN, PaperNetwork, of_images
from xaiteach_course.check.old import again, alike, chosen, explained, result
from xaiteach_course.check.verdict import Line

OTHER = "The target is not used: this is class {}, and class {} was asked for."


def _figure_of_weights():
    z = draws(200, 9, seed=0)
    return xt.show(
        None, fit(z, known.answers(z, 4, 0), nearness(z)), titles="a row a class, a column a piece"
    )


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
    page, z = np.ones((8, 8, 1)), draws(1000, 4, seed=0)
    broken, mended = (known.lime(known.quarters, page, QUARTERS, z, first=i, base=i)[1] for i in (0, 1))
    return xt.show(page, {"the truth": TRUE_WEIGHTS[QUARTERS - 1], "broken": broken, "mended": mended})


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
    n, pieces, classes = 200, 9 + seed % 2, 12 + seed % 3
    z, near = draws(n, pieces, seed), np.random.default_rng(seed).uniform(0.05, 0.5, n)
    p, still_in = (
        known.answers(z, classes, seed),
        "b is still in it. It is not the weight of a piece: leave it out.",
    )
    shapes = {
        f"Yours is {classes}×{pieces + 1}": still_in,
        f"Yours is {pieces + 1}×{classes}": f"{still_in} And a row is a class.",
        f"Yours is 10×{pieces}": f"There are {classes} classes here: take all the columns of p.",
    }
    got = yield from explained(result(answer, z, p, near, shape=(classes, pieces)), shapes)
    mistakes = known.wrong_fits(z, p, near)
    weights = alike("the weights", got, fit(z, p, near), within=1e-4, mistakes=mistakes)
    yield weights
    if weights.right:
        yield Line(
            "over all classes the weights of a piece add up to 0", bool(np.abs(got.sum(axis=0)).max() < 1e-3)
        )


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
    pieces = 8 + seed % 3
    z, ink = draws(30, pieces, seed), np.random.default_rng(seed).uniform(0.1, 9, pieces)
    ink[[2, 5]] = 0
    z[np.isclose(z @ ink, ink.sum()), 0] = 0
    seen, share = z @ ink, z @ ink / ink.sum()
    got = yield from result(answer, z, ink, shape=(30,))
    mistakes = {
        "This is the old distance: it counts pieces, whatever ink they hold.": 1 - np.sqrt(z.mean(axis=1)),
        "It counts the pieces that hold ink, not how much they hold.": 1
        - np.sqrt(z[:, ink > 0].mean(axis=1)),
        "The root is missing: D is 1 less the root of the share.": 1 - share,
        "The whole picture is farthest away here: the “1 −” is missing.": np.sqrt(share),
        "This is the root of the share that is hidden. Take 1 less the root of the share that is seen.": np.sqrt(
            1 - share
        ),
        "The ink is not a share: divide by all the ink there is.": 1 - np.sqrt(seen),
        "It is divided by the most ink that one picture shows. Divide by all the ink there is.": 1
        - np.sqrt(seen / seen.max()),
        "It is divided by the ink of the first picture. Divide by all the ink there is.": 1
        - np.sqrt(seen / seen[0]),
    }
    distances = alike("the distances", got, 1 - np.sqrt(share), within=1e-5, mistakes=mistakes)
    yield distances
    if not distances.right:
        return
    alone = [again(answer, row[None], ink, shape=(1,))[0] for row in z[:5]]
    yield alike("the same, asked for one picture at a time", np.array(alone), got[:5], within=1e-5)
    black_hidden = again(answer, (ink > 0).astype(int)[None], ink, shape=(1,))
    why = "Hiding a black piece by black changes nothing, so the picture is as near as can be."
    yield Line(
        "a picture that hides black pieces alone has the distance 0", bool(abs(black_hidden[0]) < 1e-5), why
    )


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
    pairs = known.pairs_of_weights(seed)
    first = yield from result(answer, *pairs[0], 5, shape=())
    got, wanted = (
        np.array([first, *(again(answer, *pair, 5, shape=()) for pair in pairs[1:])]),
        shares(pairs, 5),
    )
    mistakes = {
        "A weight of −0.5 is stronger than one of 0.1: look at the size, not at the sign.": shares(
            pairs, 5, strength=np.positive
        ),
        "These are the weakest pieces: `argsort` begins with the smallest.": shares(
            pairs, 5, strength=lambda weights: -np.abs(weights)
        ),
        "A piece in both lists counts, even where its two signs differ.": shares(pairs, 5, signed=True),
        "It is divided by the number of pieces that are in either list. Divide by k.": wanted / (2 - wanted),
        "This is how many they share. Divide by k.": 5 * wanted,
        "This is the share in per cent. It should go from 0 to 1.": 100 * wanted,
    }
    of_five = alike("the shares of 12 pairs", got, wanted, within=0.01, mistakes=mistakes)
    yield of_five
    if not of_five.right:
        return
    other, wanted = np.array([again(answer, *pair, 3, shape=()) for pair in pairs]), shares(pairs, 3)
    mistakes = {
        "Is there a 5 in the function where k should be?": shares(pairs, 5),
        "The five strongest are taken. Is there a 5 where k should be?": shares(pairs, 5) * 5 / 3,
        "It is divided by 5. Is there a 5 where k should be?": wanted * 3 / 5,
    }
    yield alike("the same with k = 3", other, wanted, within=0.01, mistakes=mistakes)


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
    page, z = np.ones((8, 8, 1)), draws(1000, 4, seed)
    half = of_images(lambda images: np.full((len(images), 2), 0.5))
    got = yield from result(answer, half, page, 1, QUARTERS, z[:150], shape=(8, 8))
    no_b, held = (
        known.lime(half, page, QUARTERS, z[:150], **one)[1] for one in ({"base": 0}, {"penalty": [1] * 5})
    )
    why = {
        "It never changes its mind, so no piece may get a weight. Who else could explain the 0.5?": no_b,
        "The ridge holds b back as well. Its number in the penalty is 0.": held,
    }
    zeros = alike("a model that always says 0.5: zeros", got, np.zeros((8, 8)), within=1e-4, mistakes=why)
    yield zeros
    if not zeros.right:
        return
    got, wanted = (
        again(answer, known.quarters, page, 1, QUARTERS, z, shape=(8, 8)),
        TRUE_WEIGHTS[QUARTERS - 1],
    )
    others, shifted = (known.lime(known.quarters, page, QUARTERS, z, first=i) for i in (1, 0))
    mistakes = {
        "Each weight is on the wrong piece: which column of z says whether piece 1 is hidden?": shifted[1],
        **{OTHER.format(k, 1): others[k] for k in (0, 2)},
        "It is divided by its largest value: that is for drawing.": wanted / wanted.max(),
    }
    on_page = alike(
        "the page of four quarters: 0.1, 0.2, 0.3, 0.4", got, wanted, within=0.02, mistakes=mistakes
    )
    yield on_page
    if on_page.right:
        yield from _maps_of_a_network(answer, seed)


def _maps_of_a_network(answer, seed):
    """The maps of all three classes: over the classes weights add up to 0, so there are some below 0."""
    draw, shape, pieces = np.random.default_rng(seed), (6, 8, 2 + seed % 2), 6 + seed % 3
    model, image, z = PaperNetwork(shape, seed=seed), draw.uniform(0.2, 1, shape), draws(150, pieces, seed)
    cut = draw.permutation(np.arange(48) % pieces + 1).reshape(6, 8)
    maps, partly = (known.lime(model.predict, image, cut, z, channels=channels) for channels in (None, 1))
    for target in map(int, np.argsort(model.predict(image))):
        got, wanted = (
            again(answer, of_images(model.predict), image, target, cut, z, shape=(6, 8)),
            maps[target],
        )
        mistakes = {
            **{OTHER.format(k, target): maps[k] for k in range(3) if k != target},
            "Only one channel is hidden. Hide all channels of a pixel.": partly[target],
        }
        one = alike(f"a drawn network, class {target}", got, wanted, within=1e-4, mistakes=mistakes)
        yield one
        if not one.right:
            return


@exercise(
    "Say which of four maps to trust",
    hints=[
        "For each sentence ask: what would another seed say, and what do the black pieces say?",
        "One true sentence is about a piece without ink, the other about another seed. A good fit is no proof, and a "
        "line that is right about one picture may be a constant.",
        _figure_of_two_seeds,
    ],
    draws=1,
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
            "d": "Tempting, since nothing is blue. But the weights are tiny, and R² is near 0. To this "
            "network a page half covered with grey patches is an 8; one patch less helps a little, wherever it was.",
            "e": "With more pictures chance weighs less. Try `seed=1` with both: in A most of the top five stay.",
        },
    )
