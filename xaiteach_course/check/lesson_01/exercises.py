"""Exercises of lesson 01: pictures as a network wants them, the loss, the table of mistakes, training, a fair test."""

import numpy as np
from scipy.special import logsumexp, softmax

import xaiteach as xt
import xaiteach_course.check.lesson_01.figures as figures
from xaiteach_course.check.exercise import exercise
from xaiteach_course.check.lesson_01.truth import (
    LARGE,
    LARGE_TRUTH,
    draw_batch,
    draw_origins,
    draw_pairs,
    draw_scans,
    one_epoch,
    stretched,
)
from xaiteach_course.check.old import again, alike, between, chosen, numbers, result
from xaiteach_course.check.verdict import Line

RATE, SIZE = 0.3, 16
SPLITS = 60


@exercise(
    "Bring scans into the form that the network knows",
    hints=[
        "Do it in three steps, and look at the shape after each: one grey value a pixel; paper 0 and ink 1; the axis "
        "of the channel at the end.",
        "grey = scans.mean(axis=…)                            # (N, H, W): which axis holds the three colours?\n"
        "light = grey.max(axis=(1, 2), keepdims=True)         # the paper of EACH scan\n"
        "dark = …\n"
        "return (…)[..., None]",
        figures.figure_of_scans,
    ],
)
def prepare_scans(answer, seed=0):
    """A function of scans (N, 3, H, W), uint8, that returns (N, H, W, 1): paper 0, ink 1."""
    scans = draw_scans(seed)
    grey = scans.mean(axis=1)
    wanted, lightest = stretched(grey), grey.max(axis=(1, 2), keepdims=True)
    got = yield from result(answer, scans, shape=wanted.shape)
    mistakes = {
        "Ink is 0 and paper is 1. The network knows white ink on black.": 1 - wanted,
        "Divided by 255, the paper is grey, not 0. The network has never seen a grey page.": 1
        - grey[..., None] / 255,
        "The paper is 0, but the ink is not 1: divide by what lies between paper and ink.": (
            (lightest - grey) / lightest
        )[..., None],
        "All scans together are stretched. Each has its own light: take the lightest and the darkest of each one.": (
            stretched(grey, axis=None)
        ),
        "reshape() only counts the numbers anew, so colours and places are mixed up. Take the mean over the axis of "
        "the colours.": stretched(scans.reshape(3, 6, 8, 3).mean(axis=-1)),
        "The values are those of a uint8, which begins again at 0 after 255. Make them floats before you add.": (
            stretched(scans.sum(axis=1, dtype=np.uint8) / 3)
        ),
        "The mean of the colours is rounded to whole numbers. Is there a `//`?": stretched(grey // 1),
        "Each colour is stretched alone. First the mean of the colours, then one scale for the scan.": (
            stretched(scans.reshape(9, 6, 8)).reshape(3, 3, 6, 8, 1).mean(axis=1)
        ),
        **{
            f"That is colour {k} alone. Take the mean of the three.": stretched(scans[:, k]) for k in range(3)
        },
    }
    yield alike("the pictures", got, wanted, within=1e-3, mistakes=mistakes)


@exercise(
    "Write a loss that is never infinite",
    hints=[
        "Put the softmax into −log p and simplify, before you write code. What is the logarithm of a fraction?",
        "top = scores.max(axis=1)                                    # take it out, add it back at the end\n"
        "log_of_sum = top + np.log(np.exp(scores - …).sum(axis=1))\n"
        "return log_of_sum - …                                       # the score of the true class, shape (N,)",
        figures.figure_of_the_loss,
    ],
)
def build_cross_entropy(answer, seed=0):
    """A function of scores (N, K) and labels (N,) that returns the loss of each image (N,)."""
    rng = np.random.default_rng(seed)
    scores, labels = rng.normal(0, 3, (40, 5)), rng.integers(0, 5, 40)
    p = softmax(scores, axis=1)
    of_truth = p[np.arange(40), labels]
    got = yield from result(answer, scores, labels, shape=(40,))
    mistakes = {
        "That is the loss of the class with the largest score. Take the true class.": -np.log(p.max(axis=1)),
        "That is the probability of the true class. The loss is −log of it.": of_truth,
        "That is 1 − p. The loss is −log p.": 1 - of_truth,
        "That is log10. The loss is the natural logarithm, np.log.": -np.log10(of_truth),
        "That is log2. The loss is the natural logarithm, np.log.": -np.log2(of_truth),
        "The sum over the classes is missing: this is only the score, with the other sign.": (
            -scores[np.arange(40), labels]
        ),
    }
    line = alike("the losses", got, -np.log(of_truth), within=1e-4, mistakes=mistakes)
    yield line
    if line.right:
        large = numbers(answer(LARGE.copy(), LARGE_TRUTH.copy())).astype(float)
        yield Line("scores of hundreds and more", *_survives(large))


def _survives(large):
    """Whether the losses of `LARGE` are right, and if not, why not."""
    wanted = logsumexp(LARGE, axis=1) - LARGE[np.arange(len(LARGE)), LARGE_TRUTH]
    if not np.isfinite(large).all():
        scores = ", ".join(f"{one:g}" for one in LARGE[~np.isfinite(large)][0])
        why = f"The scores {scores}: exp() became 0 or infinite. Take the largest score out of the sum, and the "
        return False, why + "logarithm by hand."
    if large.max() < 50:
        why = "A small number added to p, or a clip, makes a hopeless answer look only bad. Simplify log p by hand."
        return False, why
    line = alike("", large, wanted, within=1e-3)
    return line.right, line.why


@exercise(
    "Count which digit is taken for which",
    hints=[
        "Walk through the pairs with `zip`, and add 1 at the place of each. Which of the two chooses the row?",
        "table = np.zeros((10, 10), int)\nfor true, answer in zip(truth, answers):\n    …\nreturn table",
        lambda: xt.plot_confusion([6, 6, 9], [9, 9, 6]),
    ],
)
def count_confusions(answer, seed=0):
    """A function of the truth (N,) and the answers (N,) that returns the counts (10, 10): rows are the truth."""
    truth, answers = draw_pairs(seed)
    wanted = np.zeros((10, 10))
    np.add.at(wanted, (truth, answers), 1)
    got = yield from result(answer, truth, answers, shape=(10, 10))
    mistakes = {
        "Rows and columns are exchanged: a row is a true class, a column an answer.": wanted.T,
        "Each pair is counted once: `table[truth, answers] += 1` adds 1 to a place only once, however often it is "
        "named.": wanted > 0,
        "These are shares of each row. Counts are asked for.": wanted
        / np.maximum(wanted.sum(1, keepdims=True), 1),
        "The right answers are missing: they belong on the diagonal.": wanted * (1 - np.eye(10)),
    }
    yield alike("the table", got, wanted, within=1e-6, mistakes=mistakes)


@exercise(
    "Mend a broken training loop",
    hints=[
        "Print the probabilities of one digit: do they sum to 1? Then nudge a weight in the first step, and again in "
        "the second: is `gradient` what you measure?",
        "e = np.exp(part @ w)\n"
        "p = e / e.sum(axis=…, keepdims=True)                 # over the classes of ONE digit\n"
        "gradient … part.T @ (p - truth) / len(part)          # what is left in it from the batch before?",
        figures.figure_of_weights,
    ],
)
def mend_training(answer, seed=0):
    """A function of x (N, D), y (N,), w (D, K), rate and size that returns w after one epoch."""
    x, y, w = draw_batch(seed)
    one = yield from result(answer, x, y, w, RATE, len(x), shape=w.shape)
    step = one_epoch(x, y, w, RATE, 50)
    axis = (
        "The probabilities of one image must sum to 1. Here they sum to 1 over the images of the batch: which axis "
        "holds the classes?"
    )
    mistakes = {
        axis: one_epoch(x, y, w, RATE, 50, axis=0),
        "It climbs: a step goes against the gradient.": 2 * w - step,
        "The gradient is a sum over the images; it must be their mean.": one_epoch(
            x, y, w, RATE, 50, reduce=np.sum
        ),
        "Nothing has changed.": w,
    }
    yield alike("w after one step with all images", one, step, within=1e-4, mistakes=mistakes)
    mistakes = {
        axis: one_epoch(x, y, w, RATE, SIZE, axis=0),
        axis + " And the gradient of the batch before is still in it.": one_epoch(
            x, y, w, RATE, SIZE, axis=0, keep=True
        ),
        "The first step is right, the second is not: the gradient of the batch before is still in it.": one_epoch(
            x, y, w, RATE, SIZE, keep=True
        ),
        "The last batch, which is smaller, is left out.": one_epoch(x[:48], y[:48], w, RATE, SIZE),
        "That is one step with all images: where are the batches?": step,
        "The last batch has 2 images, but its sum is divided by `size`. Take its mean.": one_epoch(
            x, y, w, RATE, SIZE, reduce=lambda values, axis: values.sum(axis) / SIZE
        ),
    }
    batches = again(answer, x, y, w, RATE, SIZE, shape=w.shape)
    wanted = one_epoch(x, y, w, RATE, SIZE)
    yield alike("w after an epoch of four batches", batches, wanted, within=1e-4, mistakes=mistakes)


@exercise(
    "Split without a leak",
    hints=[
        "Don't draw pictures. What should be drawn instead?",
        "names = np.unique(origins)                                # every original once\n"
        "rng = np.random.default_rng(seed)\n"
        "chosen = rng.choice(names, size=…, replace=False)\n"
        "return np.isin(origins, …)",
        figures.figure_of_a_split,
    ],
)
def split_without_a_leak(answer, seed=0):
    """A function of origins (N,) and a seed that returns, for each picture, whether it belongs to the test part."""
    origins = draw_origins(seed)
    test = yield from result(answer, origins, 0, shape=origins.shape)
    yield Line(
        "each is True or False", bool(np.isin(test, (0, 1)).all()), "Return a mask: True for the test part."
    )
    both = len(set(origins[test == 1]) & set(origins[test != 1]))
    why = f"{both} of {len(set(origins))} originals have copies on both sides. Draw originals, not pictures."
    yield Line("no original is on both sides", not both, why)
    same = again(answer, origins, 0, shape=origins.shape)
    yield Line(
        "the same seed gives the same split", bool((same == test).all()), "Make the generator from `seed`."
    )
    _, first, copies = np.unique(origins, return_index=True, return_counts=True)
    drawn = np.array([again(answer, origins, s, shape=origins.shape)[first] for s in range(SPLITS)])
    share = drawn.mean()
    above = "Is True the training part?" if share > 0.6 else "Too many."
    yield between(
        "the share of the originals, mean of 60 seeds", share, 0.15, 0.25, below="Too few.", above=above
    )
    yield from _lots(drawn, copies)


def _lots(drawn, copies):
    """Whether originals are drawn fairly, from splits (seeds, originals in order) and how often each is there."""
    why = "The seed is not used, or nothing is drawn at random."
    yield Line("another seed gives another split", len(np.unique(drawn, axis=0)) == len(drawn), why)
    never = (drawn.sum(axis=0) == 0).sum()
    few, many = (drawn[:, chosen].mean() for chosen in (copies < 3, copies > 3))
    reasons = {
        "Here neighbouring numbers come together.": np.abs(np.diff(drawn)).mean() < 0.22,
        f"{never} of {len(copies)} originals came in none of {SPLITS} splits.": never > 0,
        "One with many copies comes more often. Draw from np.unique(origins): there each is once.": many - few
        > 0.06,
    }
    why = next((why for why, found in reasons.items() if found), "")
    yield Line("each original has the same chance", not why, why)


@exercise(
    "Say what a number can tell",
    hints=[
        "Try the sentences about scores with three scores of your own, such as 1, 2 and 4.",
        "Two of the five are true. One of the false ones mixes up rows and columns, one takes the probability for the "
        "score, and one is settled by numbers that you have printed.",
        figures.figure_of_doubling,
    ],
)
def read_confidence(answer, seed=0):
    """The letters of the true statements."""
    return chosen(
        answer,
        right="ad",
        why={
            "a": "Softmax compares scores with each other. A factor e⁵ above and below the fraction cancels.",
            "b": "Tempting, since a sure answer is a better answer, on digits like those it learned from. Turned ones "
            "are not. Of these about half are read right.",
            "c": "Tempting: 6 stands first in both sentences. A row holds what the true sixes are read as. What is "
            "read as a 6 stands in a column.",
            "d": "Each lead over another class doubles, so e to the lead grows. The order stays. That makes it surer, "
            "not better.",
            "e": "Tempting, as a gradient near zero says that nothing matters. But the softmax is saturated. Ask for "
            "the gradient of the score.",
        },
    )
