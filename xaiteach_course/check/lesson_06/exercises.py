"""Exercises of lesson 06: fair shares, expected gradients, and what a background can't see."""

import numpy as np

from xaiteach_course.check.exercise import exercise
from xaiteach_course.check.lesson_06 import truth
from xaiteach_course.check.lesson_06.truth import SHAPE, find_ways, over
from xaiteach_course.check.look import Look
from xaiteach_course.check.numpy_models import PaperNetwork

ERRORS = np.array([0.48, 0.08, 0.01])


@exercise(
    "In each of the six orders one stroke gets all 12: the one that completes the 4. Which one is it?",
    "left, right, crossbar:   the crossbar completes it, 12 for the crossbar\n"
    "crossbar, left, right:   the left arm, 12 for the left arm\n"
    "…                        four more, then the mean of each column",
    truth.figure_of_orders,
    draws=1,
)
def share_by_hand(look, answer, seed=0):
    """The Shapley values of the left arm, the right arm and the crossbar."""
    got = Look().array(answer, (3,))
    why = "Give a list of three numbers: [left arm, right arm, crossbar]."
    look.that("three numbers", got is not None, why)
    if look.wrong:
        return
    why = f"Yours come to {got.sum():.3g}. In each order 12 points are handed out, so their mean is 12, too."
    look.that("together they are 12, within 0.01", abs(got.sum() - 12) < 0.01, why)
    if look.wrong:
        return
    mistakes = {
        "This is what is lost without each one. Let them come in, in all six orders.": [0, 0, 12],
        "Look at your six orders again: which stroke completes the 4 in each?": got,
    }
    look.same("the three shares", got, [2, 2, 8], within=0.01, mistakes=mistakes)


@exercise(
    "How does a number a draw meet a picture a draw? Which shape must `alphas` have beside (n, H, W, C)?",
    "ways = image - starts                                   # (n, H, W, C)\n"
    "points = starts + alphas[:, None, None, None] * …      # (n, H, W, C)\n"
    "return (… * gradient(points)).mean(axis=…).sum(axis=…)  # (H, W)",
    truth.figure_of_draws,
)
def build_expected_gradients(look, answer, seed=0):
    """A function of gradient, image (H, W, C), starts (n, H, W, C) and alphas (n,): the map (H, W)."""
    network, draw = PaperNetwork(SHAPE, units=40, seed=seed), np.random.default_rng(seed).uniform
    network.value_range = None
    image, starts, alphas = draw(size=SHAPE), draw(size=(9, *SHAPE)), draw(size=9)
    ways, walked = image - starts, alphas[:, None, None, None]

    def gradient(points):
        return network.gradient(points, 1)

    def asked_at(points):
        return over(ways * gradient(points))

    slopes = gradient(starts + walked * ways)
    got = look.result(answer, gradient, image, starts, alphas, shape=SHAPE[:2])
    mistakes = {
        "The way is missing. Multiply each gradient by its own, image − start.": over(slopes),
        "It is multiplied by the image. Multiply by the way, image − start.": over(image * slopes),
        "Mean way times mean gradient: multiply draw by draw.": over(ways.mean(axis=0) * slopes),
        "All gradients are taken at the image: where is alpha?": asked_at(image + 0 * starts),
        "The ways are walked from the wrong end: alpha 0 is the start.": asked_at(image - walked * ways),
        "The points are alpha · way. Add the start to each.": asked_at(walked * ways),
    }
    look.same("the map", got, over(ways * slopes), within=1e-4, mistakes=mistakes)


