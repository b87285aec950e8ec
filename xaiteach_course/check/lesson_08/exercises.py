"""Exercises of lesson 08: is an explanation right?"""

import numpy as np

from xaiteach_course.check.exercise import exercise
from xaiteach_course.check.lesson_08 import truth
from xaiteach_course.check.lesson_08.truth import from_the_last, highest, interval, likeness, redrawn
from xaiteach_course.check.numpy_models import PaperNetwork

# Areas of the pencil that are wrong, and why. What is right is not said: the text asks for it.
PENCIL_MISTAKES = {
    0.375: "This is the area of deletion. Put the highest value in first.",
    1.0: "As if all five pages were the full image. Is each a copy of its own?",
}


@exercise(
    "Two things change: what the first picture is, and what is written into it.",
    "picture = np.full_like(image, …)          # before anything is put in\n"
    "for place in order:\n"
    "    picture.reshape(-1)[place] = …        # this pixel, as it is in the image",
    truth.figure_of_insertion,
)
def build_insertion(look, answer, seed=0):
    """A function of predict, an image (H, W, 1), a map (H, W), a class and a fill that returns the area."""
    pencil = truth.PENCIL
    got = look.result(answer, truth.tenth_of_the_sum, pencil, pencil[..., 0], 0, 0.0, shape=())
    if look.wrong:
        return
    why = PENCIL_MISTAKES.get(round(got.item(), 6), "Draw the five answers on paper, and the four strips.")
    what = "the area of the pencil's 4, 3, 2, 1, within 1e-06"
    look.that(what, abs(got - 0.625) < 1e-6, f"Yours is {got:.3g}. {why}")
    if look.wrong:
        return
    draw, network = np.random.default_rng(seed), PaperNetwork((5, 6, 1), seed=seed)
    image, values = draw.uniform(0.1, 1, (5, 6, 1)), draw.normal(size=(5, 6))

    def areas(fill):
        curves = network.predict(truth.put_in(fill, image, values))
        return (curves[1:] + curves[:-1]).mean(axis=0) / 2

    got = [look.again(answer, network.predict, image, values, k, 0.4, shape=()) for k in range(3)]
    if look.wrong:
        return
    wanted = areas(0.4)
    mistakes = {
        "The page is black, whatever `fill` is.": areas(0),
        "It follows class 0. Follow the class `target`.": wanted[[0, 0, 0]],
    }
    look.same("the areas of three classes of a network", got, wanted, within=1e-4, mistakes=mistakes)


@exercise(
    "A hard digit is hard for both maps. What is left when you subtract before you average?",
    "lead = …                                  # one number a digit, (N,)\n"
    "means = lead[draws].mean(axis=…)          # one number a draw, (M,)\n"
    "return np.percentile(means, […, …])       # what lies between holds 95 of 100",
    truth.figure_of_intervals,
)
def compare_with_a_control(look, answer, seed=0):
    """A function of two arrays of values (N,) and draws (M, N) that returns an interval (2,)."""
    method, control, draws = truth.values_and_draws(seed)
    lead = method - control
    means = lead[draws].mean(axis=1)
    wanted, alone = interval(means), interval(method[draws].mean(axis=1))
    other, of_digits = interval(control[draws].mean(axis=1)), interval(lead[draws].mean(axis=0))
    got = look.result(answer, method, control, draws, shape=(2,))
    mistakes = {
        "This is control − method.": -wanted[::-1],
        "This is the interval of the method alone. The control is not used.": alone,
        "These are two intervals, subtracted. Subtract digit by digit, before the mean.": alone - other,
        "Between these lie 90 of 100. Leave out 2.5 on each side.": np.percentile(means, [5, 95]),
        "This says how much single digits differ. Take the mean of each draw first.": interval(lead),
        "The mean goes over the draws. Average over the digits of each draw, axis 1.": of_digits,
    }
    look.same("the interval", got, wanted, within=0.003, mistakes=mistakes)
    nothing = look.again(answer, control, control, draws, shape=(2,))
    one_digit = np.repeat(np.arange(1000) % 24, 24).reshape(1000, 24)
    each = look.again(answer, method, control, one_digit, shape=(2,))
    if look.wrong:
        return
    why = "Here both arrays are the same. Subtract digit by digit, before the mean."
    look.that("the control has no lead over itself", abs(nothing).max() < 1e-9, why)
    why = "Here each draw is one digit, 24 times. Use the argument `draws`, not those of the notebook."
    look.that("other draws, another interval", np.allclose(each, [lead.min(), lead.max()]), why)


