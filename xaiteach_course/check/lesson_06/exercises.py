"""Exercises of lesson 06: fair shares, expected gradients, and what a background can't see."""

from numbers import Real

import numpy as np

from xaiteach_course.check.exercise import exercise
from xaiteach_course.check.lesson_06.draws import linear, look_at_draws, look_at_points, remembering
from xaiteach_course.check.lesson_06.truth import (
    SHAPE,
    UNSHARED,
    curved,
    figure_of_a_map,
    figure_of_blindness,
    figure_of_draws,
    figure_of_orders,
    image_and_background,
    network_and_image,
    over,
    points_on,
    starts_and_alphas,
    values_of_draws,
    wrong_plans,
)
from xaiteach_course.check.old import Wrong, again, alike, array, chosen, quietly, result
from xaiteach_course.check.verdict import Line

DRAWS = 1000
ERRORS = np.array([0.48, 0.08, 0.01])


@exercise(
    "Share a score among three players by hand",
    hints=[
        "Write down the six orders. In each of them exactly one stroke gets all 12 points: the one that completes the "
        "4. Which one is it?",
        "left, right, crossbar:   the crossbar completes it, 12 for the crossbar\n"
        "left, crossbar, right:   the crossbar again\n"
        "crossbar, left, right:   the left arm, 12 for the left arm\n"
        "…                        three more, then the mean of each column",
        figure_of_orders,
    ],
    draws=1,
)
def share_by_hand(answer, seed=0):
    """The Shapley values of the left arm, the right arm and the crossbar."""
    got = _three(answer)
    yield Line("three numbers", True)
    known = next((why for why, shares in UNSHARED if np.allclose(got, shares, atol=0.01)), None)
    why = f"Yours come to {got.sum():.3g}. In each order 12 points are handed out, so their mean is 12, too."
    whole = Line("together they are 12, within 0.01", abs(got.sum() - 12) < 0.01, known or why)
    yield whole
    if not whole.right:
        return
    uneven = "The arms can stand in for each other, so they get the same. Look at your six orders again."
    even = (
        "Look at your six orders again: which stroke completes the 4 in each? It gets 12 there, the others 0."
    )
    why = known or (uneven if abs(got[0] - got[1]) > 0.01 else even)
    yield Line("the three shares, within 0.01", np.allclose(got, [2, 2, 8], atol=0.01, rtol=0), why)


def _three(answer):
    """An answer as three numbers; fractions are numbers, too."""
    if isinstance(answer, (list, tuple)) and all(isinstance(one, Real) for one in answer):
        answer = [float(one) for one in answer]
    try:
        return quietly(array(answer, (3,)))
    except Wrong:
        raise Wrong(
            "three numbers", "Give a list of three numbers: [left arm, right arm, crossbar]."
        ) from None


@exercise(
    "Write expected gradients from their formula",
    hints=[
        "How does a number for each draw meet a picture for each draw? What is the shape of `alphas`, and what should "
        "it be so that NumPy can multiply it with (n, H, W, C)?",
        "ways = image - starts                                   # (n, H, W, C)\n"
        "points = starts + alphas[:, None, None, None] * …      # (n, H, W, C)\n"
        "values = … * gradient(points)                           # what each draw says\n"
        "return values.mean(axis=…).sum(axis=…)                  # (H, W)",
        figure_of_a_map,
    ],
)
def build_expected_gradients(answer, seed=0):
    """A function of a gradient, an image (H, W, C), starts (n, H, W, C) and alphas (n,) that returns the map (H, W)."""
    gradient, image = network_and_image(seed)
    starts, alphas = starts_and_alphas(9, seed)
    ways, points, black = image - starts, points_on(starts, alphas, image), 0 * starts
    slopes, from_black = gradient(points), gradient(points_on(black, alphas, image))
    not_added, too_far = (
        gradient(points_on(black, alphas, ways)),
        gradient(starts + points_on(black, alphas, image)),
    )
    from_end, at_start, at_end = (
        gradient(points_on(starts, a, image)) for a in (1 - alphas, 0 * alphas, 0 * alphas + 1)
    )
    wanted = over(ways * slopes)
    got = yield from result(answer, gradient, image, starts, alphas, shape=wanted.shape)
    wrong = {
        "The way is missing: this is the mean gradient. Multiply each by its own way, image − start.": slopes,
        "The gradients are multiplied by the image. Multiply each by its own way, image − start.": image
        * slopes,
        "The mean way times the mean gradient: multiply draw by draw, then take the mean.": ways.mean(axis=0)
        * slopes,
        "All gradients are taken at the image, where the network may be saturated: where is alpha?": ways
        * at_end,
        "All gradients are taken at the starts: where is alpha?": ways * at_start,
        "The ways are walked from the wrong end: alpha 0 is the start, 1 the image.": ways * from_end,
        "The points are alpha · image: all ways begin at a black picture, not at their starts.": ways
        * from_black,
        "The points are alpha · way. A way begins at its start: add the start to each.": ways * not_added,
        "The points are start + alpha · image, past the image. Go along the way, image − start.": ways
        * too_far,
        "These are means over the channels; a pixel's share is the sum of its channels.": ways
        * slopes
        / SHAPE[-1],
        "Only the first channel is taken. A pixel's share is the sum of its channels.": (ways * slopes)[
            ..., :1
        ],
    }
    mistakes = {why: over(values) for why, values in wrong.items()}
    yield alike("the map", got, wanted, within=1e-4, mistakes=mistakes)


