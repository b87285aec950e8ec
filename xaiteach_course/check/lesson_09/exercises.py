"""Exercises of lesson 09: a model that cheats."""

import numpy as np

import xaiteach as xt
from xaiteach_course.check.exercise import exercise
from xaiteach_course.check.lesson_09 import truth
from xaiteach_course.check.lesson_09.truth import changes, paint, pasted, same, slices, times_chance

EMPTY = -999  # stands for NaN, that no answer may have elsewhere


def figure_of_slices():
    table = slices(*truth.labels_and_answers(seed=0))
    return xt.show(None, {"recall of ten classes: without the mark, with it": table})


def figure_of_pasting():
    trial = truth.experiment(seed=0)
    first = trial.images[:1]
    pictures = np.stack([first[0], *(pasted(first, trial.patch, place)[0] for place in trial.places)])
    return xt.show(pictures, titles=["as it was", "the cue's place", "a control", "a control"])


def figure_of_mass():
    maps, mask = truth.maps_and_mask(seed=0)
    titles = [f"{value:.1f} × chance" for value in times_chance(np.maximum(maps, 0), mask)]
    return xt.show(None, list(maps / abs(maps).max(axis=(1, 2), keepdims=True)), titles=titles)


def figure_of_strewing():
    images, labels = truth.to_strew(seed=0)
    first = [i for k in range(2) for i in np.flatnonzero(labels == k)[:4]]
    pictures = images[first]
    pictures[[0, 3, 5, 6]] = paint(pictures[[0, 3, 5, 6]])
    return xt.show(pictures, titles=[f"class {k}" for k in labels[first]])


def figure_of_mean_maps():
    (predict, images, labels), *_ = truth.hidden_cue(seed=0)
    means = {}
    for k in range(10):
        maps = xt.occlusion(predict, images[labels == k], k, window=3, stride=1, progress=False)
        means[f"why {k}?"] = maps.mean(axis=0)
    return xt.show(None, means)


@exercise(
    "Which pictures count in one cell? And what is the share of right answers among none?",
    "chosen = (labels == …) & (marked == …)      # for each k and each column\n"
    "if chosen.any():                            # before: table = np.full((10, 2), np.nan)\n"
    "    table[k, column] = …",
    figure_of_slices,
)
def build_slice_table(look, answer, seed=0):
    """A function of labels, answers and marks (N,) that returns the recall (10, 2)."""
    labels, answers, marked = truth.labels_and_answers(seed)
    wanted = slices(labels, answers, marked)
    got = look.result(answer, labels, answers, marked, shape=(10, 2))
    mistakes = {
        "The columns are exchanged: first without the mark, then with it.": wanted[:, ::-1],
        "Rows are predicted classes. Take those of each true class.": slices(answers, labels, marked),
    }
    look.same("the table", got, wanted, within=1e-6, mistakes=mistakes)
    given = truth.without_a_class(seed)
    rows = look.quietly("ten rows, also where a class has no pictures")
    got = rows.result(lambda *given: filled(answer(*given)), *given, shape=(10, 2))
    if look.wrong:
        return
    wanted = filled(slices(*given))
    right = np.array_equal(got == EMPTY, wanted == EMPTY)
    why = "No picture, no share: neither 0 nor 1. Write NaN where nothing is counted, and nowhere else."
    look.that("a slice without pictures is NaN", right, why)
    if look.wrong:
        return
    look.same("the other slices then", got, wanted, within=1e-6)


def filled(table):
    return np.nan_to_num(np.asarray(table, float), nan=EMPTY)


@exercise(
    "Into which pictures do you paste the second time? How many were called k before you did anything?",
    "before = (predict(images).argmax(axis=1) == k).mean()\n"
    "changed = …                               # for each place: begin with the pictures as they were\n"
    "changed[:, row : row + …, column : column + …] = patch",
    figure_of_pasting,
)
def intervene_with_a_control(look, answer, seed=0):
    """A function of predict, images, a patch, a list of P places and a class that returns changes (P,)."""
    trial = truth.experiment(seed)
    got = look.result(answer, *trial, shape=(len(trial.places),))
    look_at_changes(look, "the changes at these places", got, trial)
    other = trial._replace(k=(trial.k + 1) % 4, places=trial.places[1::-1])
    got = look.again(answer, *other, shape=(2,))
    look_at_changes(look, "the changes of another class at two places", got, other)


def look_at_changes(look, what, got, trial):
    wanted, before = changes(trial), truth.share_of(trial.predict, trial.images, trial.k)
    pile = "The patches pile up: each control still has the cue in it. Begin with the pictures as they were."
    mistakes = {
        "These are shares after pasting. Subtract those called k before.": wanted + before,
        pile: changes(trial, on_a_heap=True),
        "You count the answers 2. Count the answers `k`.": changes(trial._replace(k=2)),
    }
    look.same(what, got, wanted, within=1e-6, mistakes=mistakes)


