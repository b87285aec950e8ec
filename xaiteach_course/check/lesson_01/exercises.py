"""Exercises of lesson 01: pictures for a network, the loss, the table of mistakes, training, a fair test."""

import numpy as np
from scipy.special import logsumexp, softmax

import xaiteach as xt
from xaiteach_course.check.exercise import exercise
from xaiteach_course.check.lesson_01 import figures, truth
from xaiteach_course.check.lesson_01.truth import LARGE, LARGE_TRUTH, one_epoch, stretched
from xaiteach_course.check.reasons import near, why_different

RATE, SIZE = 0.3, 16
SPLITS = 60


@exercise(
    "Three steps: one grey value a pixel; paper 0 and ink 1; the axis of the channel at the end.",
    "grey = scans.mean(axis=…)                            # which axis holds the three colours?\n"
    "light, dark = grey.max(axis=(1, 2), keepdims=True), …\n"
    "return (…)[..., None]",
    figures.figure_of_scans,
)
def prepare_scans(look, answer, seed=0):
    """A function of scans (N, 3, H, W), uint8, that returns (N, H, W, 1): paper 0, ink 1."""
    scans = truth.draw_scans(seed)
    grey = scans.mean(axis=1)
    wanted = stretched(grey)
    got = look.result(answer, scans, shape=wanted.shape)
    turned, paper = 1 - grey[..., None] / 255, grey.max(axis=(1, 2), keepdims=True)
    woven = scans.reshape(3, 6, 8, 3).mean(axis=-1)
    overflown = scans.sum(axis=1, dtype=np.uint8) / 3
    colours = stretched(scans.reshape(9, 6, 8)).reshape(3, 3, 6, 8, 1)
    mistakes = {
        "Ink is 0 and paper is 1. The network knows white ink on black.": 1 - wanted,
        "Divided by 255, the paper is grey, not 0. The network knows no grey page.": turned,
        "The paper is 0, but the ink is not 1.": 1 - (grey / paper)[..., None],
        "All scans together are stretched. Each has its own light.": stretched(grey, axis=None),
        "reshape() only counts the numbers anew. Take the mean over an axis.": stretched(woven),
        "A uint8 begins again at 0 after 255. Make floats before you add.": stretched(overflown),
        "Each colour is stretched alone. First take the mean of the colours.": colours.mean(axis=1),
        "That is the first colour alone. Take the mean of the three.": colours[:, 0],
    }
    look.same("the pictures", got, wanted, within=1e-3, mistakes=mistakes)


@exercise(
    "Simplify −log(softmax) on paper, before you write code. What is the logarithm of a fraction?",
    "top = scores.max(axis=1)                                    # take it out, add it back\n"
    "log_of_sum = top + np.log(np.exp(scores - …).sum(axis=1))\n"
    "return log_of_sum - …                                       # the score of the true class, (N,)",
    figures.figure_of_the_lead,
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
        "That is 1 − p. The loss is −log p.": 1 - of_truth,
        "That is log10. The loss is the natural logarithm, np.log.": -np.log10(of_truth),
        "The sum over the classes is missing: this is only −score.": -scores[np.arange(40), labels],
    }
    look.same("the losses", got, -np.log(of_truth), within=1e-4, mistakes=mistakes)
    if look.wrong:
        return
    losses = look.numbers(answer(LARGE.copy(), LARGE_TRUTH.copy()))
    if losses is not None:
        look_at_large(look, losses.astype(float))


def look_at_large(look, losses):
    """Whether the losses of `LARGE` are right; they may be infinite."""
    wanted = logsumexp(LARGE, axis=1) - LARGE[np.arange(len(LARGE)), LARGE_TRUTH]
    why = why_different(losses, wanted, 1e-3, {})
    broken = LARGE[~np.isfinite(losses)]
    if len(broken):
        scores = ", ".join(f"{score:g}" for score in broken[0])
        why = f"The scores {scores}: exp() became 0 or infinite. Take the largest score out of the sum."
    elif losses.max() < 50:
        why = "A small number added to p, or a clip, makes a hopeless answer look only bad. Simplify log p."
    look.that("scores of hundreds and more", near(losses, wanted, 1e-3), why)