@exercise(
    "Which layer comes first? And when the second is redrawn, what of the first?",
    "layers = …                                # your own list; maps = [explain(layers)]\n"
    "for i in …:                               # from the last layer to the first\n"
    "    layers[i] = …                         # and maps.append(…)",
    truth.figure_of_a_cascade,
)
def redraw_layer_by_layer(look, answer, seed=0):
    """A function of explain, a list of L layers, and redraw that returns the maps (L + 1, H, W)."""
    layers, before = truth.layers_of(seed, 5), truth.layers_of(seed, 5)
    wanted = redrawn(before, from_the_last(5))
    got = look.result(answer, truth.explain, layers, truth.redraw, shape=wanted.shape)
    steps = {
        "It begins at the picture. Begin at the scores: the last layer first.": [range(n) for n in range(6)],
        "A layer is put back before the next is redrawn. It stays redrawn.": [[], [4], [3], [2], [1], [0]],
        "Nothing is redrawn: these maps are all the same.": [[]] * 6,
    }
    mistakes = {why: redrawn(before, each) for why, each in steps.items()}
    look.same("the maps of 5 layers", got, wanted, within=1e-3, mistakes=mistakes)
    if look.wrong:
        return
    why = "You have written into the given arrays. Put the new array into a list of your own: `mine[i] = …`."
    look.that("the arrays it was given stay as they were", np.array_equal(layers, before), why)
    fewer = truth.layers_of(seed, 3)
    got = look.again(answer, truth.explain, fewer, truth.redraw, shape=(4, 9, 7))
    look.same("the maps of 3 layers", got, redrawn(fewer, from_the_last(3)), within=1e-3)


@exercise(
    "Try a map with its negative. And which rank has a zero, when three values in four are zero?",
    "from scipy.stats import rankdata                       # equal values share their middle rank\n"
    "ranks = [rankdata(…) for values in (one, other)]       # what does abs() make of evidence against?\n"
    "return np.corrcoef(*ranks)[0, 1]",
    truth.figure_of_dice,
)
def mend_likeness(look, answer, seed=0):
    """A function of two maps (H, W) that returns their rank correlation."""
    first, second = truth.dice_times_picture(seed)
    wanted, sizes, in_a_row = likeness(first, second), abs(np.array([first, second])), truth.ranks_in_a_row
    got = look.result(answer, first, second, shape=())
    mistakes = {
        "Nothing is mended yet: both mistakes are still there.": likeness(*sizes, in_a_row),
        "The sign is lost: evidence for and against count the same.": likeness(*sizes),
        "The zeros are ranked in a row. Equal values want equal ranks.": likeness(first, second, in_a_row),
        "This is the correlation of the values, not of their ranks.": likeness(first, second, np.ravel),
    }
    look.same("the likeness of two different noises", got, wanted, within=1e-6, mistakes=mistakes)
    itself = [look.again(answer, first, sign * first, shape=()) for sign in (1, -1)]
    bent = look.again(answer, first**3, second, shape=())
    if look.wrong:
        return
    look.same("that of a map with itself, and with its negative", itself, [1, -1], within=1e-6)
    why = "The third power keeps the order, and it changes your number."
    look.that("only the order of the values counts", abs(bent - got) < 1e-6, why)


@exercise(
    "How many pixels of a blank map are the highest?",
    "highest = maps == maps.max(axis=(…, …), keepdims=True)     # True for every pixel that is highest\n"
    "return highest[:, mask].sum(axis=…) / …                    # of these, how many lie in the mask?",
    truth.figure_of_highest,
)
def play_the_pointing_game(look, answer, seed=0):
    """A function of maps (N, H, W) and a mask (H, W) that returns the hits (N,)."""
    maps, mask = truth.maps_and_tag(seed)
    wanted = np.array([1, 0, 1 / 3, mask.mean(), 1])
    first = mask.ravel()[maps.reshape(5, -1).argmax(axis=1)]
    got = look.result(answer, maps, mask, shape=(5,))
    mistakes = {
        "argmax gives the first of several highest: on a blank map, the upper left.": first,
        "A map hits if any of its highest pixels does. So a blank map always hits.": wanted > 0,
        "Divide by the number of highest pixels.": highest(maps)[:, mask].sum(axis=1),
    }
    what = "hit, miss, one of three, blank, nothing positive"
    look.same(what, got, wanted, within=1e-6, mistakes=mistakes)


@exercise(
    "For each sentence look for a map that knows nothing and passes, or a right one that fails.",
    "The raw pixel refutes one, pure dice one, your own interval of a difference one. Two are true.",
    truth.figure_of_intervals,
)
def judge_the_tests(look, answer, seed=0):
    """The letters of the true statements."""
    why = {
        "a": "Tempting: a control was beaten. But the raw pixel beats random too, and never saw the network.",
        "b": "The same map for a network of dice: so nothing in it depends on what was learnt.",
        "c": "Tempting: the map depends on the weights. So do new dice at each call. It is no certificate.",
        "d": "Tempting. But the digits are the same for both: subtract digit by digit, and look again.",
        "e": "Infidelity takes a map's numbers as points of the score. A right order in another unit fails.",
    }
    look.choice(answer, right="be", why=why)
