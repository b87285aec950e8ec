"""Exercises of lesson 07: integrated gradients."""

import numpy as np

from xaiteach_course.check.exercise import exercise
from xaiteach_course.check.lesson_07 import truth
from xaiteach_course.check.lesson_07.truth import EXACT, QUESTIONS, WRONG, middle, slope

ADVICE = {
    "the missing way": "The mean gradient passes. Take a way that is not 1 everywhere.",
    "the image in place of the way": "From a black baseline the two are the same. Take another baseline.",
    "the lost sign": "It lets absolute values pass. Take weights of both signs.",
    "the turned sign": "Compare with the right numbers, not with their absolute values.",
    "weights that add up to (n − 1)/n": "With ten steps a tenth is missing. Take few, and compare closely.",
    "a sum in place of the mean": "With one step a sum is a mean. Take more steps.",
    "the shares in wrong places": "The map is upside down. Compare pixel by pixel, and take unlike pixels.",
}


@exercise(
    "Cut the way into `steps` pieces. Where is the middle of the first, and where of the last?",
    "alphas = (np.arange(steps) + …) / steps                                  # (steps,)\n"
    "points = baseline + alphas[:, None, None, None] * (image - baseline)     # (steps, H, W, C)\n"
    "return (… * gradient(points).mean(axis=0)).sum(axis=-1)",
    truth.figure_of_a_map,
)
def build_integrated_gradients(look, answer, seed=0):
    """A function of a gradient, image and baseline (H, W, C), and a number of steps: the map (H, W)."""
    gradient, image, baseline = truth.network_and_ends(seed)
    steps = 7 + seed % 3
    got = look.result(answer, gradient, image, baseline, steps, shape=image.shape[:2])
    way, black, middles = image - baseline, 0 * image, middle(steps)

    def along(alphas):
        return way * slope(gradient, baseline, image, alphas)

    mean_gradient = slope(gradient, baseline, image, middles)
    mistakes = {
        "Pieces are asked at their left ends. Want (k + 0.5) / steps.": along(middles - 0.5 / steps),
        "Pieces are asked at their right ends. Want (k + 0.5) / steps.": along(middles + 0.5 / steps),
        "The points are spread with both ends. Want (k + 0.5) / steps.": along(np.linspace(0, 1, steps)),
        "The way is missing: multiply the mean gradient by image − baseline.": mean_gradient,
        "It is multiplied by the image. Multiply by the way, image − baseline.": image * mean_gradient,
        "The way begins at the baseline: add it to each point.": way * slope(gradient, black, way, middles),
        "The baseline is not used: this begins at black.": image * slope(gradient, black, image, middles),
    }
    mistakes = {why: values.sum(axis=-1) for why, values in mistakes.items()}
    look.same("the map", got, (way * mean_gradient).sum(axis=-1), within=1e-4, mistakes=mistakes)


@exercise(
    "Write down True and False: which sums are near? From which place on is all of it True?",
    "near = abs(sums - rise) <= within * …        # (n,); what if the rise is negative?\n"
    "for k in range(len(counts)):                 # if near[k:].all(): …\n"
    "return 0",
    truth.figure_of_sums,
)
def choose_the_steps(look, answer, seed=0):
    """A function of counts, sums (n,), the rise and a tolerance: the count from which on all are near."""
    random = np.random.default_rng([70, seed])
    look.result(answer, *truth.sums_that_miss(random, *QUESTIONS[0][1:]), shape=())
    for what, gaps, within, sign in QUESTIONS:
        given = truth.sums_that_miss(random, gaps, within, sign)
        percent = ", ".join(f"{100 * gap:g}".replace("-", "−") for gap in gaps)
        asked = f"The sums miss the rise by {percent} % of it; {100 * within:g} % are near enough."
        try:
            got = look.again(answer, *given, shape=())
        except IndexError:
            look.refuse(what, f"{asked} Yours looks for a place that is not in the list.")
            return
        if got is None:
            return
        right, mistaken = truth.right_and_mistaken(*given)
        reasons = [why for why, count in mistaken.items() if count == got]
        reasons.append(f"{asked} Yours is {got:g}, wanted {right}.")
        look.that(what, got == right, reasons[0])


