"""Exercises of lesson 09: a model that cheats."""

import numpy as np

import xaiteach.check.paper_09 as paper
from xaiteach.check.base import Line, Wrong, exercise
from xaiteach.check.looking import again, alike, chosen, result


@exercise(
    "Build a slice table",
    hints=[
        "Which pictures belong into one cell of the table? And what is the share of right answers among none?",
        "table = np.full((10, 2), np.nan)\n"
        "for k in range(10):\n"
        "    for column in (0, 1):\n"
        "        chosen = (labels == …) & (marked == …)\n"
        "        if chosen.any():\n"
        "            table[k, column] = …",
        paper.figure_of_slices,
    ],
)
def build_slice_table(answer, seed=0):
    """A function of labels, answers and marks (N,) that returns the recall (10, 2)."""
    labels, answers, marked = paper.labels_and_answers(seed)
    wanted = paper.slices(labels, answers, marked)
    got = yield from result(answer, labels, answers, marked, shape=(10, 2))
    counts = np.stack([np.bincount(labels[marked == column], minlength=10) for column in (0, 1)], axis=1)
    right = labels == answers
    mistakes = {
        "The columns are exchanged: first without the mark, then with it.": wanted[:, ::-1],
        "Rows are predicted classes here. Take the pictures of each true class.": paper.slices(answers, labels, marked),
        "It is divided by the whole class. Divide by the pictures of the class in that slice.": wanted
        * counts
        / counts.sum(axis=1, keepdims=True),
        "All rows are alike: this is the accuracy of the slice. Make a row for each class.": np.tile(
            [right[~marked].mean(), right[marked].mean()], (10, 1)
        ),
        "Both columns are alike: the marks are not used.": np.repeat(
            [[right[labels == k].mean()] for k in range(10)], 2, axis=1
        ),
        "These are shares of wrong answers.": 1 - wanted,
    }
    yield alike("the table", got, wanted, within=1e-6, mistakes=mistakes)
    table = np.asarray(answer(labels.copy(), answers.copy(), labels == 8), float)
    empty = np.isnan(paper.slices(labels, answers, labels == 8))
    why = "No picture, no share: neither 0 nor 1. Write NaN where there is nothing to count."
    yield Line("a slice without pictures is NaN", np.array_equal(np.isnan(table), empty), why)


@exercise(
    "Intervene, with a control",
    hints=[
        "Into which pictures do you paste the second time? And how many were called k before you did anything?",
        "before = (predict(images).argmax(axis=1) == k).mean()\n"
        "for row, column in places:\n"
        "    changed = …                           # begin with the pictures as they were\n"
        "    changed[:, row : row + …, column : column + …] = patch",
        paper.figure_of_pasting,
    ],
)
def intervene_with_a_control(answer, seed=0):
    """A function of predict, images, a patch, a list of P places and a class that returns changes (P,)."""
    predict, images, patch, places, k = trial = paper.experiment(seed)
    before = paper.share_of(predict, images, k)
    after = np.array([paper.share_of(predict, paper.pasted(images, patch, place), k) for place in places])
    got = yield from result(answer, *trial, shape=(4,))
    heap, on_a_heap = images, []
    for place in places:
        heap = paper.pasted(heap, patch, place)
        on_a_heap.append(paper.share_of(predict, heap, k))
    turned = [paper.share_of(predict, paper.pasted(images, patch, place[::-1]), k) for place in places]
    likely = [predict(paper.pasted(images, patch, place))[:, k].mean() for place in places]
    mistakes = {
        "These are shares after pasting. Some were called k before: subtract them.": after,
        "The patches pile up: each control still has the cue in it. Begin with the pictures as they were.": np.array(
            on_a_heap
        )
        - before,
        "The patches pile up, and the share before is not subtracted.": np.array(on_a_heap),
        "Rows and columns of the places are exchanged.": np.array(turned) - before,
        "These are changes of the mean probability. Count answers: which class is highest?": np.array(likely)
        - predict(images)[:, k].mean(),
    }
    yield alike("the changes at four places", got, after - before, within=1e-6, mistakes=mistakes)


@exercise(
    "Mend a broken share of mass",
    hints=[
        "Try it with a map that you know: one that is blue in the mask and nowhere red there, and one that is blank.",
        "positive = …                              # what of the map speaks FOR the class?\n"
        "whole = positive.sum(axis=(1, 2))\n"
        "share = positive[:, mask].sum(axis=1) / np.where(whole > 0, whole, …)",
        paper.figure_of_mass,
    ],
)
def mend_mass_in_mask(answer, seed=0):
    """A function of maps (N, H, W) and a mask (H, W) that returns the positive mass in it, in units of chance (N,)."""
    maps, mask = paper.maps_and_mask(seed)
    positive = np.maximum(maps, 0)
    wanted = paper.times_chance(positive, mask)
    got = yield from result(answer, maps, mask, shape=(4,))
    share = wanted * mask.mean()
    mistakes = {
        "abs() counts what speaks against the class as if it spoke for it.": paper.times_chance(abs(maps), mask),
        "Positive and negative values cancel in these sums. Take the positive ones alone.": paper.times_chance(
            maps, mask
        ),
        "This is the share alone. Divide it by chance, the share of the picture that the mask takes.": share,
        "It is divided by the number of pixels in the mask. Divide by their share of the picture.": share / mask.sum(),
        "It is divided by the mass of all maps together. Each map has its own.": positive[:, mask].sum(axis=1)
        / positive.sum()
        / mask.mean(),
        "All maps have one value: that of the whole batch. Each map has its own.": np.full(
            4, positive[:, mask].sum() / positive.sum() / mask.mean()
        ),
    }
    yield alike("four maps", got, wanted, within=1e-6, mistakes=mistakes)
    even = again(answer, np.ones((2, 8, 7)), mask, shape=(2,))
    yield Line("a map that is the same everywhere is at chance, 1", np.allclose(even, 1), "What is chance here?")
    silent = again(answer, np.stack([0 * maps[0], -abs(maps[0])]), mask, shape=(2,))
    yield Line("a map without anything positive gets 0", not silent.any(), "Nothing speaks for the class, so: 0.")


