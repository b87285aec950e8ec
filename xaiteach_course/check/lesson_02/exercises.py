"""Exercises of lesson 02: filters, receptive fields, units switched off and woken, slopes."""

import numpy as np

import xaiteach as xt
from xaiteach.figures.words import rounded
from xaiteach_course.check.exercise import exercise
from xaiteach_course.check.lesson_02 import truth
from xaiteach_course.check.lesson_02.truth import COURSE, fields_of, loudest, without


def figure_of_an_edge():
    edge = np.pad(np.ones((12, 8)), 3)
    loud = np.pad(np.maximum(edge[:, 2:] - edge[:, :-2], 0), ((0, 0), (1, 1)))
    return xt.show(None, {"a picture": edge, "its map": loud})


def figure_of_fields():
    squares = np.zeros((7, 28, 28))
    for square, field in zip(squares, fields_of(COURSE), strict=True):
        square[14 - field // 2 :, 14 - field // 2 :][:field, :field] = 1
    return xt.show(None, list(squares), titles=[f"after layer {i + 1}" for i in range(7)])


def figure_of_units():
    maps, head = truth.maps_and_head(0)
    changes = head(without(maps, np.eye(6, dtype=bool)))[:, 0] - head(maps)[0]
    return xt.show(None, list(np.moveaxis(maps, -1, 0)), titles=[f"{c:+.1f} without it" for c in changes])


def figure_of_slopes():
    _, image, slopes = truth.linear_network(0)
    return xt.show(image, {"slopes for class 1": slopes[1]}, style="heatmap")


def figure_of_a_unit():
    weights = np.random.default_rng(0).normal(size=(5, 7))
    return xt.show(None, {"weights": weights, "what wakes it": weights > 0})


@exercise(
    "On a wall the nine products must cancel. The same in each row, or a horizontal edge is seen too.",
    "stencil = [[-1, …, …],\n           [-1, …, …],\n           [-1, …, …]]    # dark adds nothing",
    figure_of_an_edge,
)
def design_a_filter(look, answer, seed=0):
    """A filter (3, 3) that answers where dark turns into bright, from left to right, and nowhere else."""
    stencil = look.array(answer, (3, 3))
    if look.wrong:
        return
    total = stencil.sum()
    why = f"Its nine numbers sum to {rounded(total)}. On a flat wall the answer is this times the brightness."
    look.that("a flat picture gives 0", total <= 0.01, why)
    edge = np.repeat([[0, 0, 0, 1, 1, 1.0]], 6, axis=0)
    left, right = loudest(stencil, edge), loudest(stencil, 1 - edge)
    why = f"The largest answer there is {rounded(left)}. Which side must count for, and which against?"
    look.that("a left edge gives at least 1", left >= 0.99, why)
    look.that("a right edge gives 0", right <= 0.01, "It answers where bright turns into dark.")
    others = max(loudest(stencil, edge.T), loudest(stencil, 1 - edge.T))
    why = "Some of its rows alone add up to more than 0. Are rows and columns exchanged?"
    look.that("an upper and a lower edge give 0", others <= 0.01, why)


@exercise(
    "How many pixels apart are the fields of two neighbours in a map, before a pooling and after it?",
    "for size, stride in layers:       # before: field, jump = 1, 1\n"
    "    field += (size - 1) * …       # how far apart are the places under this filter?\n"
    "    jump *= …",
    figure_of_fields,
)
def compute_receptive_fields(look, answer, seed=0):
    """A function of L (size, stride) pairs that returns the width of the receptive field after each, (L,)."""
    got = look.result(answer, COURSE, shape=(7,))
    sizes, strides = np.array(COURSE).T
    jumps = np.cumprod([1, *strides])
    last = [1, *strides[:-1]]
    mistakes = {
        "The stride is not used: after a pooling, neighbours lie further apart.": 1 + np.cumsum(sizes - 1),
        "Only the last stride is used. All strides before multiply.": 1 + np.cumsum((sizes - 1) * last),
        "A filter of size k widens the field by k − 1 steps, not by k.": 1 + np.cumsum(sizes * jumps[:-1]),
        "A stride counts too early: it is for the NEXT layer.": 1 + np.cumsum((sizes - 1) * jumps[1:]),
    }
    look.same("the course's network", got, fields_of(COURSE), within=0.1, mistakes=mistakes)
    if look.wrong:
        return
    drawn = np.random.default_rng(seed).integers((2, 1), (6, 5), (4, 2)).tolist()
    layers = [(3, 2), (2, 3), *map(tuple, drawn)]  # strides above 2, and above the size
    got = look.again(answer, layers, shape=(6,))
    look.same("another network", got, fields_of(layers), within=0.1)


@exercise(
    "Make a copy of the maps for each unit, and change one thing in it. What is compared with what?",
    "for unit in range(maps.shape[-1]):\n"
    "    without = maps.copy()\n"
    "    without[…] = 0\n"
    "    lost[unit] = head(maps[None])[0, target] - …",
    figure_of_units,
)
def switch_units_off(look, answer, seed=0):
    """A function of head, maps (h, w, F) and a class that returns what each unit's absence costs (F,)."""
    maps, head = truth.maps_and_head(seed)
    after = head(without(maps, np.eye(6, dtype=bool)))
    lost = head(maps) - after
    piled = head(maps) - head(without(maps, np.tri(6, dtype=bool)))
    got = look.result(answer, head, maps, 1, shape=(6,))
    mistakes = {
        "These are the scores without the units. What is lost against before?": after[:, 1],
        "The units stay off: each must be switched off alone, in a fresh copy.": piled[:, 1],
    }
    look.same("the losses", got, lost[:, 1], within=1e-4, mistakes=mistakes)
    got = look.again(answer, head, maps, 2, shape=(6,))
    again = "That is class 1 again; was it put in by hand?"
    look.same("the losses of another class", got, lost[:, 2], within=1e-4, mistakes={again: lost[:, 1]})


@exercise(
    "Try it on a model whose slopes you know, all 3. At which pixels is the slope half of that?",
    "after, before = model.…([up, down])[:, target]              # scores or probabilities?\n"
    "slopes[row, column] = (after - before) / …                  # how far apart are they at black?",
    figure_of_slopes,
)
def mend_slopes(look, answer, seed=0):
    """A function of a model, an image (H, W, 1) and a class that returns the slopes of its score (H, W)."""
    model, image, slopes = truth.linear_network(seed)
    got = look.result(answer, model, image, 1, shape=(5, 7))
    steps = (np.clip(image + 0.01, 0, 1) - np.clip(image - 0.01, 0, 1))[..., 0] / 0.02
    of_probability = (slopes[1] - slopes.mean(axis=0)) / 3  # the three scores are equal
    softmax = "These are slopes of the probability. The softmax flattens them; take the score before it."
    half = "At black and at white the slope is halved: `clip` leaves the two pictures only one step apart."
    mistakes = {
        "Nothing is mended yet. " + softmax: of_probability * steps,
        softmax: of_probability,
        half: slopes[1] * steps,
    }
    look.same("the slopes", got, slopes[1], within=0.01, mistakes=mistakes)
    got = look.again(answer, model, image, 2, shape=(5, 7))
    look.same("the slopes of another class", got, slopes[2], within=0.01)


@exercise(
    "Decide for each pixel alone: does the sum grow when this pixel becomes brighter?",
    "white where the weight is …, black where it is …\nnp.where(weights > …, …, …)",
    figure_of_a_unit,
)
def wake_a_unit(look, answer, seed=0):
    """A function of a unit's weights (H, W) that returns the picture (H, W) that excites it most."""
    weights = np.random.default_rng(seed).normal(size=(5, 7))
    got = look.result(answer, weights, shape=(5, 7))
    if look.wrong:
        return
    in_range = got.min() >= 0 and got.max() <= 1
    look.that("all values are between 0 and 1", in_range, "A pixel is between black and white.")
    dark = (got[weights > 0] < 0.999).sum()
    why = f"At {dark} of these it is darker. There more brightness would excite the unit more."
    look.that("white at every positive weight, within 0.001", not dark, why)
    bright = (got[weights < 0] > 0.001).sum()
    why = f"At {bright} of these it is brighter. There each bit of brightness takes something away."
    look.that("black at every negative weight, within 0.001", not bright, why)
    hopeless = look.again(answer, -np.abs(weights), shape=(5, 7))
    if hopeless is None:
        return
    why = "All weights were negative here. The best that one can do is a black page."
    look.that("a unit that likes nothing gets a black page", hopeless.max() <= 0.01, why)


@exercise(
    "For each sentence look for one case that goes against it. You have met all of them.",
    "One true sentence is about how much a place sees, one about silence.",
    figure_of_units,
)
def tell_maps_from_slopes(look, answer, seed=0):
    """The letters of the true statements."""
    why = {
        "a": "Tempting, since the gradient changes. But a feature map is made from the picture alone.",
        "b": "You have woken units that are zero on all 1,000 digits. The pictures were no digits.",
        "c": "Tempting: bright looks like much. But the weight may be small. Switch the unit off and look.",
        "d": "Tempting. But a slope of zero speaks of a SMALL change. To take the pixel away is a large one.",
        "e": "Seven convolutions and poolings make 24 pixels a side: 24 × 24 of 28 × 28.",
    }
    look.choice(answer, right="be", why=why)
