"""Exercises of lesson 09: a model that cheats."""

import numpy as np

import xaiteach_course.check.lesson_09.reasons as reasons
import xaiteach_course.check.lesson_09.truth as paper
from xaiteach_course.check.exercise import exercise
from xaiteach_course.check.old import Wrong, again, alike, chosen, quietly, result
from xaiteach_course.check.verdict import Line


@exercise(
    "Build a slice table",
    hints=[
        "Which pictures are counted in one cell of the table? And what is the share of right answers among none?",
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
        "Rows are predicted classes here. Take the pictures of each true class.": paper.slices(
            answers, labels, marked
        ),
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
    yield (line := alike("the table", got, wanted, within=1e-6, mistakes=mistakes))
    if line.right:
        yield from _of_empty_slices(answer, paper.without_a_class(seed))


def _of_empty_slices(answer, given):
    """Lines about a table with slices, and even a class, without pictures."""

    def ask(see):
        lines = result(lambda *some: see(np.asarray(answer(*some), float)), *given, shape=(10, 2))
        return quietly(lines, "ten rows, also where a class has no pictures")

    wanted = paper.slices(*given)
    why = (
        "No picture, no share: neither 0 nor 1. Write NaN where there is nothing to count, and nowhere else."
    )
    yield (
        line := Line("a slice without pictures is NaN", np.array_equal(ask(np.isnan), np.isnan(wanted)), why)
    )
    if line.right:
        yield alike("the other slices then", ask(np.nan_to_num), np.nan_to_num(wanted), within=1e-6)


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
    trial = paper.experiment(seed)
    wanted = paper.changes(trial)
    got = yield from result(answer, *trial, shape=wanted.shape)
    before, heap = paper.share_of(trial.predict, trial.images, trial.k), paper.shares_on_a_heap(trial)
    likely = [trial.predict(x)[:, trial.k].mean() for x in (trial.images, *paper.pictures_after(trial))]
    mistakes = {
        "These are shares after pasting. Some were called k before: subtract them.": wanted + before,
        "The patches pile up: each control still has the cue in it. Begin with the pictures as they were.": heap
        - before,
        "The patches pile up, and the share before is not subtracted.": heap,
        "Rows and columns of the places are exchanged.": paper.changes(trial, paper.at_turned_places),
        "These are changes of the mean probability. Count answers: which class is highest?": np.array(
            likely[1:]
        )
        - likely[0],
        "What was brighter than the patch is still there. Put the patch in its place, whatever was there.": (
            paper.changes(trial, paper.by_a_maximum)
        ),
    }
    mistakes |= {
        f"You count the answers {k}. Count the answers `k`, here {trial.k}.": paper.changes(
            trial._replace(k=k)
        )
        for k in range(4)
        if k != trial.k
    }
    yield (line := alike("the changes at these places", got, wanted, within=1e-6, mistakes=mistakes))
    if line.right:
        other = trial._replace(k=(trial.k + 1) % 4, places=trial.places[1::-1])
        got, wanted = again(answer, *other, shape=(2,)), paper.changes(other)
        why = {
            f"You count the answers {trial.k}. Count the answers `k`, here {other.k}.": paper.changes(trial)[
                1::-1
            ]
        }
        yield alike("the changes of another class at two places", got, wanted, within=1e-6, mistakes=why)


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
    share, inside = wanted * mask.mean(), positive[:, mask].sum(axis=1)
    mistakes = {
        "abs() counts what speaks against the class as if it spoke for it.": paper.times_chance(
            abs(maps), mask
        ),
        "Positive and negative values cancel in these sums. Take the positive ones alone.": paper.times_chance(
            maps, mask
        ),
        "This is the share alone. Divide it by chance, the share of the picture that the mask takes.": share,
        "It is divided by the number of pixels in the mask. Divide by their share of the picture.": share
        / mask.sum(),
        "It is divided by the mass of all maps together. Each map has its own.": inside
        / positive.sum()
        / mask.mean(),
        "All maps have one value: that of the whole batch. Each map has its own.": np.full(
            4, inside.sum() / positive.sum() / mask.mean()
        ),
        "Maps of small numbers get too little. Divide by the sum as it is, unless it is 0.": inside
        / np.maximum(positive.sum(axis=(1, 2)), 1)
        / mask.mean(),
    }
    yield (line := alike("four maps", got, wanted, within=1e-4, mistakes=mistakes))
    if not line.right:
        return
    even = again(answer, np.ones((2, 8, 7)), mask, shape=(2,))
    yield Line(
        "a map that is the same everywhere is at chance, 1", np.allclose(even, 1), "What is chance here?"
    )
    mixed = np.stack([maps[0], 0 * maps[0], maps[1], -abs(maps[2])])
    silent = "a map without anything positive gets 0"
    got = quietly(result(answer, mixed, mask, shape=(4,)), silent)
    yield Line(silent, not got[[1, 3]].any(), "Nothing speaks for the class, so: 0.")
    why = {"One map without anything positive, and all get 0. Each map has its own value.": np.zeros(2)}
    yield alike("the other maps of its batch", got[[0, 2]], wanted[:2], within=1e-4, mistakes=why)


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
    painted, untouched = (paper.same(got, one) for one in (paper.paint(images), images))
    known, shares = painted | untouched, np.array([painted[labels == k].mean() for k in range(10)])
    yield (line := Line("every picture is painted, or as it was", bool(known.all()), reasons.neither(known)))
    if not line.right:
        return
    yield (
        line := Line("half of each class is painted", bool((shares == 0.5).all()), reasons.not_half(shares))
    )
    if line.right:
        anew = [
            again(answer, images, labels, paper.paint, s, shape=images.shape)
            for s in (seed, *range(100, 125))
        ]
        yield from _of_the_seeds([paper.same(one, paper.paint(images)) for one in anew], painted, labels)


def _of_the_seeds(halves, painted, labels):
    """Lines about the halves that come by the same seed, and by 25 others."""
    why = "Make the generator inside, from `seed`."
    yield (line := Line("the same seed gives the same half", np.array_equal(halves[0], painted), why))
    if line.right:
        why = reasons.not_by_chance(np.array(halves[1:]), labels)
        yield Line("25 other seeds give halves that chance has drawn", not why, why)


@exercise(
    "Find a hidden cue",
    hints=[
        "A mark in the data is no cheat. Where does the *model* look, on average over a class? And which of these "
        "places turns other classes into that one?",
        "for k in np.unique(labels):\n"
        "    own, others = images[labels == k], images[labels != k].copy()\n"
        "    mean = xt.occlusion(predict, own, …, window=3, stride=1, progress=False).mean(axis=0)\n"
        "    row, column = strongest(mean)\n"
        "    …                                     # paste that patch of `own` into `others`\n"
        "    turned = …                            # the share of them that is called k now",
        paper.figure_of_mean_maps,
    ],
    draws=2,
)
def find_the_cue(answer, seed=0):
    """A function of predict, images and labels that returns class, row and column of the cue (3,)."""
    for number in (1, 2):
        case = paper.hidden_cue(seed, number)
        given = case.predict, case.images, case.labels
        got = (
            (yield from result(answer, *given, shape=(3,)))
            if number == 1
            else again(answer, *given, shape=(3,))
        )
        if got[0] != case.cue[0]:
            raise Wrong(f"the class, data set {number}", reasons.not_that_class(got[0], case))
        yield Line(f"the class, data set {number}", True)
        here = np.array_equal(got[1:], case.cue[1:])
        yield Line(f"the place, data set {number}", here, reasons.not_there(got[1:], np.array(case.cue[1:])))


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
            "b": "Tempting: the maps of all classes agree. But from black, a cue that is itself black stays unseen. "
            "Maps can accuse. They can't acquit.",
            "c": "Tempting: more is better. But pictures from the same source repeat the same cue.",
            "d": "A mark in the data is not a cheat of the model. What counts is whether the answers depend on it.",
            "e": "Tempting, since 85 is a bit less than 95. But a mean hides who pays: one class can be lost.",
        },
    )
