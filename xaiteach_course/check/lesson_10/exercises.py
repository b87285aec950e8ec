"""Exercises of lesson 10: a model of your own."""

import numpy as np
from scipy.special import softmax

import xaiteach as xt
from xaiteach.images.load import LUMINANCE
from xaiteach_course.check.exercise import exercise
from xaiteach_course.check.lesson_10 import truth
from xaiteach_course.check.lesson_10.truth import box_of, filled, middle

FIXED = "Does it depend on the share that is asked for?"
TOO_MANY = "There is a softmax too many: these are probabilities already."


@exercise(
    "Four steps, one line each: cut, divide by 255, mean and deviation, move the axis.",
    "side = min(photo.shape[:2])\n"
    "top, left = (photo.shape[0] - side) // 2, …\n"
    "middle = photo[top : top + side, …] / 255\n"
    "return np.moveaxis((middle - …) / …, …, …)   # from which place to which?",
    truth.figure_of_a_weave,
)
def prepare_a_photo(look, answer, seed=0):
    """A function of a photo (H, W, 3) from 0 to 255, mean (3,) and deviation (3,) that returns (3, S, S)."""
    rng = np.random.default_rng(seed)
    mean, deviation = rng.uniform(0.2, 0.7, 3), rng.uniform(0.1, 0.4, 3)
    square = rng.integers(0, 200, (8, 8, 3)).astype(np.uint8)

    def normalised(photo):
        return np.moveaxis((photo / 255 - mean) / deviation, -1, 0)

    wanted = normalised(square)
    got = look.result(answer, square, mean, deviation, shape=(3, 8, 8))
    last, brightest = np.moveaxis(wanted, 0, -1), 255 / square.max()
    mistakes = {
        "reshape moves no axis, and makes a weave of the picture. Use np.moveaxis.": last.reshape(3, 8, 8),
        "Height and width are exchanged too: .T turns all axes round. Use np.moveaxis.": last.T,
        "The values are not divided by 255 before the mean is taken off.": normalised(255.0 * square),
        "Divide by 255, whatever the brightest value of this photo is.": normalised(square * brightest),
    }
    look.same("a square photo", got, wanted, within=1e-4, mistakes=mistakes)
    for what, h, w in (("a wide photo", 8, 13), ("a tall photo", 14, 7)):
        photo, side = rng.integers(0, 200, (h, w, 3)).astype(np.uint8), min(h, w)
        got = look.again(answer, photo, mean, deviation, shape=(3, side, side))
        mistakes = {"The upper left corner is cut out, not the middle.": normalised(photo[:side, :side])}
        look.same(what, got, normalised(middle(photo)), within=1e-4, mistakes=mistakes)


@exercise(
    "Three numbers a pixel become one, from 0 to 255. The program says day. How sure is it of night?",
    "grey = 255 * images.mean(axis=…)             # (N, H, W)\n"
    "day = program(grey)                          # (N,)\n"
    "return np.stack([…, …], axis=-1)             # (N, 2): night first",
    truth.figure_of_the_upper_half,
)
def wrap_a_program(look, answer, seed=0):
    """A function of a program and pictures (N, H, W, 3) that returns the probabilities (N, 2): night, day."""
    program, images = truth.day_program(seed), truth.dark_to_bright(seed)

    def pair(grey):
        day = program(grey)
        return np.stack([1 - day, day], axis=-1)

    grey = 255 * images.mean(axis=-1)
    wanted = pair(grey)
    got = look.result(answer, program, images, shape=(5, 2))
    mistakes = {
        "Night and day are exchanged: want night first.": wanted[:, ::-1],
        "The program gets values from 0 to 1; it wants 0 to 255.": pair(grey / 255),
        "The grey values are cut to whole numbers. The program takes fractions.": pair(np.floor(grey)),
        "This is the luminance. The program wants the mean of the three.": pair(255 * images @ LUMINANCE),
        TOO_MANY: softmax(wanted, axis=1),
    }
    look.same("night and day", got, wanted, within=1e-4, mistakes=mistakes)
    alone = look.again(answer, program, images[3:4], shape=(1, 2))
    if alone is not None:
        same = np.allclose(alone, got[3:4], rtol=0, atol=1e-4)
        why = "What depends on the other pictures of the batch?"
        look.that("one picture alone gets the same answer", same, why)


@exercise(
    "Make a picture for each colour, all of it in that colour. Which column of the answer is wanted?",
    "pictures = np.ones((len(colours), 96, 96, 3)) * colours[:, None, …]\nreturn predict(pictures)[:, …]",
    truth.figure_of_fills,
)
def weigh_fills(look, answer, seed=0):
    """A function of predict, colours (F, 3) and a class that returns its probability for each colour (F,)."""
    predict = truth.colour_classifier(seed)
    colours = np.random.default_rng(seed).uniform(size=(6, 3)).astype(np.float32)
    chances = predict(filled(colours))
    k = int(np.bincount(chances.argmax(axis=1), minlength=4).argmin())
    got = look.result(answer, predict, colours, k, shape=(6,))
    mistakes = {
        "This is the class that each fill looks most like. Want the one asked for.": chances.max(axis=1),
        "The colours are in [0, 1] already: don't divide by 255.": predict(filled(colours / 255))[:, k],
    }
    look.same("one probability a colour", got, chances[:, k], within=1e-4, mistakes=mistakes)
    other = (k + 1) % 4
    got = look.again(answer, predict, colours[:1], other, shape=(1,))
    fixed = f"This is class {k} again. Does the answer depend on the class that is asked for?"
    mistakes = {fixed: chances[:1, k]}
    look.same("one colour alone, another class", got, chances[:1, other], within=1e-4, mistakes=mistakes)


