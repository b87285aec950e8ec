"""Exercises of lesson 08: is an explanation right?"""

import numpy as np
from scipy.stats import kendalltau

import xaiteach_course.check.lesson_08.truth as paper
from xaiteach_course.check.exercise import exercise
from xaiteach_course.check.numpy_models import PaperNetwork
from xaiteach_course.check.old import again, alike, chosen, result
from xaiteach_course.check.verdict import Line

PENCIL_MISTAKES = {
    "This is the area of deletion. Is the lowest value put in first, or something taken out?": 0.375,
    "This is the mean of the answers. In a trapezoid sum the first and the last count half.": 0.6,
    "This is the sum of the strips. Each is 1 / (number of pixels) wide.": 2.5,
    "As if all five pages were the full image. Is each a copy of its own, and is the first one a page of `fill`?": 1,
    "Each strip is as high as its left end. Take the middle between its left and its right end.": 0.5,
    "Each strip is as high as its right end. Take the middle between its left and its right end.": 0.75,
    "The empty page is missing: the curve begins before the first pixel.": 2.3 / 3,
    "It follows whichever class is highest. Follow the class `target`.": 0.8,
}


@exercise(
    "Turn deletion into insertion",
    hints=[
        "Two things change: what the first picture is, and what is written into it. The order and the area stay.",
        "picture = np.full_like(image, …)          # what does the page look like before anything is put in?\n"
        "pictures = [picture.copy()]\n"
        "for place in order:\n"
        "    picture.reshape(-1)[place] = …        # this pixel, as it is in the image",
        paper.figure_of_insertion,
    ],
)
def build_insertion(answer, seed=0):
    """A function of predict, an image (H, W, 1), a map (H, W), a class and a fill that returns the area."""
    pencil = paper.PENCIL
    known = yield from result(answer, paper.tenth_of_the_sum, pencil, pencil[..., 0], 0, 0.0, shape=())
    yield (line := _of_the_pencil(known))
    if not line.right:
        return
    draw, network = np.random.default_rng(seed), PaperNetwork((5, 6, 1), seed=seed)
    image, one_map, page = draw.uniform(0.1, 1, (5, 6, 1)), draw.normal(size=(5, 6)), np.full((5, 6, 1), 0.4)

    def areas(page, one_map):
        return paper.area(network.predict(paper.put_in(page, image, one_map)))

    wanted = areas(page, one_map)
    mistakes = {
        "The page is black, whatever `fill` is.": areas(0 * page, one_map),
        "It is ordered by absolute values: what speaks against the class comes early.": areas(
            page, abs(one_map)
        ),
        "The map is transposed before it is ordered: its rows and columns are exchanged.": areas(
            page, one_map.T.reshape(5, 6)
        ),
        "It follows class 0. Follow the class `target`.": wanted[[0, 0, 0]],
    }
    got = [again(answer, network.predict, image, one_map, target, 0.4, shape=()) for target in range(3)]
    yield alike(
        "the areas of three classes of a network", np.array(got), wanted, within=1e-4, mistakes=mistakes
    )


def _of_the_pencil(got):
    """Whether the area of the pencil is right. What is right is not said: the text asks for it."""
    seen = [why for why, area in PENCIL_MISTAKES.items() if abs(got - area) < 1e-6]
    why = f"Yours is {got:.3g}. Draw the five answers on paper: what is the area of each of the four strips?"
    return Line(
        "the area of the pencil's 4, 3, 2, 1, within 1e-06", abs(got - 0.625) < 1e-6, (seen or [why])[0]
    )


