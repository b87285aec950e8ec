"""Exercises of lesson 10: a model of your own."""

import numpy as np
from scipy.special import softmax

import xaiteach_course.check.lesson_10.truth as material
from xaiteach.images.load import LUMINANCE
from xaiteach_course.check.exercise import exercise
from xaiteach_course.check.old import again, alike, chosen, result
from xaiteach_course.check.verdict import Line


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
    square, wide, tall = (
        rng.integers(0, 200, (*size, 3)).astype(np.uint8) for size in ((8, 8), (8, 13), (14, 7))
    )
    wanted = material.prepared(square, mean, deviation)
    got = yield from result(answer, square, mean, deviation, shape=wanted.shape)
    last = np.moveaxis(wanted, 0, -1)
    x = np.moveaxis(square / 255, -1, 0)
    m, d = mean[:, None, None], deviation[:, None, None]
    mistakes = {
        "reshape moves no axis, and makes a weave of the picture. Use np.moveaxis.": last.reshape(3, 8, 8),
        "Height and width are exchanged too: .T turns all axes round. Use np.moveaxis.": last.T,
        "The values are not divided by 255 before the mean is taken off.": (255 * x - m) / d,
        "Divide by 255, whatever the brightest value of this photo is.": material.prepared(
            square * (255 / square.max()), mean, deviation
        ),
        "Mean and deviation are not used.": x,
        "The mean is not taken off.": x / d,
        "It is not divided by the deviation.": x - m,
        "First take off the mean, then divide. And mind the brackets.": x - m / d,
        "Mean and deviation are exchanged.": (x - d) / m,
        "Red and blue are exchanged.": material.prepared(square[..., ::-1], mean, deviation),
    }
    line = alike("a square photo", got, wanted, within=1e-4, mistakes=mistakes)
    yield line
    if not line.right:
        return
    for what, photo in (("a wide photo", wide), ("a tall photo", tall)):
        cuts = {
            why: material.normalised(cut, mean, deviation) for why, cut in material.other_cuts(photo).items()
        }
        wanted = material.prepared(photo, mean, deviation)
        cut = again(answer, photo, mean, deviation, shape=wanted.shape)
        yield alike(what, cut, wanted, within=1e-4, mistakes=cuts)


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
    program, images = material.day_program(seed), material.dark_to_bright(seed)

    def pair(grey):
        day = program(grey)
        return np.stack([1 - day, day], axis=-1)

    grey = 255 * images.mean(axis=-1)
    wanted = pair(grey)
    got = yield from result(answer, program, images, shape=wanted.shape)
    mistakes = {
        "Night and day are exchanged: want night first.": wanted[:, ::-1],
        "The program gets values from 0 to 1; it wants 0 to 255. For it, all is nearly black.": pair(
            grey / 255
        ),
        "The grey values are 256 times those in [0, 1]. White is 255.": pair(grey * 256 / 255),
        "The grey values are rounded. The program takes fractions, too.": pair(grey.round()),
        "The grey values are cut to whole numbers. The program takes fractions, too.": pair(np.floor(grey)),
        "The colours are added up: their mean is wanted.": pair(3 * grey),
        "This is the luminance. A good grey, but the program was made for the mean of the three.": pair(
            255 * images @ LUMINANCE
        ),
        "How sure it is of night is 1 − p, and not the answer to the negative of the picture.": np.stack(
            [program(255 - grey), program(grey)], axis=-1
        ),
        "Both columns are the same. The first is 1 − p.": wanted[:, [1, 1]],
        "There is a softmax too many: these are probabilities already.": softmax(wanted, axis=1),
    }
    line = alike("night and day", got, wanted, within=1e-4, mistakes=mistakes)
    yield line
    if not line.right:
        return
    alone = again(answer, program, images[3:4], shape=(1, 2))
    same = bool(np.abs(alone - got[3:4]).max() <= 1e-4)
    yield Line(
        "one picture alone gets the same answer", same, "What depends on the other pictures of the batch?"
    )


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
    every = predict(material.filled(colours))
    k = int(np.argmin((every.argmax(axis=1)[:, None] == np.arange(4)).sum(axis=0)))
    got = yield from result(answer, predict, colours, k, shape=(6,))
    greys = np.repeat(colours.mean(axis=1, keepdims=True), 3, axis=1)
    mistakes = {
        "This is the probability of the class that each fill looks most like. Want that of the class asked for.": (
            every.max(axis=1)
        ),
        "These are classes, not probabilities.": every.argmax(axis=1),
        "This is the probability of all the other classes.": 1 - every[:, k],
        "Red and blue are exchanged.": predict(material.filled(colours[:, ::-1]))[:, k],
        "The colours are in [0, 1] already: don't divide by 255.": predict(material.filled(colours / 255))[
            :, k
        ],
        "Each picture is grey: the mean of its colour. Keep the three channels.": predict(
            material.filled(greys)
        )[:, k],
    }
    line = alike("one probability a colour", got, every[:, k], within=1e-4, mistakes=mistakes)
    yield line
    if not line.right:
        return
    other = (k + 1) % 4
    alone = again(answer, predict, colours[:1], other, shape=(1,))
    fixed = {f"This is class {k} again. Does the answer depend on the class that is asked for?": every[:1, k]}
    yield alike("one colour alone, another class", alone, every[:1, other], within=1e-4, mistakes=fixed)


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
    wanted = material.box_of(cam > 0.5 * cam.max())
    got = yield from result(answer, cam, 0.5, shape=(4,))
    line = alike("the box above 0.5", got, wanted, within=0, mistakes=material.other_boxes(cam, 0.5))
    yield line
    if not line.right:
        return
    edge = material.piece_at_the_edge(seed)
    wanted = material.box_of(edge > 0.8 * edge.max())
    mistakes = {
        "This is the box above 0.5. Does it depend on the share that is asked for?": material.box_of(
            edge > 4
        ),
        "The piece reaches the last row and the last column. Just outside of it are H and W.": wanted
        - [0, 0, 1, 1],
    }
    high = again(answer, edge, 0.8, shape=(4,))
    yield alike("the box above 0.8, at the edge", high, wanted, within=0, mistakes=mistakes)
    one = np.zeros((7, 9))
    one[4, 6] = 1e-3
    single = again(answer, one, 0.9, shape=(4,))
    yield alike("the box of one pixel", single, (4, 6, 5, 7), within=0)
    for what, empty in (("of zeros", np.zeros((7, 9))), ("below zero", -(cam**2) - 1)):
        nothing = again(answer, empty, 0.4, shape=(4,))
        yield Line(
            f"a map {what} has the box 0, 0, 0, 0", not nothing.any(), "Nothing in it speaks for the class."
        )


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
    per_picture = (
        "Each picture is stretched from its darkest to its brightest pixel: a dark picture is dark no more."
    )
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
    yield Line(
        "a picture alone gets the answer that it gets in a batch", same, "What is taken from the whole batch?"
    )
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
            "e": "Tempting: they are red in the file. But ask `xt.occlusion` about their picture and our wrapping. The "
            "astronaut has about 4 points, and loses 2 at most. A map explains the numbers that the network got.",
        },
    )
