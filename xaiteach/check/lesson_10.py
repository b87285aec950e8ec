"""Exercises of lesson 10: a model of your own."""

import numpy as np
from scipy.special import softmax

import xaiteach as xt
from xaiteach.check import material_10 as material
from xaiteach.check.base import Line, exercise
from xaiteach.check.looking import again, alike, chosen, result
from xaiteach.pictures import LUMINANCE


@exercise(
    "From a photo to what a network wants",
    hints=[
        "Four steps, one line each: cut, divide by 255, mean and deviation, move the axis. As long as the channels "
        "are last, NumPy lines up the three means with them by itself.",
        "side = min(photo.shape[:2])\n"
        "top, left = (photo.shape[0] - side) // 2, …\n"
        "middle = photo[top : top + side, …] / 255\n"
        "normalised = (middle - …) / …\n"
        "return np.moveaxis(normalised, …, …)         # from which place to which?",
        material.figure_of_a_weave,
    ],
)
def prepare_a_photo(answer, seed=0):
    """A function of a photo (H, W, 3) from 0 to 255, mean (3,) and deviation (3,) that returns (3, S, S)."""
    rng = np.random.default_rng(seed)
    mean, deviation = rng.uniform(0.2, 0.7, 3), rng.uniform(0.1, 0.4, 3)
    square, wide, tall = (rng.integers(0, 256, (*size, 3)).astype(np.uint8) for size in ((8, 8), (8, 14), (13, 7)))
    wanted = material.prepared(square, mean, deviation)
    got = yield from result(answer, square, mean, deviation, shape=wanted.shape)
    last = np.moveaxis(wanted, 0, -1)
    x = np.moveaxis(square / 255, -1, 0)
    m, d = mean[:, None, None], deviation[:, None, None]
    mistakes = {
        "reshape moves no axis, and makes a weave of the picture. Use np.moveaxis.": last.reshape(3, 8, 8),
        "Height and width are exchanged too: .T turns all axes round. Use np.moveaxis.": last.T,
        "The values are not divided by 255 before the mean is taken off.": (255 * x - m) / d,
        "Mean and deviation are not used.": x,
        "The mean is not taken off.": x / d,
        "It is not divided by the deviation.": x - m,
        "First take off the mean, then divide. And mind the brackets.": x - m / d,
        "Mean and deviation are exchanged.": (x - d) / m,
        "Red and blue are exchanged.": material.prepared(square[..., ::-1], mean, deviation),
    }
    yield alike("a square photo", got, wanted, within=1e-4, mistakes=mistakes)
    for what, photo in (("a wide photo", wide), ("a tall photo", tall)):
        wanted = material.prepared(photo, mean, deviation)
        side = wanted.shape[-1]
        corners = {
            "The upper left corner is cut out, not the middle.": material.prepared(
                photo[:side, :side], mean, deviation
            ),
            "The lower right corner is cut out, not the middle.": material.prepared(
                photo[-side:, -side:], mean, deviation
            ),
        }
        cut = again(answer, photo, mean, deviation, shape=wanted.shape)
        yield alike(what, cut, wanted, within=1e-4, mistakes=corners)


@exercise(
    "Wrap a program of your own",
    hints=[
        "Follow one picture: three numbers a pixel become one, from 0 to 255. The program says how sure it is of day. "
        "How sure is it of night, then?",
        "grey = 255 * images.mean(axis=…)             # (N, H, W)\n"
        "day = program(grey)                          # (N,)\n"
        "return np.stack([…, …], axis=-1)             # (N, 2): night first",
        material.figure_of_the_upper_half,
    ],
)
def wrap_a_program(answer, seed=0):
    """A function of a program and pictures (N, H, W, 3) that returns the probabilities of night and day (N, 2)."""
    images = np.random.default_rng(seed + 1).uniform(0, 0.6, (5, 6, 8, 3)).astype(np.float32)
    program = material.day_program(seed)

    def pair(grey):
        day = program(grey)
        return np.stack([1 - day, day], axis=-1)

    grey = 255 * images.mean(axis=-1)
    wanted = pair(grey)
    got = yield from result(answer, program, images, shape=wanted.shape)
    mistakes = {
        "Night and day are exchanged: want night first.": wanted[:, ::-1],
        "The program gets values from 0 to 1; it wants 0 to 255. For it, all is nearly black.": pair(grey / 255),
        "The colours are added up: their mean is wanted.": pair(3 * grey),
        "This is the luminance. A good grey, but the program was made for the mean of the three.": pair(
            255 * images @ LUMINANCE
        ),
        "Both columns are the same. The first is 1 − p.": wanted[:, [1, 1]],
        "There is a softmax too many: these are probabilities already.": softmax(wanted, axis=1),
    }
    yield alike("night and day", got, wanted, within=0.01, mistakes=mistakes)
    alone = again(answer, program, images[3:4], shape=(1, 2))
    same = bool(np.abs(alone - wanted[3:4]).max() <= 0.01)
    yield Line("one picture alone gets the same answer", same, "What depends on the other pictures of the batch?")