@exercise(
    "Try it with maps that you know: one blue in the mask and nowhere red there, and one that is blank.",
    "positive = …                              # what of the map speaks FOR the class?\n"
    "whole = positive.sum(axis=(1, 2))\n"
    "share = positive[:, mask].sum(axis=1) / np.where(whole > 0, whole, …)",
    figure_of_mass,
)
def mend_mass_in_mask(look, answer, seed=0):
    """A function of maps (N, H, W), mask (H, W): the positive mass in it, in units of chance (N,)."""
    maps, mask = truth.maps_and_mask(seed)
    wanted = times_chance(np.maximum(maps, 0), mask)
    got = look.result(answer, maps, mask, shape=(4,))
    mistakes = {
        "abs() counts what speaks against the class as if it spoke for it.": times_chance(abs(maps), mask),
        "Positive and negative values cancel. Take the positive ones alone.": times_chance(maps, mask),
    }
    look.same("four maps", got, wanted, within=1e-4, mistakes=mistakes)
    even = look.again(answer, np.ones((2, 8, 7)), mask, shape=(2,))
    if look.wrong:
        return
    what = "a map that is the same everywhere is at chance, 1"
    look.that(what, np.allclose(even, 1), "What is chance here?")
    silent = "a map without anything positive gets 0"
    mixed = np.stack([maps[0], 0 * maps[0], maps[1], -abs(maps[2])])
    got = look.quietly(silent).result(answer, mixed, mask, shape=(4,))
    if look.wrong:
        return
    look.that(silent, not got[[1, 3]].any(), "Nothing speaks for the class, so: 0.")
    look.same("the other maps of its batch", got[[0, 2]], wanted[:2], within=1e-4)


@exercise(
    "A coin for each picture gives about half. How do you draw exactly half of one class?",
    "own = random.permutation(np.flatnonzero(labels == k))      # for each k\n"
    "half = own[: …]\n"
    "strewn[half] = …",
    figure_of_strewing,
)
def strew_the_cue(look, answer, seed=0):
    """A function of images, labels (N,), paint and a seed: images with half of each class painted."""
    images, labels = truth.to_strew(seed)
    got = look.result(answer, images, labels, paint, seed, shape=images.shape)
    if look.wrong:
        return
    painted = same(got, paint(images))
    neither = (~painted & ~same(got, images)).sum()
    why = f"{neither} pictures are neither. Are they in another order, or is the paint not `paint`?"
    look.that("every picture is painted, or as it was", not neither, why)
    if look.wrong:
        return
    shares = np.array([painted[labels == k].mean() for k in range(10)])
    look.that("half of each class is painted", (shares == 0.5).all(), why_not_half(shares))
    seeds = seed, *range(100, 125)
    drawn = [look.again(answer, images, labels, paint, other, shape=images.shape) for other in seeds]
    if look.wrong:
        return
    first, *halves = [same(one, paint(images)) for one in drawn]
    right = np.array_equal(first, painted)
    look.that("the same seed gives the same half", right, "Make the generator inside, from `seed`.")
    if look.wrong:
        return
    largest = labels == np.bincount(labels).argmax()
    different = len(np.unique(np.array(halves)[:, largest], axis=0))
    why = f"They give {different} different halves of a class. Draw each picture by `seed`, not by a rule."
    look.that("25 other seeds give halves that chance has drawn", different >= 23, why)


def why_not_half(shares):
    if (shares == 1).all():
        return "All are painted. A cue that all have teaches nothing about pictures without it."
    k = abs(shares - 0.5).argmax()
    return f"Of class {k} it is {100 * shares[k]:.0f} %. As long as shares differ, the cue tells something."


@exercise(
    "A mark in the data is no cheat. Where does the *model* look? Which of these places turns others?",
    "mean = xt.occlusion(predict, own, k, …, progress=False).mean(axis=0)      # for each k\n"
    "row, column = strongest(mean)\n"
    "…                                     # paste that patch of `own` into `others`\n"
    "turned = …                            # the share of them that is called k now",
    figure_of_mean_maps,
    draws=2,
)
def find_the_cue(look, answer, seed=0):
    """A function of predict, images and labels that returns class, row and column of the cue (3,)."""
    for number in (1, 2):
        given, cue, decoys, proud = truth.hidden_cue(seed, number)
        ask = look.result if number == 1 else look.again
        got = ask(answer, *given, shape=(3,))
        if look.wrong:
            return
        why = why_not_that_class(got[0], decoys, proud)
        look.that(f"the class, data set {number}", got[0] == cue[0], why)
        if look.wrong:
            return
        why = "Which 3×3 pixels of its mean map sum to the most? Want the upper left corner, counted from 0."
        look.that(f"the place, data set {number}", (got[1:] == cue[1:]).all(), why)


def why_not_that_class(k, decoys, proud):
    if k in decoys:
        return "All its pictures have a square, but the model does not use it. Ask the model, not the data."
    if k == proud:
        return f"The patch of class {k:g} turns no others into it. Transplant it, and count."
    return f"You accuse class {k:g}. Which patch turns most of the other pictures into its class?"


@exercise(
    "For each sentence: what else could be the reason for what was seen?",
    "Two are true. One forgets that a cue may be an absence, one what a mean hides, one the source.",
    figure_of_slices,
)
def weigh_the_evidence(look, answer, seed=0):
    """The letters of the true statements."""
    why = {
        "a": "The cause was changed, and the effect followed; the controls say that it is this place.",
        "b": "Tempting: all agree. But from black, a black cue stays unseen. Maps accuse, they can't acquit.",
        "c": "Tempting: more is better. But pictures from the same source repeat the same cue.",
        "d": "A mark in the data is not a cheat of the model. Do its answers depend on it?",
        "e": "Tempting: 85 is a bit less than 95. But a mean hides who pays: one class can be lost.",
    }
    look.choice(answer, right="ad", why=why)