@exercise(
    "Compare with a control, digit by digit",
    hints=[
        "A hard digit is hard for both maps. What is left when you subtract before you average?",
        "lead = …                                  # one number a digit, (N,)\n"
        "means = lead[draws].mean(axis=…)          # one number a draw, (M,)\n"
        "return np.percentile(means, […, …])       # what lies between holds 95 of 100",
        paper.figure_of_intervals,
    ],
)
def compare_with_a_control(answer, seed=0):
    """A function of two arrays of values (N,) and draws (M, N) that returns an interval (2,)."""
    method, control, draws = paper.values_and_draws(seed)
    lead = method - control
    means = lead[draws].mean(axis=1)
    wanted = paper.interval(means)
    got = yield from result(answer, method, control, draws, shape=(2,))
    alone, other = (paper.interval(values[draws].mean(axis=1)) for values in (method, control))
    mistakes = {
        "This is control − method.": -wanted[::-1],
        "The two ends are exchanged: first the lower, then the upper.": wanted[::-1],
        "This is the interval of the method alone. The control is not used.": alone,
        "These are two intervals, subtracted. Subtract digit by digit, before the mean.": alone - other,
        "Between these lie 90 of 100 draws. For 95, leave out 2.5 on each side.": np.percentile(
            means, [5, 95]
        ),
        "This says how much single digits differ. Take the mean of each draw first.": paper.interval(lead),
        "The mean goes over the draws. Average over the digits of each draw, axis 1.": paper.interval(
            lead[draws].mean(axis=0)
        ),
        "These are 1.96 standard deviations to both sides. The draws are lopsided: ask for their percentiles.": (
            means.mean() + means.std() * np.array([-1.96, 1.96])
        ),
    }
    yield (line := alike("the interval", got, wanted, within=0.003, mistakes=mistakes))
    if not line.right:
        return
    nothing = again(answer, control, control, draws, shape=(2,))
    why = "Here both arrays are the same. Subtract digit by digit, before the mean."
    yield Line("the control has no lead over itself", abs(nothing).max() < 1e-9, why)
    each = again(answer, method, control, paper.draws_of_one_digit(), shape=(2,))
    why = "Here each draw is one digit, 24 times. Use the argument `draws`, not those of the notebook."
    yield Line("other draws, another interval", np.allclose(each, [lead.min(), lead.max()]), why)


@exercise(
    "Redraw the weights layer by layer",
    hints=[
        "Which layer comes first? And when the second is redrawn, what of the first?",
        "layers = …                                # your own list, so that the given one stays as it was\n"
        "maps = [explain(layers)]\n"
        "for i in …:                               # from the last layer to the first\n"
        "    layers[i] = …\n"
        "    maps.append(…)",
        paper.figure_of_a_cascade,
    ],
)
def redraw_layer_by_layer(answer, seed=0):
    """A function of explain, a list of L layers, and redraw that returns the maps (L + 1, H, W)."""
    layers, before = paper.layers_of(seed, 5), paper.layers_of(seed, 5)
    wanted = paper.redrawn(before, paper.from_the_last(5))
    got = yield from result(answer, paper.explain, layers, paper.redraw, shape=wanted.shape)
    one_by_one = "Each layer is put back before the next is redrawn. What is redrawn stays so."
    mistakes = {
        "It begins at the picture. Begin at the scores: the last layer first.": [range(n) for n in range(6)],
        one_by_one: [[], [4], [3], [2], [1], [0]],
        f"{one_by_one} And begin with the last layer.": [[], [0], [1], [2], [3], [4]],
        "All layers are redrawn at once. Explain again after each.": [[], *[range(5)] * 5],
        "Nothing is redrawn: these maps are all the same.": [[]] * 6,
        "The maps are in the wrong order: the network as it was comes first.": paper.from_the_last(5)[::-1],
    }
    mistakes = {why: paper.redrawn(before, steps) for why, steps in mistakes.items()}
    yield (line := alike("the maps of 5 layers", got, wanted, within=1e-3, mistakes=mistakes))
    if not line.right:
        return
    kept = all(np.array_equal(*pair) for pair in zip(layers, before, strict=True))
    why = "You have written into the given arrays. Put the new array into a list of your own: `mine[i] = …`."
    yield Line("the arrays it was given stay as they were", kept, why)
    fewer = paper.layers_of(seed, 3)
    wanted = paper.redrawn(fewer, paper.from_the_last(3))
    got = again(answer, paper.explain, fewer, paper.redraw, shape=wanted.shape)
    yield alike("the maps of 3 layers", got, wanted, within=1e-3)