@exercise(
    "What is a fill, for the network?",
    hints=[
        "Make a picture for each colour, all of it in that colour. Then ask, once for all. Which column of the answer "
        "is wanted?",
        "pictures = np.ones((len(colours), 96, 96, 3)) * colours[:, None, …]\nreturn predict(pictures)[:, …]",
        material.figure_of_fills,
    ],
)
def weigh_fills(answer, seed=0):
    """A function of predict, colours (F, 3) and a class that returns its probability for each colour alone (F,)."""
    rng, predict = np.random.default_rng(seed), material.colour_classifier(seed)
    colours = rng.uniform(size=(6, 3)).astype(np.float32)
    every = predict(colours[:, None, None])
    k = int(np.argmin((every.argmax(axis=1)[:, None] == np.arange(4)).sum(axis=0)))
    got = yield from result(answer, predict, colours, k, shape=(6,))
    mistakes = {
        "This is the probability of the class that each fill looks most like. Want that of the class asked for.": (
            every.max(axis=1)
        ),
        "These are classes, not probabilities.": every.argmax(axis=1),
        "This is the probability of all the other classes.": 1 - every[:, k],
        "Red and blue are exchanged.": predict(colours[:, None, None, ::-1])[:, k],
        "The colours are in [0, 1] already: don't divide by 255.": predict(colours[:, None, None] / 255)[:, k],
        "Each picture is grey: the mean of its colour. Keep the three channels.": predict(
            np.repeat(colours.mean(axis=1)[:, None, None, None], 3, axis=3)
        )[:, k],
    }
    yield alike("one probability a colour", got, every[:, k], within=1e-4, mistakes=mistakes)
    other = (k + 1) % 4
    alone = again(answer, predict, colours[:1], other, shape=(1,))
    same = bool(np.abs(alone - every[:1, other]).max() <= 1e-4)
    yield Line("one colour alone, another class", same, "Does the answer depend on the class that is asked for?")


@exercise(
    "A box from a map",
    hints=[
        "Which rows hold at least one pixel above the share? The first of them is the top. And the bottom is just "
        "below the last.",
        "on = cam > …                                 # a share of the largest value\n"
        "if cam.max() <= 0:\n    return 0, 0, 0, 0\n"
        "rows, columns = np.flatnonzero(on.any(axis=1)), …\n"
        "return rows[0], columns[0], …, …",
        material.figure_of_a_box,
    ],
)
def box_a_map(answer, seed=0):
    """A function of a map (H, W) and a share that returns (top, left, bottom, right)."""
    cam = material.two_pieces(seed)
    on = cam > 0.4 * cam.max()
    wanted = top, left, bottom, right = material.box_of(on)
    got = yield from result(answer, cam, 0.4, shape=(4,))
    columns_first = "Columns come first here. Want rows first, as in an array: top, left, bottom, right."
    mistakes = {
        "Bottom and right are the last ones inside. Want them just outside, as in cam[top:bottom, left:right].": wanted
        - [0, 0, 1, 1],
        columns_first: wanted[[1, 0, 3, 2]],
        "Rows and columns are in pairs: want top, left, bottom, right.": wanted[[0, 2, 1, 3]],
        "The last two are height and width. Want bottom and right.": (top, left, bottom - top, right - left),
        "The threshold is a share of the largest value. Here it was taken as a value.": material.box_of(cam > 0.4),
        "This is the box of the largest piece alone, as xt.localise has it. Want one around all pieces.": xt.localise(
            cam, threshold=0.4
        ).box,
        "What is strongly negative is in the box: it speaks against the class.": material.box_of(
            np.abs(cam) > 0.4 * cam.max()
        ),
        "The share is taken from the smallest value up. Take it from 0, which means “no evidence”.": material.box_of(
            cam > cam.min() + 0.4 * (cam.max() - cam.min())
        ),
    }
    yield alike("the box above 0.4", got, wanted, within=0, mistakes=mistakes)
    one = np.zeros((7, 9))
    one[4, 6] = 1e-3
    single = again(answer, one, 0.9, shape=(4,))
    yield alike("the box of one pixel", single, (4, 6, 5, 7), within=0)
    for what, empty in (("of zeros", np.zeros((7, 9))), ("below zero", -(cam**2) - 1)):
        nothing = again(answer, empty, 0.4, shape=(4,))
        yield Line(f"a map {what} has the box 0, 0, 0, 0", not nothing.any(), "Nothing in it speaks for the class.")


