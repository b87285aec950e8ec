"""Exercises of lesson 02: filters, receptive fields, units switched off and woken, slopes."""

import numpy as np

import xaiteach as xt
from xaiteach.figures.words import rounded
from xaiteach_course.check.exercise import exercise
from xaiteach_course.check.lesson_02.truth import (
    COURSE,
    STEP,
    bent_network,
    draw_layers,
    field_mistakes,
    fields_of,
    loudest,
    maps_and_head,
    nudged_slopes,
    without,
)
from xaiteach_course.check.old import again, alike, array, chosen, result
from xaiteach_course.check.verdict import Line


def _figure_of_an_edge():
    edge = np.pad(np.ones((12, 8)), 3)
    loud = np.pad(np.maximum(edge[:, 2:] - edge[:, :-2], 0), ((0, 0), (1, 1)))
    return xt.show(None, {"a picture": edge, "its map": loud})


def _figure_of_fields():
    fields = dict(zip(("relu1", "relu2", "", "relu3", "relu4", "", "relu5"), fields_of(COURSE), strict=True))
    squares = {
        name: np.pad(np.ones((n, n)), [((28 - n) // 2, (29 - n) // 2)] * 2)
        for name, n in fields.items()
        if name
    }
    return xt.show(None, squares)


def _figure_of_units():
    maps, head = maps_and_head(0)
    lost = head(maps)[0] - np.array([head(without(maps, f))[0] for f in range(6)])
    return xt.show(None, list(np.moveaxis(maps, -1, 0)), titles=[f"{-one:+.1f} without it" for one in lost])


def _figure_of_slopes():
    _, image, slopes = bent_network(0)
    return xt.show(image, {"slopes for class 1": slopes[1]}, style="heatmap")


def _figure_of_a_unit():
    weights = np.random.default_rng(0).normal(size=(5, 7))
    return xt.show(None, {"weights": weights, "what wakes it": weights > 0})


@exercise(
    "Design a filter for left edges",
    hints=[
        "Lay it on a wall of one brightness: the nine products must cancel, or be below 0 together. The same in "
        "each row, or a horizontal edge is seen too.",
        "stencil = [[-1, …, …],\n           [-1, …, …],\n           [-1, …, …]]    # dark adds nothing",
        _figure_of_an_edge,
    ],
)
def design_a_filter(answer, seed=0):
    """A filter (3, 3) that answers where dark turns into bright, from left to right, and nowhere else."""
    stencil = yield from array(answer, (3, 3))
    edge = np.repeat([[0, 0, 0, 1, 1, 1.0]], 6, axis=0)
    left, right, upper, lower = (
        loudest(stencil, picture) for picture in (edge, 1 - edge, edge.T, 1 - edge.T)
    )
    total = stencil.sum()
    why = f"Its nine numbers sum to {rounded(total)}. On a flat wall the answer is this sum times the brightness."
    yield Line("a flat picture gives 0", total <= 0.01, why)
    weak = "It answers, but too weakly: make the numbers larger."
    why = weak if left > 0.01 else "It does not answer there. Which side must count for, and which against?"
    yield Line("a left edge gives at least 1", left >= 0.99, why)
    why = (
        "It answers where bright turns into dark as well."
        if left >= 0.99
        else "It answers on the other edge."
    )
    yield Line("a right edge gives 0", right <= 0.01, why)
    why = "Where only some rows see the bright side, they alone must not add up to more than 0."
    why += " Are rows and columns exchanged?" if left < 0.99 else ""
    yield Line("an upper and a lower edge give 0", max(upper, lower) <= 0.01, why)


@exercise(
    "Find out how much of the picture a unit sees",
    hints=[
        "Two neighbours in a map see fields that lie some pixels apart. How many, before a pooling, and after it?",
        "field, jump, fields = 1, 1, []    # one pixel sees itself; neighbours lie 1 pixel apart\n"
        "for size, stride in layers:\n"
        "    field += (size - 1) * …       # how far apart are the places under this filter?\n"
        "    jump *= …\n"
        "    fields.append(…)",
        _figure_of_fields,
    ],
)
def compute_receptive_fields(answer, seed=0):
    """A function of L (size, stride) pairs that returns the width of the receptive field after each, (L,)."""
    got = yield from result(answer, list(COURSE), shape=(len(COURSE),))
    yield alike("the course's network", got, fields_of(COURSE), within=0.1, mistakes=field_mistakes(COURSE))
    other = draw_layers(seed)
    got = again(answer, list(other), shape=(len(other),))
    yield alike("another network", got, fields_of(other), within=0.1, mistakes=field_mistakes(other))


@exercise(
    "Switch units off, one by one",
    hints=[
        "Make a copy of the maps for each unit, and change one thing in it. What is compared with what?",
        "before = head(maps[None])[0, target]\n"
        "for unit in range(maps.shape[-1]):\n"
        "    without = maps.copy()\n"
        "    without[…] = 0\n"
        "    lost[unit] = before - …",
        _figure_of_units,
    ],
)
def switch_units_off(answer, seed=0):
    """A function of head, maps (h, w, F) and a class that returns what each unit's absence costs the score (F,)."""
    maps, head = maps_and_head(seed)
    units = range(6)
    alone = np.array([head(without(maps, f)) for f in units])
    lost, before, after = head(maps) - alone, head(maps)[1], alone[:, 1]
    got = yield from result(answer, head, maps, 1, shape=(6,))
    rest = np.array([head(without(maps, [g for g in units if g != f]))[1] for f in units])
    mistakes = {
        "The sign is turned round: what is LOST is the score before less the score without the unit.": after
        - before,
        "These are the scores without the units. What is lost against before?": after,
        "The units stay off: each must be switched off alone, in a fresh copy.": before
        - np.array([head(without(maps, range(f + 1)))[1] for f in units]),
        "All the other units are switched off, and this one is kept.": before - rest,
        "That is the score of each unit alone. Switch it off, and leave the others on.": rest,
        "That is how bright each unit is. Whether the score listens to it, only the head knows.": maps.max(
            (0, 1)
        ),
        "That is how bright each unit is on average. Whether the score listens to it, only the head knows.": maps.mean(
            axis=(0, 1)
        ),
        "That is the class with the largest score, not the one that is asked for.": lost[:, 0],
    }
    yield alike("the losses", got, lost[:, 1], within=1e-4, mistakes=mistakes)
    other = again(answer, head, maps, 2, shape=(6,))
    put_in = {"That is class 1 again; was it put in by hand?": lost[:, 1]}
    yield alike("the losses of another class", other, lost[:, 2], within=1e-4, mistakes=put_in)


@exercise(
    "Mend broken slopes",
    hints=[
        "Try it on a model whose slopes you know. For example, all scores are sums of pixels times weights. At which "
        "pixels is the slope half of the weight?",
        "after, before = model.…([up, down])[:, target]              # scores or probabilities?\n"
        "slopes[row, column] = (after - before) / …                  # how far apart are up and down at a black pixel?",
        _figure_of_slopes,
    ],
)
def mend_slopes(answer, seed=0):
    """A function of a model, an image (H, W, 1) and a class that returns the slopes of its score (H, W)."""
    model, image, slopes = bent_network(seed)
    wanted, target = slopes[1], 1
    got = yield from result(answer, model, image, target, shape=wanted.shape)
    half = (
        "At black and at white pixels the slope is halved: there `clip` leaves one of the two nudges out, and the two "
        "pictures are only one step apart."
    )
    softmax = "These are slopes of the probability. The softmax flattens them; take the score before it."
    mistakes = {
        softmax: nudged_slopes(model.predict, image, target, lambda up, down: (up - down).sum()),
        half: nudged_slopes(model.scores, image, target, lambda up, down: 2 * STEP),
        "Nothing is mended yet. " + softmax: nudged_slopes(
            model.predict, image, target, lambda up, down: 2 * STEP
        ),
        "Divided by one step, where the two pictures are two steps apart.": nudged_slopes(
            model.scores, image, target, lambda up, down: STEP
        ),
        "That is the class with the largest score, not the one that is asked for.": slopes[0],
    }
    yield alike("the slopes", got, wanted, within=0.01, mistakes=mistakes)
    other = again(answer, model, image, 2, shape=wanted.shape)
    put_in = {"That is class 1 again; was it put in by hand?": wanted}
    yield alike("the slopes of another class", other, slopes[2], within=0.01, mistakes=put_in)


@exercise(
    "Wake a dead unit",
    hints=[
        "Decide for each pixel alone: does the sum grow when this pixel becomes brighter?",
        "white where the weight is …, black where it is …\nnp.where(weights > …, …, …)",
        _figure_of_a_unit,
    ],
)
def wake_a_unit(answer, seed=0):
    """A function of a unit's weights (H, W) that returns the picture (H, W) in [0, 1] that excites it most."""
    weights = np.random.default_rng(seed).normal(size=(5, 7))
    weights[1, 1:3] = 1e-4, -1e-4
    got = yield from result(answer, weights, shape=weights.shape)
    yield Line(
        "all values are between 0 and 1",
        got.min() >= 0 and got.max() <= 1,
        "A pixel is between black and white.",
    )
    grey = (got[weights > 0] < 0.999).sum()
    why = (
        f"At {grey} of {(weights > 0).sum()} it is darker. There more brightness would excite the unit more."
    )
    yield Line("white at every positive weight, within 0.001", not grey, why)
    bright = (got[weights < 0] > 0.001).sum()
    why = f"At {bright} of {(weights < 0).sum()} it is brighter. There each bit of brightness takes something away."
    yield Line("black at every negative weight, within 0.001", not bright, why)
    hopeless = again(answer, -np.abs(weights), shape=weights.shape)
    why = "All weights were negative here. The best that one can do is a black page."
    yield Line("a unit that likes nothing gets a black page", not hopeless.max() > 0.01, why)


@exercise(
    "Tell what a unit sees from what the score does",
    hints=[
        "For each sentence look for one case that goes against it. You have met all of them in this lesson or above.",
        "Two of the five are true: one about how much a place sees, one about silence.",
        _figure_of_units,
    ],
)
def tell_maps_from_slopes(answer, seed=0):
    """The letters of the true statements."""
    return chosen(
        answer,
        right="be",
        why={
            "a": "Tempting, since the gradient changes. But a feature map is made from the picture alone. It does not "
            "know the class you ask about.",
            "b": "You have woken units that are zero on all 1,000 digits. The pictures were no digits.",
            "c": "Tempting: bright looks like much. But the score multiplies each map by a weight, which may be small "
            "or negative. Switch the unit off and look.",
            "d": "Tempting, since a slope of zero says that nothing happens. It says so for a SMALL change. To take "
            "the pixel away is a large one.",
            "e": "Seven convolutions and poolings make 24 pixels a side: "
            "24 × 24 of 28 × 28. A place of the last map is no place of the picture.",
        },
    )