@exercise(
    "Plan how many draws are needed",
    hints=[
        "First one number a draw: what it gives to all pixels together. How far do these numbers scatter? The error of "
        "their mean is this scatter, divided by the root of their number.",
        "sums = values.sum(axis=(1, 2))     # (n,): one sum a draw\n"
        "spread = sums.std()                # of one draw\n"
        "# spread / sqrt(draws) = error     → solve for draws\n"
        "return …",
        figure_of_draws,
    ],
)
def plan_the_draws(answer, seed=0):
    """A function of values (n, H, W) and the standard error that is wanted: how many draws it takes."""
    spread = ERRORS[1] * np.sqrt(np.random.default_rng([3, seed]).uniform(800, 900))
    values, wanted = values_of_draws(150, spread, seed), (spread / ERRORS) ** 2
    longer = again(answer, np.concatenate([values] * 3), ERRORS[1], shape=())
    first = yield from result(answer, values, ERRORS[0], shape=())
    got = np.array([first, *(again(answer, values, error, shape=()) for error in ERRORS[1:])])
    enough = _about(got, wanted)
    i = np.abs(np.log(np.maximum(got, 1e-9) / wanted)).argmax()
    why = f"For an error of {ERRORS[i]:g}, yours is {got[i]:,.1f}, wanted {wanted[i]:,.1f}."
    why = next(
        (known for known, other in wrong_plans(got, wanted, values, ERRORS).items() if _about(got, other)),
        why,
    )
    yield Line("the number of draws for errors of 0.48, 0.08 and 0.01, within 1 % and one draw", enough, why)
    why = "What is needed does not depend on how long you tried. Is there a number of draws left in your formula?"
    if enough:
        yield Line("three times the trial draws need the same", _about(longer, got[1]), why)


def _about(got, wanted):
    """Near enough for numbers of draws: within 1 %, for n − 1 in place of n, and within one draw, for rounding."""
    return bool(np.all(np.abs(got - wanted) <= 0.01 * np.abs(wanted) + 1))