@exercise(
    "Which rows hold a pixel above the share? The first is the top; the bottom is just below the last.",
    "on = cam > …                                 # a share of the largest value\n"
    "rows, columns = np.flatnonzero(on.any(axis=1)), …\n"
    "return rows[0], columns[0], …, …",
    truth.figure_of_a_box,
)
def box_a_map(look, answer, seed=0):
    """A function of a map (H, W) and a share that returns (top, left, bottom, right)."""
    cam = truth.two_pieces(seed)
    got = look.result(answer, cam, 0.5, shape=(4,))
    wanted = top, left, bottom, right = box_of(cam > 4)
    mistakes = {
        "Bottom and right are the last ones inside. Want them just outside.": wanted - [0, 0, 1, 1],
        "Columns come first here. Want rows first: top, left, bottom, right.": wanted[[1, 0, 3, 2]],
        "The last two are height and width. Want bottom and right.": (top, left, bottom - top, right - left),
        "A pixel that is just at the share is not above it.": box_of(cam >= 4),
        FIXED: box_of(cam > 0.4 * 8),
        "The threshold is not a value, but a share of the largest one.": box_of(cam > 0.5),
        "This is the box of the largest piece alone, not of all.": xt.localise(cam, threshold=0.5).box,
    }
    look.same("the box above 0.5", got, wanted, within=0, mistakes=mistakes)
    edge = np.zeros((9, 11))
    edge[-5:, -5:] = 5
    edge[-3:, -2:] = 8
    got, fixed = look.again(answer, edge, 0.8, shape=(4,)), {FIXED: box_of(edge > 4)}
    look.same("the box above 0.8, at the edge", got, box_of(edge > 6.4), within=0, mistakes=fixed)
    dot = np.zeros((7, 9))
    dot[4, 6] = 1e-3
    look.same("the box of one pixel", look.again(answer, dot, 0.9, shape=(4,)), (4, 6, 5, 7), within=0)
    for what, empty in (("of zeros", np.zeros((7, 9))), ("below zero", -(cam**2) - 1)):
        got = look.again(answer, empty, 0.4, shape=(4,))
        if look.wrong:
            return
        why = "Nothing in it speaks for the class."
        look.that(f"a map {what} has the box 0, 0, 0, 0", not got.any(), why)


@exercise(
    "Try a picture of one grey, and the same picture alone and beside a brighter one.",
    "return network(… * images - …)               # 0 becomes −1, 1 becomes 1, whatever the batch\n"
    "# And what do you get from a softmax of probabilities?",
    truth.figure_of_the_dark,
)
def mend_wrapping(look, answer, seed=0):
    """A function of a network for [−1, 1] and pictures in [0, 1] that returns its probabilities (N, K)."""
    network = truth.paper_network(seed)
    images = np.random.default_rng(seed + 1).uniform(0.1, 0.7, (4, 5, 6, 3)).astype(np.float32)
    images[0] *= 0.5
    wanted = network(2 * images - 1)
    got = look.result(answer, network, images, shape=(4, 4))
    by_batch = network(2 * truth.stretched(images, axis=None) - 1)
    by_picture = network(2 * truth.stretched(images, axis=(1, 2, 3)) - 1)
    mistakes = {
        "Nothing is mended yet: both mistakes are still there.": softmax(by_batch, axis=1),
        TOO_MANY: softmax(wanted, axis=1),
        "The darkest and the brightest pixel of the whole batch became −1 and 1.": by_batch,
        "Each picture is stretched: a dark picture is dark no more.": by_picture,
        "The values go in as they are, from 0 to 1. The network wants −1 to 1.": network(images),
    }
    look.same("the probabilities", got, wanted, within=1e-4, mistakes=mistakes)
    alone = look.again(answer, network, images[2:3], shape=(1, 4))
    grey = np.full((1, 5, 6, 3), 0.25, np.float32)
    plain = look.again(answer, network, grey, shape=(1, 4))
    if look.wrong:
        return
    same = np.allclose(alone, got[2:3], rtol=0, atol=1e-4)
    why = "What is taken from the whole batch?"
    look.that("a picture alone gets the answer that it gets in a batch", same, why)
    look.same("a picture of one grey", plain, network(2 * grey - 1), within=1e-4)


@exercise(
    "Each sentence can be tested in one line. Look at `kept.image`, `kept.settings` and `kept.options`.",
    "print(kept.settings, classifier.settings)\n"
    "print(kept.compare(classifier))\n"
    "print(xt.top_class(classifier, kept.image))  # one thing changed: our wrapping, their picture",
    truth.figure_of_two_coffees,
)
def read_a_report(look, answer, seed=0):
    """The letters of the true statements."""
    why = {
        "a": "Tempting: another class, so another network. But the sha256 of the weights is the same.",
        "b": "Look at the picture in the file: the cup is narrow and high. It was squeezed, not cut.",
        "c": "`kept.settings` has a preprocess of 0.5 and 0.5, ours none. So −1 to 1, where it wants 0 to 1.",
        "d": "Our wrapping says coffee of their picture, nearly as sure. Change one thing at a time.",
        "e": "Ask `xt.occlusion`: 2 points at most. A map explains the numbers that the network got.",
    }
    look.choice(answer, right="bc", why=why)
