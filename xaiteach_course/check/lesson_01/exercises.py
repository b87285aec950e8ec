"""Exercises of lesson 01: pictures for a network, the loss, the table of mistakes, training, a fair test."""

import numpy as np
from scipy.special import expit, logsumexp, softmax

import xaiteach as xt
from xaiteach.figures.draw import COLOURS, AltFigure
from xaiteach_course.check.exercise import exercise
from xaiteach_course.check.lesson_01.truth import LARGE, LARGE_TRUTH, draw_scans, one_epoch, stretched
from xaiteach_course.check.reasons import near

RATE, SIZE, SPLITS = 0.3, 16, 60


def figure_of_scans():
    digits = xt.load_mnist().x_test[[3, 250, 480]]
    scans = [0.9 - 0.15 * i - (0.7 - 0.1 * i) * digits[i] for i in range(3)]
    return xt.show([*scans, *digits], titles=["a scan"] * 3 + ["prepared"] * 3)


def figure_of_the_lead():
    figure = AltFigure(figsize=(5, 2.6), layout="constrained")
    axes = figure.subplots()
    lead = np.linspace(-6, 6)
    axes.plot(lead, np.logaddexp(0, -lead), ":", color="black", label="loss")
    axes.plot(lead, expit(lead), "-", color=COLOURS(0.1), label="probability")
    axes.plot(lead, expit(2 * lead), "--", color=COLOURS(0.9), label="with all scores doubled")
    axes.set_xlabel("score of the true class less that of the other")
    axes.legend(fontsize=8)
    figure.alt = "Where the true class is far behind, its probability is nearly 0, the loss a straight line."
    return figure


def figure_of_weights():
    digits = xt.load_mnist()
    w = one_epoch(digits.x_train.reshape(-1, 784), digits.y_train, np.zeros((784, 10)), 0.05, 100)
    return xt.show(None, list(w.T.reshape(10, 28, 28)), titles=[f"for {k}" for k in range(10)])


def figure_of_a_split():
    digits = xt.load_mnist().x_train[[5, 900, 1700]]
    copies = [np.roll(digit, step, axis=1) for digit in digits for step in (-2, 0, 2)]
    return xt.show(copies, titles=["test"] * 3 + ["training"] * 6)


@exercise(
    "Three steps: one grey value a pixel; paper 0 and ink 1; the axis of the channel at the end.",
    "grey = scans.mean(axis=…)                            # which axis holds the three colours?\n"
    "light, dark = grey.max(axis=(1, 2), keepdims=True), …\n"
    "return (…)[..., None]",
    figure_of_scans,
)
def prepare_scans(look, answer, seed=0):
    """A function of scans (N, 3, H, W), uint8, that returns (N, H, W, 1): paper 0, ink 1."""
    scans = draw_scans(seed)
    grey = scans.mean(axis=1)
    wanted = stretched(grey)
    got = look.result(answer, scans, shape=wanted.shape)
    turned, paper = 1 - grey[..., None] / 255, grey.max(axis=(1, 2), keepdims=True)
    woven = scans.reshape(3, 6, 8, 3).mean(axis=-1)
    overflown = scans.sum(axis=1, dtype=np.uint8) / 3
    mistakes = {
        "Ink is 0 and paper is 1. The network knows white ink on black.": 1 - wanted,
        "Divided by 255, the paper is grey, not 0. The network knows no grey page.": turned,
        "The paper is 0, but the ink is not 1.": 1 - (grey / paper)[..., None],
        "All scans together are stretched. Each has its own light.": stretched(grey, axis=None),
        "reshape() only counts the numbers anew. Take the mean over an axis.": stretched(woven),
        "A uint8 begins again at 0 after 255. Make floats before you add.": stretched(overflown),
    }
    look.same("the pictures", got, wanted, within=1e-3, mistakes=mistakes)


@exercise(
    "Simplify −log(softmax) on paper, before you write code. What is the logarithm of a fraction?",
    "top = scores.max(axis=1)                                    # take it out, add it back\n"
    "log_of_sum = top + np.log(np.exp(scores - …).sum(axis=1))\n"
    "return log_of_sum - …                                       # the score of the true class, (N,)",
    figure_of_the_lead,
)
def build_cross_entropy(look, answer, seed=0):
    """A function of scores (N, K) and labels (N,) that returns the loss of each image (N,)."""
    rng = np.random.default_rng(seed)
    scores, labels = rng.normal(0, 3, (40, 5)), rng.integers(0, 5, 40)
    p = softmax(scores, axis=1)
    of_truth = p[np.arange(40), labels]
    got = look.result(answer, scores, labels, shape=(40,))
    mistakes = {
        "That is the loss of the class with the largest score. Take the true class.": -np.log(p.max(axis=1)),
        "That is the probability of the true class. The loss is −log of it.": of_truth,
        "The sum over the classes is missing: this is only −score.": -scores[np.arange(40), labels],
    }
    look.same("the losses", got, -np.log(of_truth), within=1e-4, mistakes=mistakes)
    if look.wrong:
        return
    losses = look.numbers(answer(LARGE.copy(), LARGE_TRUTH.copy()))
    if look.wrong:
        return
    wanted = logsumexp(LARGE, axis=1) - LARGE[np.arange(4), LARGE_TRUTH]
    why = "A small number added to p, or a clip, makes a hopeless answer look only bad. Simplify log p."
    broken = LARGE[~np.isfinite(losses)]
    if len(broken):
        scores = ", ".join(f"{score:g}" for score in broken[0])
        why = f"The scores {scores}: exp() became 0 or infinite. Take the largest score out of the sum."
    look.that("scores of hundreds and more", near(losses, wanted, 1e-3), why)