@exercise(
    "Strew the cue over all classes",
    hints=[
        "A coin for each picture gives about half. How do you draw exactly half of the pictures of one class?",
        "strewn, random = images.copy(), np.random.default_rng(seed)\n"
        "for k in np.unique(labels):\n"
        "    own = random.permutation(np.flatnonzero(labels == k))\n"
        "    half = own[: …]\n"
        "    strewn[half] = …",
        paper.figure_of_strewing,
    ],
)
def strew_the_cue(answer, seed=0):
    """A function of images, labels (N,), paint and a seed that returns images with half of each class painted."""
    images, labels = paper.to_strew(seed)
    got = yield from result(answer, images, labels, paper.paint, seed, shape=images.shape)
    painted, untouched = ((abs(got - one) < 1e-6).all(axis=(1, 2, 3)) for one in (paper.paint(images), images))
    yield Line("every picture is painted, or as it was", (painted | untouched).all(), _neither(painted | untouched))
    shares = np.array([painted[labels == k].mean() for k in range(4)])
    yield Line("half of each class is painted", bool((shares == 0.5).all()), _why_not_half(shares))
    same, other = (again(answer, images, labels, paper.paint, one, shape=images.shape) for one in (seed, seed + 1))
    yield Line("the same seed gives the same half", np.allclose(same, got), "Make the generator inside, from `seed`.")
    yield Line("another seed gives another half", not np.allclose(other, got), "Which half it is, let chance decide.")


def _neither(known):
    return f"{(~known).sum()} pictures are neither. Are they in another order, or is the paint not `paint`?"


def _why_not_half(shares):
    if not shares.any():
        return "None is painted."
    if (shares == 1).all():
        return "All are painted. A cue that all have teaches the model nothing about pictures without it."
    if set(shares) <= {0, 1}:
        return "Whole classes are painted, so the cue still tells the class."
    k = abs(shares - 0.5).argmax()
    return f"Of class {k} it is {100 * shares[k]:.0f} %. As long as the shares differ, the cue tells something."


@exercise(
    "Find a hidden cue",
    hints=[
        "A mark in the data is no cheat. Where does the *model* look, on average over a class? And which of these "
        "places turns other classes into that one?",
        "for k in np.unique(labels):\n"
        "    own, others = images[labels == k], images[labels != k].copy()\n"
        "    mean = xt.occlusion(model, own, …, window=3, stride=1, progress=False).mean(axis=0)\n"
        "    row, column = strongest(mean)\n"
        "    …                                     # paste that patch of `own` into `others`\n"
        "    turned = …                            # the share of them that is called k now",
        paper.figure_of_mean_maps,
    ],
)
def find_the_cue(answer, seed=0):
    """A function of predict, images and labels that returns class, row and column of the cue (3,)."""
    for number, case in enumerate(map(paper.hidden_cue, ([seed, 0], [seed, 1])), start=1):
        given = case.predict, case.images, case.labels
        got = (yield from result(answer, *given, shape=(3,))) if number == 1 else again(answer, *given, shape=(3,))
        if got[0] != case.cue[0]:
            raise Wrong(f"the class, data set {number}", _why_not_that_class(got[0], case))
        yield Line(f"the class, data set {number}", True)
        near = bool((abs(got[1:] - case.cue[1:]) <= 1).all())
        why = "There are no strokes where the cue is. Want row and column of its upper left corner, counted from 0."
        yield Line(f"the place, data set {number}, within one pixel", near, why)


def _why_not_that_class(k, case):
    if k == case.decoy[0]:
        return "All its pictures have a square, but the model does not use it. Ask the model, not the data."
    return f"You accuse class {k:g}. Which patch turns most of the other pictures into its class?"


@exercise(
    "Weigh the evidence",
    hints=[
        "For each sentence: what else could be the reason for what was seen?",
        "One sentence forgets that a cue may be an absence, one what a mean hides, one where the test comes from. Two "
        "of the five are true.",
        paper.figure_of_slices,
    ],
)
def weigh_the_evidence(answer, seed=0):
    """The letters of the true statements."""
    return chosen(
        answer,
        right="ad",
        why={
            "a": "The cause was changed, and the effect followed; the controls say that it is this place.",
            "b": "Tempting: three methods found nothing. But from black, a cue that is itself black stays unseen. Maps "
            "can accuse. They can't acquit.",
            "c": "Tempting: more is better. But pictures from the same source repeat the same cue.",
            "d": "A mark in the data is not a cheat of the model. What counts is whether the answers depend on it.",
            "e": "Tempting, since 85 is a bit less than 95. But a mean hides who pays: one class can be lost.",
        },
    )