@exercise(
    "Mend a broken measure of likeness",
    hints=[
        "Try maps whose likeness you know: a map with itself, with its negative, and two different noises times one "
        "picture. Which rank has a zero, when three values in four are zero?",
        "from scipy.stats import rankdata          # equal values share the middle of their ranks\n"
        "ranks = [rankdata(…) for one_map in (one, other)]     # and what does abs() make of evidence against?\n"
        "return np.corrcoef(*ranks)[0, 1]",
        paper.figure_of_dice,
    ],
)
def mend_likeness(answer, seed=0):
    """A function of two maps (H, W) that returns their rank correlation."""
    one, other = paper.dice_times_picture(seed)
    wanted, in_a_row = paper.likeness(one, other), paper.ranks_in_a_row
    got = yield from result(answer, one, other, shape=())
    mistakes = {
        "Nothing is mended yet: both mistakes are still there.": paper.likeness(
            abs(one), abs(other), in_a_row
        ),
        "The sign is lost: evidence for and evidence against count as the same.": paper.likeness(
            abs(one), abs(other)
        ),
        "The zeros are ranked in a row, in the same order in both maps. Equal values want equal ranks. "
        "(Or is it the formula with d², that holds only without ties?)": paper.likeness(one, other, in_a_row),
        "Equal values want equal ranks. Here the zeros are sorted, as if one were more than another.": paper.likeness(
            one, other, lambda one_map: np.argsort(np.argsort(one_map.ravel()))
        ),
        "This is the correlation of the values. Take that of their ranks.": paper.likeness(
            one, other, np.ravel
        ),
        "The sign of the likeness is lost: are these absolute values?": abs(wanted),
        "This is Kendall's rank correlation. Want the correlation of the ranks, Spearman's.": kendalltau(
            one, other
        ).statistic,
    }
    yield (line := alike("the likeness of two different noises", got, wanted, within=1e-6, mistakes=mistakes))
    if not line.right:
        return
    itself = [again(answer, one, sign * one, shape=()) for sign in (1, -1)]
    yield (
        line := alike(
            "that of a map with itself, and with its negative", np.array(itself), [1, -1], within=1e-6
        )
    )
    if line.right:
        bent = again(answer, one**3, other, shape=())
        why = "The third power keeps the order, and it changes your number."
        yield Line("only the order of the values counts", abs(bent - got) < 1e-6, why)


@exercise(
    "Play the pointing game fairly",
    hints=[
        "How many pixels of a blank map are the highest?",
        "highest = maps == maps.max(axis=(…, …), keepdims=True)     # True for every pixel that is highest\n"
        "return highest[:, mask].sum(axis=…) / …                    # of these, how many lie in the mask?",
        paper.figure_of_highest,
    ],
)
def play_the_pointing_game(answer, seed=0):
    """A function of maps (N, H, W) and a mask (H, W) that returns the hits (N,)."""
    maps, mask = paper.maps_and_tag(seed)
    highest, absolute = paper.highest(maps), paper.highest(abs(maps))
    wanted = np.array([1, 0, 1 / 3, mask.mean(), 1])
    got = yield from result(answer, maps, mask, shape=(5,))
    mistakes = {
        "argmax gives the first of several highest pixels. On a blank map that is the upper left one.": mask.ravel()[
            maps.reshape(5, -1).argmax(axis=1)
        ],
        "A map hits if any of its highest pixels is in the mask. So a blank map always hits.": wanted > 0,
        "A map misses if it has several highest pixels. Give it the share of them that hits.": wanted == 1,
        "The highest absolute value is taken: evidence against the class counts as a hit.": absolute[
            :, mask
        ].sum(axis=1)
        / absolute.sum(axis=(1, 2)),
        "This is the share of the mask that is highest. Divide by the number of highest pixels.": highest[
            :, mask
        ].mean(axis=1),
        "This counts highest pixels in the mask. Divide by the number of all highest pixels.": highest[
            :, mask
        ].sum(axis=1),
    }
    yield alike(
        "hit, miss, one of three, blank, nothing positive", got, wanted, within=1e-6, mistakes=mistakes
    )


@exercise(
    "Say what a test can tell",
    hints=[
        "For each sentence look for a map that knows nothing and passes, or a right one that fails.",
        "One sentence is refuted by the raw pixel, one by pure dice, one by your own interval of a difference. Two of "
        "the five are true.",
        paper.figure_of_intervals,
    ],
)
def judge_the_tests(answer, seed=0):
    """The letters of the true statements."""
    return chosen(
        answer,
        right="be",
        why={
            "a": "Tempting: random is a control, and it was beaten. But the raw pixel beats random too, and it never "
            "saw the network.",
            "b": "The same map for a network of dice: so nothing in it depends on what was learnt.",
            "c": "Tempting: the map depends on the weights. So do new dice at each call. A pass is no certificate.",
            "d": "Tempting: either could be the better one. But the digits are the same for both. Subtract digit by "
            "digit: the interval of the difference decides.",
            "e": "Infidelity takes the numbers of a map as points of the score. A right order in another unit fails.",
        },
    )