@exercise(
    "Walk through the pairs with `zip`, and add 1 at the place of each. Which of the two is the row?",
    "table = np.zeros((10, 10), int)\nfor true, answer in zip(truth, answers):\n    …\nreturn table",
    lambda: xt.plot_confusion([6, 6, 9], [9, 9, 6]),
)
def count_confusions(look, answer, seed=0):
    """A function of the truth (N,) and the answers (N,) that returns counts (10, 10): rows are the truth."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 9, 6000)  # there is no 9 among them
    predicted = np.where(rng.random(6000) < 0.6, labels, rng.integers(0, 7, 6000))
    wanted = np.zeros((10, 10))
    np.add.at(wanted, (labels, predicted), 1)
    got = look.result(answer, labels, predicted, shape=(10, 10))
    once = "`table[truth, answers] += 1` adds 1 to a place only once, however often it is named."
    look.same("the table", got, wanted, within=1e-6, mistakes={once: wanted > 0})


@exercise(
    "Do the probabilities of one digit sum to 1? Is `gradient` what you measure, in each step?",
    "e = np.exp(part @ w)\n"
    "p = e / e.sum(axis=…, keepdims=True)                 # over the classes of ONE digit\n"
    "gradient … part.T @ (p - truth) / len(part)          # what is left of the batch before?",
    figure_of_weights,
)
def mend_training(look, answer, seed=0):
    """A function of x (N, D), y (N,), w (D, K), rate and size that returns w after one epoch."""
    rng = np.random.default_rng(seed)
    x, y, w = rng.random((50, 7)), rng.integers(0, 4, 50), rng.normal(size=(7, 4))
    step = one_epoch(x, y, w, RATE, 50)
    got = look.result(answer, x, y, w, RATE, 50, shape=w.shape)
    over_images = "The probabilities sum to 1 over the images. Which axis holds the classes of ONE?"
    mistakes = {over_images: one_epoch(x, y, w, RATE, 50, axis=0)}
    look.same("w after one step with all images", got, step, within=1e-4, mistakes=mistakes)
    if look.wrong:
        return
    wanted = one_epoch(x, y, w, RATE, SIZE)
    got = look.again(answer, x, y, w, RATE, SIZE, shape=w.shape)
    kept = "The first step is right, the second is not: the gradient of the batch before is still in it."
    mistakes = {kept: one_epoch(x, y, w, RATE, SIZE, keep=True)}
    look.same("w after an epoch of four batches", got, wanted, within=1e-4, mistakes=mistakes)


@exercise(
    "Don't draw pictures. What should be drawn instead?",
    "names, rng = np.unique(origins), np.random.default_rng(seed)     # every original once\n"
    "chosen = rng.choice(names, size=…, replace=False)\n"
    "return np.isin(origins, …)",
    figure_of_a_split,
)
def split_without_a_leak(look, answer, seed=0):
    """A function of origins (N,) and a seed that returns which pictures are in the test part."""
    rng = np.random.default_rng(seed)
    origins = rng.choice(rng.choice(9000, 200, replace=False), 600)  # about 200 different ones, in no order
    test = look.result(answer, origins, 0, shape=origins.shape)
    if look.wrong:
        return
    look.that("each is True or False", np.isin(test, (0, 1)).all(), "Return a mask: True for the test part.")
    both = np.intersect1d(origins[test == 1], origins[test != 1])
    why = f"{len(both)} originals have copies on both sides. Draw originals, not pictures."
    look.that("no original is on both sides", not len(both), why)
    if look.wrong:
        return
    look_at_splits(look, answer, origins, test)


def look_at_splits(look, answer, origins, test):
    """Whether originals are drawn anew by each seed, and fairly; `test` is the split of seed 0."""
    _, first, copies = np.unique(origins, return_index=True, return_counts=True)
    drawn = np.zeros((SPLITS, len(first)))
    for s in range(SPLITS):
        split = look.again(answer, origins, s, shape=origins.shape)
        if look.wrong:
            return
        drawn[s] = split[first]
    repeated = (drawn[0] == test[first]).all()
    look.that("the same seed gives the same split", repeated, "Make the generator from `seed`.")
    share = drawn.mean()
    why = f"Yours is {share:.2f}. True is the test part, a fifth."
    what = "the share of the originals, mean of 60 seeds is between 0.15 and 0.25"
    look.that(what, 0.15 <= share <= 0.25, why)
    why = "The seed is not used, or nothing is drawn at random."
    look.that("another seed gives another split", len(np.unique(drawn, axis=0)) == SPLITS, why)
    more_often = drawn[:, copies > 3].mean() - drawn[:, copies < 3].mean()
    why = "One with many copies comes more often. Draw from np.unique(origins)."
    look.that("each original has the same chance", more_often <= 0.06, why)


@exercise(
    "Try the sentences about scores with three scores of your own, such as 1, 2 and 4.",
    "One mixes up rows and columns, one probability and score. One is settled by what you have printed.",
    figure_of_the_lead,
)
def read_confidence(look, answer, seed=0):
    """The letters of the true statements."""
    why = {
        "a": "Softmax compares scores with each other. A factor e⁵ above and below the fraction cancels.",
        "b": "Tempting: sure answers are better on digits like those it learned from. Turned ones are not.",
        "c": "Tempting: 6 stands first in both sentences. What is read as a 6 stands in a column.",
        "d": "Each lead doubles, so e to the lead grows. The order stays. That makes it surer, not better.",
        "e": "Tempting. But the softmax is saturated: ask for the gradient of the score.",
    }
    look.choice(answer, right="ad", why=why)