@exercise(
    "Walk through the pairs with `zip`, and add 1 at the place of each. Which of the two is the row?",
    "table = np.zeros((10, 10), int)\nfor true, answer in zip(truth, answers):\n    …\nreturn table",
    lambda: xt.plot_confusion([6, 6, 9], [9, 9, 6]),
)
def count_confusions(look, answer, seed=0):
    """A function of the truth (N,) and the answers (N,) that returns counts (10, 10): rows are the truth."""
    labels, predicted = truth.draw_pairs(seed)
    wanted = np.zeros((10, 10))
    np.add.at(wanted, (labels, predicted), 1)
    got = look.result(answer, labels, predicted, shape=(10, 10))
    of_a_row = np.maximum(wanted.sum(axis=1, keepdims=True), 1)
    mistakes = {
        "Rows and columns are exchanged: a row is a true class, a column an answer.": wanted.T,
        "`table[truth, answers] += 1` adds 1 to a place only once, however often it is named.": wanted > 0,
        "These are shares of each row. Counts are asked for.": wanted / of_a_row,
        "The right answers are missing: they belong on the diagonal.": wanted * (1 - np.eye(10)),
    }
    look.same("the table", got, wanted, within=1e-6, mistakes=mistakes)


@exercise(
    "Do the probabilities of one digit sum to 1? Is `gradient` what you measure, in each step?",
    "e = np.exp(part @ w)\n"
    "p = e / e.sum(axis=…, keepdims=True)                 # over the classes of ONE digit\n"
    "gradient … part.T @ (p - truth) / len(part)          # what is left of the batch before?",
    figures.figure_of_weights,
)
def mend_training(look, answer, seed=0):
    """A function of x (N, D), y (N,), w (D, K), rate and size that returns w after one epoch."""
    x, y, w = truth.draw_batch(seed)
    step = one_epoch(x, y, w, RATE, 50)
    got = look.result(answer, x, y, w, RATE, 50, shape=w.shape)
    over_images = one_epoch(x, y, w, RATE, 50, axis=0)
    mistakes = {
        "The probabilities sum to 1 over the images. Which axis holds the classes of ONE?": over_images,
        "It climbs: a step goes against the gradient.": 2 * w - step,
        "The gradient is a sum over the images; it must be their mean.": w + 50 * (step - w),
        "Nothing has changed.": w,
    }
    look.same("w after one step with all images", got, step, within=1e-4, mistakes=mistakes)
    if look.wrong:
        return
    wanted = one_epoch(x, y, w, RATE, SIZE)
    got = look.again(answer, x, y, w, RATE, SIZE, shape=w.shape)
    three_batches = one_epoch(x[:48], y[:48], w, RATE, SIZE)
    small_step = three_batches + 2 / SIZE * (wanted - three_batches)
    kept = "The first step is right, the second is not: the gradient of the batch before is still in it."
    mistakes = {
        kept: one_epoch(x, y, w, RATE, SIZE, keep=True),
        "The last batch, which is smaller, is left out.": three_batches,
        "The last batch has 2 images, but its sum is divided by `size`. Take its mean.": small_step,
        "That is one step with all images: where are the batches?": step,
    }
    look.same("w after an epoch of four batches", got, wanted, within=1e-4, mistakes=mistakes)


@exercise(
    "Don't draw pictures. What should be drawn instead?",
    "names, rng = np.unique(origins), np.random.default_rng(seed)     # every original once\n"
    "chosen = rng.choice(names, size=…, replace=False)\n"
    "return np.isin(origins, …)",
    figures.figure_of_a_split,
)
def split_without_a_leak(look, answer, seed=0):
    """A function of origins (N,) and a seed that returns which pictures are in the test part."""
    origins = truth.draw_origins(seed)
    test = look.result(answer, origins, 0, shape=origins.shape)
    if look.wrong:
        return
    look.that("each is True or False", np.isin(test, (0, 1)).all(), "Return a mask: True for the test part.")
    both = np.intersect1d(origins[test == 1], origins[test != 1])
    why = f"{len(both)} originals have copies on both sides. Draw originals, not pictures."
    look.that("no original is on both sides", not len(both), why)
    if look.wrong:
        return
    names, first, copies = np.unique(origins, return_index=True, return_counts=True)
    drawn = np.zeros((SPLITS, len(names)))
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
    look_at_chances(look, drawn, copies)


def look_at_chances(look, drawn, copies):
    """Whether originals are drawn fairly, from splits (seeds, originals in order) and their copies."""
    why = "The seed is not used, or nothing is drawn at random."
    look.that("another seed gives another split", len(np.unique(drawn, axis=0)) == len(drawn), why)
    never = (drawn.sum(axis=0) == 0).sum()
    more_often = drawn[:, copies > 3].mean() - drawn[:, copies < 3].mean()
    why = ""
    if np.abs(np.diff(drawn)).mean() < 0.22:
        why = "Here neighbouring numbers come together."
    elif never:
        why = f"{never} of {len(copies)} originals came in none of {len(drawn)} splits."
    elif more_often > 0.06:
        why = "One with many copies comes more often. Draw from np.unique(origins)."
    look.that("each original has the same chance", not why, why)


@exercise(
    "Try the sentences about scores with three scores of your own, such as 1, 2 and 4.",
    "One mixes up rows and columns, one probability and score. One is settled by what you have printed.",
    figures.figure_of_the_lead,
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
