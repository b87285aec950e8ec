"""Exercises of lesson 07: integrated gradients."""

import numpy as np

import xaiteach.check.paper_07 as paper
from xaiteach.check.base import Line, Wrong, exercise
from xaiteach.check.looking import again, alike, chosen, result

COUNTS = np.array([4, 8, 16, 32, 64, 128])
RIGHT = {
    "the midpoint rule": paper.explainer(),
    "the rule that takes the left ends": paper.explainer(paper.left),
    "the trapezoid": paper.explainer(paper.trapezoid),
}
SUSPECTS = {
    "the missing way": (
        paper.explainer(share=lambda image, way, slope: slope),
        "It lets the mean gradient pass. Take a way that is not 1 everywhere, and compare each pixel.",
    ),
    "the image in place of the way": (
        paper.explainer(share=lambda image, way, slope: image * slope),
        "From a black baseline, image and way are the same. Take another baseline.",
    ),
    "the lost sign": (
        paper.explainer(share=lambda image, way, slope: abs(way * slope)),
        "It lets absolute values pass. Take weights of both signs.",
    ),
    "the turned sign": (
        paper.explainer(share=lambda image, way, slope: -way * slope),
        "It lets (baseline − image) pass. Compare with the right numbers, not with their absolute values.",
    ),
    "weights that add up to (n − 1)/n": (
        paper.explainer(paper.short_weights),
        "With ten steps a tenth of the map is missing, with fifty a fiftieth. Take few, and compare closely.",
    ),
    "a sum in place of the mean": (
        paper.explainer(paper.summed),
        "With one step a sum is a mean. Take more steps.",
    ),
    "the shares in wrong places": (
        paper.explainer(share=paper.mirrored),
        "The sum is right, but the map is upside down. Compare pixel by pixel, on a picture whose pixels differ.",
    ),
}


@exercise(
    "Write integrated gradients with the midpoint rule",
    hints=[
        "Cut the way into `steps` pieces. Where is the middle of the first piece, and where of the last?",
        "way = image - baseline\n"
        "alphas = (np.arange(steps) + …) / steps                       # (steps,)\n"
        "points = baseline + alphas[:, None, None, None] * way         # (steps, H, W, C)\n"
        "return (… * gradient(points).mean(axis=0)).sum(axis=-1)",
        paper.figure_of_a_map,
    ],
)
def build_integrated_gradients(answer, seed=0):
    """A function of a gradient, an image (H, W, C), a baseline (H, W, C) and a number of steps: the map (H, W)."""
    gradient, image, baseline = paper.network_and_ends(seed)
    way, n = image - baseline, 7
    (alphas, _), black = paper.middle(n), 0 * image
    along, from_black = (paper.slope(gradient, start, image, alphas) for start in (baseline, black))
    at_left, at_right, at_all = (
        paper.slope(gradient, baseline, image, a)
        for a in (np.arange(n) / n, np.arange(1, n + 1) / n, np.linspace(0, 1, n))
    )
    wanted = (way * along).sum(axis=-1)
    got = yield from result(answer, gradient, image, baseline, n, shape=wanted.shape)
    wrong = {
        "Each piece is asked at its left end. Its middle is half a piece further: (k + 0.5) / steps.": way * at_left,
        "Each piece is asked at its right end. Its middle is half a piece before: (k + 0.5) / steps.": way * at_right,
        "The points are spread from 0 to 1 with both ends. The midpoint rule takes (k + 0.5) / steps.": way * at_all,
        "The way is missing: this is the mean gradient. Multiply it by image − baseline.": along,
        "The mean gradient is multiplied by the image. Multiply it by the way, image − baseline.": image * along,
        "The points begin at black, not at the baseline.": way * from_black,
        "The baseline is not used: all this begins at black.": image * from_black,
        "The gradient is taken at the image only. Take the mean over the way.": way * gradient(image),
        "These are means over the channels; a pixel's share is the sum of its channels.": way * along / paper.SHAPE[-1],
    }
    mistakes = {why: values.sum(axis=-1) for why, values in wrong.items()}
    yield alike("the map", got, wanted, within=1e-4, mistakes=mistakes)


def _sums(rise, *errors):
    """Sums that miss the rise by these shares of it."""
    return rise * (1 + np.array(errors))


@exercise(
    "Choose the number of steps",
    hints=[
        "Which of the sums are near enough? Write them down as True and False. From which place on is all of it True?",
        "near = abs(sums - rise) <= within * …        # (n,) of True and False; what if the rise is negative?\n"
        "for k in range(len(counts)):\n"
        "    if near[k:].all():\n"
        "        return …\n"
        "return 0",
        paper.figure_of_sums,
    ],
)
def choose_the_steps(answer, seed=0):
    """A function of counts (n,), sums (n,), the rise and a tolerance: the count from which on all sums are near."""
    rise, small = np.random.default_rng([70, seed]).uniform([8, 0.01], [20, 0.02])
    lucky = _sums(rise, small, 0.3, -0.2, -small, small, 0.0)
    got = yield from result(answer, COUNTS, lucky, rise, 0.05, shape=())
    mistakes = {
        "The first sum is near, but the next two are not: it was luck. Want the count from which on all are near.": 4,
        "One doubling too many: the sum with 32 steps is near already.": 64,
        "This is the last count. From which on are all sums near?": 128,
        "This is the place in the list. Return the count that stands there.": 3,
    }
    yield alike("a lucky hit is passed over: the count", got, 32, within=0.1, mistakes=mistakes)

    def ask(sums, rise, within=0.05):
        return again(answer, COUNTS, sums, rise, within, shape=())

    above = ask(_sums(rise, 2, 1, 0.5, 0.2, small, small), rise)
    below = ask(_sums(rise, -2, -1, -0.5, -0.2, -small, small), rise)
    yield Line("too much is as bad as too little", above == below == 64, "The gap may have both signs: abs(…).")
    falling = ask(_sums(-rise, 0.5, 0.4, -small, small, small, small), -rise)
    why = "A score can fall on the way. Compare with the size of the rise, abs(rise)."
    yield Line("a negative rise has its count, too", falling == 16, why)
    loose, strict = (ask(_sums(rise, 0.5, 0.3, 0.08, 0.04, 0.002, 0.001), rise, within) for within in (0.1, 0.01))
    why = "`within` is a share of the rise: 0.1 is a tenth of it."
    yield Line("the tolerance is the one that is given", (loose, strict) == (16, 64), why)
    never = ask(_sums(rise, 0.01, 0.02, 0.01, 0.02, 0.01, 0.3), rise)
    yield Line("0 where even the last sum is off", never == 0, "No count is enough then: return 0.")