@exercise(
    "For which model do you know the right map? And which picture, baseline, weights hide no mistake?",
    "weights, image, baseline = np.random.default_rng(0).uniform(-1, 1, size=(3, 5, 5, 1))\n"
    "found = explain(lambda points: …, image, baseline, …)    # the gradient of w·x\n"
    "return np.allclose(found, …)                             # what is the right map?",
    truth.figure_of_rules,
)
def write_a_test(look, answer, seed=0):
    """A function of an explainer `explain(gradient, image, baseline, steps)`: True where it is right."""
    explainers, passed = EXACT | WRONG, {}
    for name in np.random.default_rng([7, seed]).permutation(list(explainers)):
        verdict = look.again(answer, explainers[name], shape=())
        if verdict not in (None, 0, 1):
            look.refuse("it answers True or False", f"It returned {verdict:g}.")
        if look.wrong:
            return
        passed[name] = bool(verdict)
    why = "It turns all ten away, the right ones, too. Is it rounding? Compare by np.allclose."
    if all(passed.values()):
        why = "It lets all ten pass. Does it compare their map with the right one?"
    look.that("it does not say the same of all", len(set(passed.values())) == 2, why)
    if look.wrong:
        return
    for name in EXACT:
        why = "It is right, and turned away. On a linear model every rule is exact: use np.allclose."
        look.that(f"it lets {name} pass", passed[name], why)
    for name in WRONG:
        look.that(f"it finds {name}", not passed[name], ADVICE[name])


@exercise(
    "What do the weights add up to, for 5 steps? And which picture becomes 0 when it is normalised?",
    "x, black = (picture - mean) / deviation, (… - mean) / deviation\n"
    "alphas = (np.arange(steps) + 0.5) / steps         # or other weights, but they must add up to 1\n"
    "slope = sum(gradient(black + alpha * (…)) for alpha in alphas) / steps",
    truth.figure_of_a_map,
)
def mend_integrated_gradients(look, answer, seed=0):
    """A function of a gradient, picture (H, W, C), mean, deviation (C,), steps: the map (H, W) from black."""
    gradient, picture, mean, deviation, wanted = truth.normalised(seed)
    got = look.result(answer, gradient, picture, mean, deviation, 300, shape=wanted.shape)
    if look.wrong:
        return
    weights = np.random.default_rng([777, seed]).normal(size=picture.shape)
    flat, right = weights * deviation, (weights * picture).sum(axis=-1)
    plain = look.again(answer, lambda points: flat + 0 * points, picture, mean, deviation, 5, shape=(6, 5))
    mistakes = {
        "Nothing is mended yet: both mistakes are still there.": 0.8 * weights * (picture - mean),
        "The weights of 5 steps add up to 4/5. They must add up to 1.": 0.8 * weights * picture,
        "It begins at 0 after the normalisation. That is not black, but grey.": weights * (picture - mean),
        "The way is in the picture's numbers, the gradient in the network's.": flat * picture,
    }
    mistakes = {why: values.sum(axis=-1) for why, values in mistakes.items()}
    look.same("a linear model, 5 steps", plain, right, within=1e-4, mistakes=mistakes)
    if look.wrong:
        return
    x = (picture - mean) / deviation
    from_grey = (picture / deviation * slope(gradient, 0 * x, x, middle(300))).sum(axis=-1)
    mistakes = {"The way is right, but the points begin at the grey page.": from_grey}
    look.same("a network, 300 steps", got, wanted, within=0.01, mistakes=mistakes)


@exercise(
    "For each sentence: how could it be false, and would the badge or the map look different then?",
    "One is on a way of length 0, one on two questions, one on a unit, one on a badge. Two are true.",
    truth.figure_of_a_map,
    draws=1,
)
def read_the_way(look, answer, seed=0):
    """The letters of the true statements."""
    why = {
        "a": "Tempting: no colour, no role. But from black to black the way is 0: the map could not say it.",
        "b": "Why a 7, rather than a black page? And rather than a white one? Each adds up to its own rise.",
        "c": "It is in points for each unit of brightness. Only times the way does it become points.",
        "d": "Tempting: the arithmetic is right. But from a wrong page it adds up as well, to another rise.",
        "e": "Its gradient is the same everywhere, so it can't see where the gradients were taken.",
    }
    look.choice(answer, right="bc", why=why)