@exercise(
    "Find the pixels that a background can't see",
    hints=[
        "When is the way of a pixel 0? And when is it 0 for EVERY picture of the background, in EVERY channel?",
        "same = background == image          # (M, H, W, C)\nreturn same.all(axis=(…, …))        # (H, W)",
        figure_of_blindness,
    ],
)
def find_blind_pixels(answer, seed=0):
    """A function of an image (H, W, C) and a background (M, H, W, C): True where each map must be 0, (H, W)."""
    image, background = image_and_background(seed)
    same, mean = background == image, np.isclose(background.mean(axis=0), image)
    total, nearly = background.sum(axis=-1) == image.sum(axis=-1), np.isclose(background, image, atol=0.01)
    wanted, steady = same.all(axis=(0, -1)), (background == background[0]).all(axis=(0, -1))
    got = yield from result(answer, image, background, shape=wanted.shape)
    mistakes = {
        "Not one pixel is found. But some are like the image in all pictures and all channels.": 0 * wanted,
        "It is the other way round: these are the pixels that can get something.": ~wanted,
        "One picture like the image is not enough: want all pictures of the background.": same.all(
            axis=-1
        ).any(axis=0),
        "Only the first picture of the background is looked at.": same[0].all(axis=-1),
        "One channel like the image is not enough: the others have a way to go.": same.all(axis=0).any(
            axis=-1
        ),
        "Only the first channel is looked at.": same[..., 0].all(axis=0),
        "The mean of the background is compared. But the ways −0.2 and 0.2 do not cancel.": mean.all(axis=-1),
        "The channels are added up first. But the ways 0.25 and −0.25 of two channels don't cancel.": total.all(
            axis=0
        ),
        "Nearly like the image is not like it: also a short way can get something.": nearly.all(axis=(0, -1)),
        "These pixels are the same in all pictures of the background. Are they like the image, too?": steady,
        "These are the black pixels. Black can be seen against what is not black there.": (image == 0).all(
            axis=-1
        ),
    }
    yield alike("the pixels", got, wanted, within=1e-6, mistakes=mistakes)


@exercise(
    "Mend broken expected gradients",
    hints=[
        "Print `start` and `random.uniform()` in each round. What should be different from round to round, and is not?",
        "random = np.random.RandomState(seed)            # once\n"
        "for _ in range(n_samples):\n"
        "    start = background[random.choice(…)]        # one picture, another one each time\n"
        "    …",
        figure_of_a_map,
    ],
)
def mend_expected_gradients(answer, seed=0):
    """A function of a gradient, an image (H, W, C), a background (M, H, W, C), n_samples and a seed: the map (H, W)."""
    gradient, image, background = curved(seed)
    (ask_few, few), (ask_many, many), before = remembering(gradient), remembering(gradient), _global_state()
    weights = np.random.default_rng([5, seed]).normal(size=SHAPE)

    def ask(gradient, seed, background=background):
        return again(answer, gradient, image, background, 20, seed, shape=SHAPE[:2])

    plain = ask(lambda points: weights + 0 * points, seed, background[:1])
    found, same, other = ask(ask_few, seed), ask(gradient, seed), ask(gradient, seed + 1)
    got = yield from result(answer, ask_many, image, background, DRAWS, seed, shape=SHAPE[:2])
    line = linear(plain, weights, image, background[0])
    yield line
    if not line.right or not (yield from look_at_points({20: few, DRAWS: many}, image, background)):
        return
    yield from look_at_draws(got, np.array(many), gradient, image, background)
    yield Line("the same seed makes the same map", np.allclose(found, same), "Where does `seed` go?")
    yield Line(
        "another seed makes another map", not np.allclose(found, other, atol=1e-6), "The seed is not used."
    )
    why = "NumPy's global generator was used. Make one of your own: `np.random.RandomState(seed)`."
    yield Line("the global random numbers are left alone", before == _global_state(), why)


def _global_state():
    _, keys, *rest = np.random.get_state()
    return keys.tobytes(), *rest


@exercise(
    "Say which of the maps tells what",
    hints=[
        "For each sentence: how could it be false, and would the maps or the badges look different then?",
        "One sentence is about the root of n, one about luck, one about what a zero means, one about a name, one about "
        "a way of length 0. Two of the five are true.",
        figure_of_blindness,
    ],
    draws=1,
)
def judge_the_maps(answer, seed=0):
    """The letters of the true statements."""
    return chosen(
        answer,
        right="ae",
        why={
            "a": "The error falls like 1/√n: four times the draws, half of the error.",
            "b": "Tempting: the sum is right. But both have the same standard error, so it was luck. And a sum does "
            "not know where the shares are.",
            "c": "Tempting: no colour, no role. But black less black is a way of length 0. It could not say it.",
            "d": "Tempting: it's in the name. They add up as Shapley values do, but adding up is one promise of four.",
            "e": "Its way is 0 from each of them, in every draw.",
        },
    )