@exercise(
    "Write a test that finds wrong integrated gradients",
    hints=[
        "For which model do you know the right map without any program? And which picture, which baseline, which "
        "weights would hide no mistake?",
        "weights, image, baseline = np.random.default_rng(0).uniform(-1, 1, size=(3, 5, 5, 1))\n"
        "linear = lambda points: …                # the gradient of w·x, the same everywhere\n"
        "found = explain(linear, image, baseline, …)\n"
        "return np.allclose(found, …)             # what is the right map?",
        paper.figure_of_rules,
    ],
)
def write_a_test(answer, seed=0):
    """A function of an explainer `explain(gradient, image, baseline, steps)`: True where its maps are right."""

    def said(explain):
        verdict = again(answer, explain, shape=())
        if verdict not in (0, 1):
            raise Wrong("it answers True or False", f"It returned {float(verdict):g}.")
        return bool(verdict)

    why = "It is right, and turned away. On a linear model every rule is exact, up to rounding: use np.allclose."
    for name, explain in RIGHT.items():
        yield Line(f"it lets {name} pass", said(explain), why)
    for name, (explain, missed) in SUSPECTS.items():
        yield Line(f"it finds {name}", not said(explain), missed)


@exercise(
    "Mend integrated gradients of a network with normalised input",
    hints=[
        "What do the weights add up to, for 5 steps? And which picture becomes 0 when it is normalised?",
        "x = (picture - mean) / deviation\n"
        "black = (… - mean) / deviation                # a black page, as the network wants it\n"
        "alphas = (np.arange(steps) + 0.5) / steps     # or other weights, but they must add up to 1\n"
        "slope = sum(gradient(black + alpha * (…)) for alpha in alphas) / steps",
        paper.figure_of_a_map,
    ],
)
def mend_integrated_gradients(answer, seed=0):
    """A function of a gradient, a picture (H, W, C), mean and deviation (C,), and steps: the map (H, W) from black."""
    gradient, picture, mean, deviation, wanted = paper.normalised(seed)
    weights = np.random.default_rng([777, seed]).normal(size=picture.shape)
    got = yield from result(
        answer, lambda points: weights * deviation + 0 * points, picture, mean, deviation, 5, shape=wanted.shape
    )
    wrong = {
        "Nothing is mended yet: both mistakes are still there.": 0.8 * weights * (picture - mean),
        "A fifth is missing: the weights of 5 steps add up to 4/5. They must add up to 1.": 0.8 * weights * picture,
        "It begins at 0 after the normalisation. That is not black, it is the mean.": weights * (picture - mean),
        "The way is in the picture's numbers, the gradient in those of the network: take both in one.": weights
        * deviation
        * picture,
    }
    mistakes = {why: values.sum(axis=-1) for why, values in wrong.items()}
    linear = (weights * picture).sum(axis=-1)
    yield alike("a linear model, 5 steps", got, linear, within=1e-4, mistakes=mistakes)
    got = again(answer, gradient, picture, mean, deviation, 1000, shape=wanted.shape)
    (alphas, _), x = paper.middle(1000), (picture - mean) / deviation
    starts = {
        "The points are not normalised: the network wants (picture − mean) / deviation.": (0 * picture, picture),
        "The way is right, but the points begin at 0 after the normalisation, the grey page.": (0 * x, x),
    }
    mistakes = {
        why: (picture / deviation * paper.slope(gradient, *ends, alphas)).sum(axis=-1) for why, ends in starts.items()
    }
    yield alike("a network, 1,000 steps", got, wanted, within=0.005, mistakes=mistakes)


@exercise(
    "Say what a sum can tell",
    hints=[
        "For each sentence: how could it be false, and would the badge or the map look different then?",
        "One sentence is about a way of length 0, one about two questions, one about a unit, one about what a badge "
        "knows, one about a gradient that is the same everywhere. Two of the five are true.",
        paper.figure_of_a_map,
    ],
)
def read_the_way(answer, seed=0):
    """The letters of the true statements."""
    return chosen(
        answer,
        right="bc",
        why={
            "a": "Tempting: no colour, no role. But from black to black the way is 0, so this map could not say "
            "it. Look at the map from white.",
            "b": "Why a 7, rather than a black page? And rather than a white one? Both add up, each to its own rise.",
            "c": "It is in points for each unit of brightness. Only times the way does it become points.",
            "d": "Tempting: the arithmetic is right. But a map from a wrong page adds up as well, to another rise.",
            "e": "Its gradient is the same everywhere, so it can't see where the gradients were taken.",
        },
    )
