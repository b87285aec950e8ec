"""Exercises of lesson 07: integrated gradients."""

import numpy as np

import xaiteach_course.check.lesson_07.truth as paper
from xaiteach.files.errors import short
from xaiteach_course.check.exercise import exercise
from xaiteach_course.check.lesson_07.steps import TRIES, mistaken
from xaiteach_course.check.old import Wrong, again, alike, chosen, result
from xaiteach_course.check.verdict import Line

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
    way, n = image - baseline, 7 + seed % 3
    (alphas, _), black = paper.middle(n), 0 * image
    along, from_black = (paper.slope(gradient, start, image, alphas) for start in (baseline, black))
    not_added, too_far = (
        paper.slope(gradient, black, way, alphas),
        paper.slope(gradient, baseline, baseline + image, alphas),
    )
    at_left, at_right, at_all, at_more = (
        paper.slope(gradient, baseline, image, a)
        for a in (np.arange(n) / n, np.arange(1, n + 1) / n, np.linspace(0, 1, n), np.linspace(0, 1, n + 1))
    )
    wanted = (way * along).sum(axis=-1)
    got = yield from result(answer, gradient, image, baseline, n, shape=wanted.shape)
    wrong = {
        "Each piece is asked at its left end. Its middle is half a piece further: (k + 0.5) / steps.": way
        * at_left,
        "Each piece is asked at its right end. Its middle is half a piece before: (k + 0.5) / steps.": way
        * at_right,
        "The points are spread from 0 to 1 with both ends. The midpoint rule takes (k + 0.5) / steps.": way
        * at_all,
        "These are steps + 1 points, both ends among them. The midpoint rule takes (k + 0.5) / steps.": way
        * at_more,
        "The way is missing: this is the mean gradient. Multiply it by image − baseline.": along,
        "The mean gradient is multiplied by the image. Multiply it by the way, image − baseline.": image
        * along,
        "The points begin at black, not at the baseline.": way * from_black,
        "The points are alpha · way. The way begins at the baseline: add it to each.": way * not_added,
        "The points are baseline + alpha · image. Go along the way, image − baseline.": way * too_far,
        "The baseline is not used: all this begins at black.": image * from_black,
        "The gradient is taken at the image only. Take the mean over the way.": way * gradient(image),
        "These are means over the channels; a pixel's share is the sum of its channels.": way
        * along
        / paper.SHAPE[-1],
        "Only the first channel is taken. A pixel's share is the sum of its channels.": (way * along)[
            ..., :1
        ],
    }
    mistakes = {why: values.sum(axis=-1) for why, values in wrong.items()}
    yield alike("the map", got, wanted, within=1e-4, mistakes=mistakes)


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
    random = np.random.default_rng([70, seed])
    asked = [one.given(random) for one in TRIES]
    got, errors = zip(*(_count(answer, given) for given in asked), strict=True)
    yield from result(answer, *asked[0], shape=())
    wanted = [
        0 if one.place is None else given[0][one.place] for one, given in zip(TRIES, asked, strict=True)
    ]
    known = _mistake(asked, np.array(got), wanted)
    for one, count, error, right in zip(TRIES, got, errors, wanted, strict=True):
        is_right = bool(abs(count - right) < 0.1)
        yield Line(one.what, is_right, known or f"{one} {error or f'Yours is {count:g}, wanted {right}.'}")
        if not is_right:
            return


def _count(answer, given):
    """The count that is answered and "", or NaN and what was raised."""
    try:
        return again(answer, *given, shape=()), ""
    except (Wrong, NotImplementedError):
        raise
    except Exception as error:
        return np.nan, f"There yours raised {type(error).__name__}: {short(error)}"


def _mistake(asked, got, wanted):
    """What is to be said of the first mistake that gives all that was answered, some of it not as wanted; or None."""
    answered = ~np.isnan(got)
    if (abs(got - wanted)[answered] < 0.1).all():
        return None
    for pairs in zip(*(mistaken(*given) for given in asked), strict=True):
        if (abs(got - [count for _, count in pairs])[answered] < 0.1).all():
            return pairs[0][0]
    return None


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

    cases = {**RIGHT, **{name: explain for name, (explain, _) in SUSPECTS.items()}}
    names = np.random.default_rng([7, seed]).permutation(list(cases))
    passed = {name: said(cases[name]) for name in names}
    if len(set(passed.values())) == 1:
        lets_pass = "It lets all ten pass. Does it compare their map with the right one?"
        turns_away = "It turns all ten away, the right ones, too. Is it rounding? Compare by np.allclose."
        raise Wrong("it does not say the same of all", lets_pass if passed[names[0]] else turns_away)
    yield Line("it does not say the same of all", True)
    why = "It is right, and turned away. On a linear model every rule is exact, up to rounding: use np.allclose."
    for name in RIGHT:
        yield Line(f"it lets {name} pass", passed[name], why)
    for name, (_, missed) in SUSPECTS.items():
        yield Line(f"it finds {name}", not passed[name], missed)


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
    plain = again(
        answer,
        lambda points: weights * deviation + 0 * points,
        picture,
        mean,
        deviation,
        5,
        shape=wanted.shape,
    )
    got = yield from result(answer, gradient, picture, mean, deviation, 300, shape=wanted.shape)
    wrong = {
        "Nothing is mended yet: both mistakes are still there.": 0.8 * weights * (picture - mean),
        "A fifth is missing: the weights of 5 steps add up to 4/5. They must add up to 1.": 0.8
        * weights
        * picture,
        "It begins at 0 after the normalisation. That is not black, it is the mean.": weights
        * (picture - mean),
        "The way is in the picture's numbers, the gradient in those of the network: take both in one.": weights
        * deviation
        * picture,
    }
    mistakes = {why: values.sum(axis=-1) for why, values in wrong.items()}
    linear = (weights * picture).sum(axis=-1)
    line = alike("a linear model, 5 steps", plain, linear, within=1e-4, mistakes=mistakes)
    yield line
    if not line.right:
        return
    (alphas, _), x = paper.middle(300), (picture - mean) / deviation
    starts = {
        "The points are not normalised: the network wants (picture − mean) / deviation.": (
            0 * picture,
            picture,
        ),
        "The way is right, but the points begin at 0 after the normalisation, the grey page.": (0 * x, x),
    }
    mistakes = {
        why: (picture / deviation * paper.slope(gradient, *ends, alphas)).sum(axis=-1)
        for why, ends in starts.items()
    }
    yield alike("a network, 300 steps", got, wanted, within=0.01, mistakes=mistakes)


@exercise(
    "Say what a sum can tell",
    hints=[
        "For each sentence: how could it be false, and would the badge or the map look different then?",
        "One sentence is about a way of length 0, one about two questions, one about a unit, one about what a badge "
        "knows, one about a gradient that is the same everywhere. Two of the five are true.",
        paper.figure_of_a_map,
    ],
    draws=1,
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