@exercise(
    "Mend what somebody wrapped",
    hints=[
        "Two experiments: a picture of one grey, and the same picture alone and beside a brighter one. And one "
        "question: how sure is it at most?",
        "return network(… * images - …)               # 0 becomes −1, 1 becomes 1, whatever else is in the batch\n"
        "# And what do you get from a softmax of probabilities?",
        material.figure_of_the_dark,
    ],
)
def mend_wrapping(answer, seed=0):
    """A function of a network for [−1, 1] and pictures in [0, 1] that returns its probabilities (N, K)."""
    images = np.random.default_rng(seed + 1).uniform(0.1, 0.7, (4, 5, 6, 3)).astype(np.float32)
    images[0] *= 0.5
    network = material.paper_network(seed)
    low, high = images.min(), images.max()
    each_low, each_high = images.min(axis=(1, 2, 3), keepdims=True), images.max(axis=(1, 2, 3), keepdims=True)
    stretched, wanted = network(2 * (images - low) / (high - low) - 1), network(2 * images - 1)
    each = network(2 * (images - each_low) / (each_high - each_low) - 1)
    too_many = "There is a softmax of a softmax: the network gives probabilities already."
    per_picture = "Each picture is stretched from its darkest to its brightest pixel: a dark picture is dark no more."
    got = yield from result(answer, network, images, shape=wanted.shape)
    mistakes = {
        "Nothing is mended yet: both mistakes are still there.": softmax(stretched, axis=1),
        too_many: softmax(wanted, axis=1),
        "0 and 1 are not black and white here: the values are stretched by the darkest and the brightest pixel of "
        "the whole batch.": stretched,
        per_picture: each,
        f"{per_picture} And {too_many[0].lower()}{too_many[1:]}": softmax(each, axis=1),
        "The values go in as they are, from 0 to 1. The network wants −1 to 1.": network(images),
    }
    yield alike("the probabilities", got, wanted, within=1e-4, mistakes=mistakes)
    alone = again(answer, network, images[2:3], shape=(1, 4))
    same = bool(np.abs(alone - got[2:3]).max() <= 1e-4)
    yield Line("a picture alone gets the answer that it gets in a batch", same, "What is taken from the whole batch?")
    grey = np.full((1, 5, 6, 3), 0.25, np.float32)
    plain = again(answer, network, grey, shape=(1, 4))
    yield alike("a picture of one grey", plain, network(2 * grey - 1), within=1e-4)


@exercise(
    "Read a saved explanation",
    hints=[
        "Each sentence can be tested in one line. Look at `kept.image`, `kept.settings` and `kept.options`, print "
        "`kept.compare(classifier)`, and ask `classifier.predict(kept.image)`.",
        "print(kept.settings, classifier.settings)\n"
        "print(kept.compare(classifier))\n"
        "print(xt.top_class(classifier, kept.image))  # one thing changed: our wrapping, their picture",
        material.figure_of_two_coffees,
    ],
)
def read_a_report(answer, seed=0):
    """The letters of the true statements."""
    return chosen(
        answer,
        right="bc",
        why={
            "a": "Tempting: another class, so another network. But the sha256 of the weights is the same. The same "
            "network answers otherwise where it is given other numbers.",
            "b": "Look at the picture in the file: the cup is narrow and high. It was squeezed, not cut.",
            "c": "`kept.settings` has a preprocess of 0.5 and 0.5, ours has none. So the network got −1 to 1, where it "
            "wants 0 to 1.",
            "d": "Tempting, since one sees it. But give their picture to our wrapping: it says coffee, nearly as sure "
            "as for ours. Change one thing at a time.",
            "e": "Tempting: they are red in the file. But ask `xt.occlusion` about their picture and our wrapping. "
            "The drop is at most about two points in a hundred. A map explains the numbers that the network got.",
        },
    )