@exercise(
    "How far do the sums of single draws scatter? The error of their mean is this, divided by √n.",
    "sums = values.sum(axis=(1, 2))     # (n,): one sum a draw\n"
    "spread = sums.std()                # of one draw\n"
    "# spread / sqrt(draws) = error     → solve for draws",
    truth.figure_of_draws,
)
def plan_the_draws(look, answer, seed=0):
    """A function of values (n, H, W) and the standard error that is wanted: how many draws it takes."""
    spread = ERRORS[1] * np.sqrt(np.random.default_rng([3, seed]).uniform(800, 900))
    values, wanted = truth.draw_values(150, spread, seed), (spread / ERRORS) ** 2
    got = [look.result(answer, values, ERRORS[0], shape=())]
    if look.wrong:
        return
    got += [look.again(answer, values, error, shape=()) for error in ERRORS[1:]]
    longer = look.again(answer, np.concatenate([values] * 3), ERRORS[1], shape=())
    if look.wrong:
        return
    got = np.array(got)
    mistakes = {
        "Twice the draws do not halve the error: four times do. Square it.": got[1] * ERRORS[1] / ERRORS,
        "Add up the pixels of each draw first: they are not independent.": values.var(0).sum() / ERRORS**2,
        "This is the spread of single values. Add up each draw first.": values.var() / ERRORS**2,
        "This says how many times as many. Multiply by the draws you have.": wanted / len(values),
    }
    i = np.abs(np.log(np.maximum(got, 1e-9) / wanted)).argmax()
    reasons = [why for why, plan in mistakes.items() if about(got, plan)]
    reasons.append(f"For an error of {ERRORS[i]:g}, yours is {got[i]:,.1f}, wanted {wanted[i]:,.1f}.")
    what = "the number of draws for errors of 0.48, 0.08 and 0.01, within 1 % and one draw"
    look.that(what, about(got, wanted), reasons[0])
    if look.wrong:
        return
    why = "What is needed does not depend on how long you tried. Where does len(values) go?"
    look.that("three times the trial draws need the same", about(longer, got[1]), why)


def about(got, wanted):
    """Near enough for numbers of draws: within 1 %, for n − 1 in place of n, and one draw, for rounding."""
    return np.all(np.abs(got - wanted) <= 0.01 * np.abs(wanted) + 1)


@exercise(
    "When is the way of a pixel 0? And when for EVERY picture of the background, in EVERY channel?",
    "same = background == image          # (M, H, W, C)\nreturn same.all(axis=(…, …))        # (H, W)",
    truth.figure_of_blindness,
)
def find_blind_pixels(look, answer, seed=0):
    """A function of image (H, W, C) and background (M, H, W, C): True where each map must be 0, (H, W)."""
    image, background = truth.draw_background(seed)
    same = background == image
    wanted = same.all(axis=(0, -1))
    mean = np.isclose(background.mean(axis=0), image)
    got = look.result(answer, image, background, shape=SHAPE[:2])
    mistakes = {
        "It is the other way round: these can get something.": ~wanted,
        "One picture like the image is not enough: want all.": same.all(axis=-1).any(axis=0),
        "Only the first picture of the background is looked at.": same[0].all(axis=-1),
        "One channel like the image is not enough: want all.": same.all(axis=0).any(axis=-1),
        "The mean is compared. But ways of −0.2 and 0.2 do not cancel.": mean.all(axis=-1),
    }
    look.same("the pixels", got, wanted, within=1e-6, mistakes=mistakes)


@exercise(
    "Print `start` and `random.uniform()` in each round. What should be different, and is not?",
    "random = np.random.RandomState(seed)            # once\n"
    "for _ in range(n_samples):\n"
    "    start = background[random.choice(…)]        # one picture, another one each time",
    truth.figure_of_draws,
)
def mend_expected_gradients(look, answer, seed=0):
    """A function of gradient, image (H, W, C), background (M, H, W, C), n_samples, seed: the map (H, W)."""
    gradient, image, background = truth.draw_curved(seed)
    state, points = repr(np.random.get_state()), []

    def remembering(some):
        points.extend(np.array(some, float).reshape(-1, *SHAPE))
        return gradient(some)

    got = look.result(answer, remembering, image, background, 1000, seed, shape=SHAPE[:2])
    if look.wrong:
        return

    def ask(gradient, background, seed):
        return look.again(answer, gradient, image, background, 20, seed, shape=SHAPE[:2])

    weights = np.random.default_rng([5, seed]).normal(size=SHAPE)
    line = ask(lambda points: weights + 0 * points, background[:1], seed)
    wanted = ((image - background[0]) * weights).sum(axis=-1)
    look.same("a linear model, one picture, 20 draws", line, wanted, within=1e-4)
    found, same, other = (ask(gradient, background, one) for one in (seed, seed, seed + 1))
    if look.wrong:
        return
    look_at_points(look, np.array(points), image, background)
    if look.wrong:
        return
    look_at_draws(look, got, np.array(points), gradient, image, background)
    look.that("the same seed makes the same map", np.allclose(found, same), "Where does `seed` go?")
    differ = not np.allclose(found, other, atol=1e-6)
    look.that("another seed makes another map", differ, "The seed is not used.")
    why = "NumPy's global generator was used. Make one of your own: `np.random.RandomState(seed)`."
    look.that("the global random numbers are left alone", repr(np.random.get_state()) == state, why)


def look_at_points(look, points, image, background):
    """Whether these points of 1,000 draws are draws from the ways to the image."""
    why = f"With n_samples = 1000, yours asks for {len(points)}. Where does `n_samples` go?"
    look.that("a gradient for each draw", 1000 <= len(points) < 2000, why)
    if look.wrong:
        return
    why = "All draws ask about the same point. Where is the generator made, and how often?"
    look.that("the draws differ", np.ptp(points, axis=0).max() > 1e-6, why)
    on_a_way = find_ways(points, image, background)[2].max() < 1e-4
    from_grey = find_ways(points, image, background.mean(axis=0, keepdims=True))[2].max() < 1e-4
    why = "Some points are on no way. A draw takes ONE picture and ONE alpha, for all pixels and channels."
    if from_grey:
        why = "All ways begin at the mean of the background, a grey picture. Draw a picture for each."
    look.that("each draw is on the way from a picture of the background to the image", on_a_way, why)


def look_at_draws(look, got, points, gradient, image, background):
    """Whether alphas and pictures are drawn evenly, and whether the map is that of these draws."""
    pictures, alphas, _ = find_ways(points, image, background)
    even = (np.arange(len(points)) + 0.5) / len(points)
    evenly = np.abs(np.sort(alphas) - even).max() < 0.08
    low, high = alphas.min(), alphas.max()
    why = f"Yours are from {low:.2f} to {high:.2f}. Draw alpha from 0 to 1, anew for each draw."
    look.that("alpha is spread evenly from 0 to 1", evenly, why)
    times, wanted = np.bincount(pictures, minlength=len(background)), len(points) / len(background)
    why = f"They are drawn {', '.join(map(str, times))} times. Draw from all of them."
    often = np.abs(times - wanted).max() < wanted / 2
    look.that("all pictures of the background are drawn equally often", often, why)
    means = [alphas[pictures == k].mean() for k in np.unique(pictures)]
    why = "Some pictures get small alphas, others large ones. Does one random number serve for both?"
    look.that("alpha does not depend on the picture", np.ptp(means) < 0.25, why)
    map_of_these = over(gradient(points) * (image - background[pictures]))
    look.same("the map of these draws", got, map_of_these, within=0.01)


@exercise(
    "For each sentence: how could it be false, and would the maps or the badges look different then?",
    "One is about √n, one about luck, one about what a zero means, one about a name, one about a way.",
    truth.figure_of_blindness,
    draws=1,
)
def judge_the_maps(look, answer, seed=0):
    """The letters of the true statements."""
    why = {
        "a": "The error falls like 1/√n: four times the draws, half of the error.",
        "b": "Tempting. But both have the same standard error, so it was luck, and a sum knows no pixels.",
        "c": "Tempting: no colour, no role. But black less black is a way of length 0. It could not say it.",
        "d": "Tempting: it's in the name. But adding up is one promise of four that Shapley values keep.",
        "e": "Its way is 0 from each of them, in every draw.",
    }
    look.choice(answer, right="ae", why=why)
