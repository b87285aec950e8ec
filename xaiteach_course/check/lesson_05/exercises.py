"""Exercises of lesson 05: occlusion."""

import numpy as np

import xaiteach as xt
from xaiteach_course.check.exercise import exercise
from xaiteach_course.check.lesson_05 import truth
from xaiteach_course.check.lesson_05.truth import draw_network, occlude, total_drops
from xaiteach_course.check.numpy_models import PaperCNN, of_images

WEIGHTS, BRIGHTNESS, FILLS = np.array([3, -2, 4]), np.array([0.2, 0.9, 0.5]), np.array([0, 0.5, 1])
DROPS = WEIGHTS * (BRIGHTNESS - FILLS[:, None])
COUNT = "Each pixel is divided by the same number. At the border there are fewer windows: count them."


def figure_of_a_page():
    given = lambda images: truth.brightness(images)[:, 1], np.ones((12, 12, 1)), 4, 2
    return xt.show(None, {"broken": total_drops(*given)[0] / 4, "mended": occlude(*given)})


def figure_of_three_fills():
    return xt.show(None, DROPS, titles="a row a fill, a column a pixel")


def figure_of_hidden_and_alone():
    three, model = xt.load_mnist().x_test[7], PaperCNN()
    given = lambda images: model.predict(images)[:, 3], three, 14
    return xt.show(three, {"hidden": occlude(*given, 14), "alone": truth.alone(*given)})


def figure_of_eyes():
    eyes = truth.eyes() * 1.0
    fine, coarse = (truth.map_of(eyes, *knobs) for knobs in ((6, 6), (45, 15)))
    return xt.show(None, {"the truth": eyes, "too fine": fine, "too coarse": coarse / coarse.max()})


def figure_of_an_opening():
    three = xt.load_mnist().x_test[52]
    closed = three.copy()
    closed[14:18, 6:10] = 1
    return xt.show([three, closed])


@exercise(
    "Add up the drops over each pixel, and count its windows. After which window is a side done?",
    "for row in range(0, height - window + stride, stride):       # the last one reaches the border\n"
    "    under = np.s_[row : row + window, column : column + window]\n"
    "return total / windows",
    figure_of_a_page,
)
def build_occlusion(look, answer, seed=0):
    """A function of ask, image (H, W, C), window and stride that returns the map (H, W)."""
    network, image = draw_network((10, 12), seed)
    given = of_images(lambda images: network.scores(images)[:, 1]), image, 5, 3
    why = "The last rows or columns have no window: one more begins there, and is cut off at the border."
    hints = {f"{bare} of 120 are NaN": why for bare in (32, 24, 10)}
    got = look.result(answer, *given, shape=image.shape[:2], hints=hints)
    total, windows = total_drops(*given)
    too_many = occlude(*given, starts=lambda side, window, stride: range(0, side, stride))
    mistakes = {
        "A pixel gets the sum of its windows here; it should be their mean.": total,
        COUNT: total / windows.max(),
        "There are too many windows: one before reached the border already.": too_many,
    }
    look.same("the map", got, total / windows, within=1e-4, mistakes=mistakes)
    if look.wrong:
        return
    got = look.again(answer, truth.ask_on_paper, truth.PICTURE, 2, 1, shape=(4, 4))
    look.same("the model on paper, window 2, stride 1", got, truth.MAP, within=1e-4)


@exercise(
    "Only one term of the sum changes when one pixel is hidden. What is it before, and what after?",
    "black, first pixel: before 3 · 0.2, after 3 · 0, so the drop is 0.6\n"
    "grey, first pixel: before 3 · 0.2, after 3 · 0.5, so the drop is …",
    figure_of_three_fills,
    draws=1,
)
def work_out_fills(look, answer, seed=0):
    """The drops (3, 3): a row a fill, a column a pixel."""
    got = look.array(answer, (3, 3))
    if look.wrong:
        return
    mistakes = {
        "These are the answers with the pixel hidden. How far did each drop?": WEIGHTS @ BRIGHTNESS - DROPS,
        "A drop is the answer before less the answer after.": -DROPS,
        "Each row is the one for black. But the fill is multiplied, too.": DROPS[[0, 0, 0]],
    }
    wrong = np.argwhere(np.abs(got - DROPS) > 0.01)
    if len(wrong):  # say where to look again, without the number that it should be
        row, column = wrong[0]
        many = f"{len(wrong)} of the nine are not right, first" if len(wrong) > 1 else "One is not right"
        where = f"{['black', 'grey', 'white'][row]}, pixel {column + 1}"
        term = f"Its term is {WEIGHTS[column]} times the pixel".replace("-", "−")
        now = f"What is it before, and what when {FILLS[row]:g} stands there?"
        mistakes[f"{many}: {where}. {term}. {now}"] = got
    look.same("the nine drops", got, DROPS, within=0.01, mistakes=mistakes)


@exercise(
    "Copy one window into an empty picture. With what must the answer be compared?",
    "alone = np.zeros_like(image)\nalone[under] = …\nrises[under] = ask(alone[None])[0] - …",
    figure_of_hidden_and_alone,
)
def show_one_window(look, answer, seed=0):
    """A function of ask, image (H, W, C) and window: the map (H, W) of what each window brings alone."""
    network, image = draw_network((6, 9), seed)
    ask = of_images(lambda images: network.scores(images)[:, 1])
    wanted = truth.alone(ask, image, 3)
    got = look.result(answer, ask, image, 3, shape=image.shape[:2])
    mistakes = {
        "This is occlusion: what it costs to hide the window. Show it alone.": occlude(ask, image, 3, 3),
        "This is the answer itself. Take away what an empty picture gets.": wanted + ask(0 * image[None]),
    }
    look.same("the map", got, wanted, within=1e-4, mistakes=mistakes)
    if look.wrong:
        return
    pair = np.ones((1, 2, 1))
    either = of_images(lambda images: np.minimum(1, images.sum(axis=(1, 2, 3))))
    difference = of_images(lambda images: images[:, 0, 0, 0] - images[:, 0, 1, 0])
    got = look.again(answer, either, pair, 1, shape=(1, 2))
    look.same("where either of two pixels is enough, each brings 1", got, [[1, 1]], within=1e-6)
    got = look.again(answer, difference, pair, 1, shape=(1, 2))
    look.same("a pixel that speaks against brings −1", got, [[1, -1]], within=1e-6)


@exercise(
    "Begin with a window as large as an eye. Which number changes when you turn the stride alone?",
    "An eye is about 20 pixels wide. Stride 20 asks little, but when the photo moves, what happens?",
    figure_of_eyes,
    draws=1,
)
def choose_a_window(look, answer, seed=0):
    """A pair (window, stride) for the photo of the cat."""
    got = look.array(answer, (2,))
    if look.wrong:
        return
    window, stride = got.astype(int)
    if (got % 1).any() or not 1 <= stride <= window <= 120:
        why = "Want whole numbers: a stride from 1 to the window, a window of at most 120."
        look.refuse("they are pixels", why)
        return
    eyes = truth.eyes()
    n_rows, n_columns = (len(truth.starts(side, window, stride)) for side in eyes.shape)
    why = f"Yours are {n_rows * n_columns}. A larger stride asks less often."
    look.that("there are at most 300 questions", n_rows * n_columns <= 300, why)
    if look.wrong:
        return
    cam = truth.map_of(eyes, window, stride)
    why = "A small window hides a bit of an eye, and the answer hardly moves."
    at_least(look, "the largest drop", cam.max(), 0.3, why)
    why = "A large window smears its drop over places without an eye."
    at_least(look, "the share of the map on the eyes", cam[eyes].sum() / cam.sum(), 0.25, why)
    why = "The map is about the grid: let the windows overlap, with a stride well below the window."
    at_least(look, "the correlation with the moved photo", truth.moves_along(window, stride), 0.9, why)


def at_least(look, what, got, low, why):
    """Whether a number, rounded as the notebook prints it, is large enough."""
    look.that(f"{what} is at least {low}", round(got, 2) >= low, f"Yours is {got:.2f}. {why}")


@exercise(
    "A white page whose pixels all count the same: which map should it have? And which class is asked?",
    "after = predict(covered[None])[0, …]        # the same class before and after\n"
    "windows[under] += 1                          # how many windows are over a corner?\n"
    "return total / …",
    figure_of_a_page,
)
def mend_occlusion(look, answer, seed=0):
    """A function of predict, image (H, W, C), target, window and stride that returns the map (H, W)."""
    network, image = draw_network((8, 10), seed)
    page = truth.brightness, np.ones((8, 12, 1)), 1, 4, 2
    first = truth.first_pixel, np.ones((4, 6, 1)), 1, 2, 2
    questions = {
        "a white page whose pixels all count the same": page,
        "a model that changes its mind when the first pixel is hidden": first,
    }
    for target in np.argsort(network.predict(image)).tolist():
        questions[f"a drawn network, class {target}"] = of_images(network.predict), image, target, 4, 2
    look.result(answer, *page, shape=(8, 12))
    for what, given in questions.items():
        if look.wrong:
            return
        look_at_a_map(look, what, answer, *given)


def look_at_a_map(look, what, answer, predict, image, target, *knobs):
    got = look.again(answer, predict, image, target, *knobs, shape=image.shape[:2])
    total, windows = total_drops(lambda images: predict(images)[:, target], image, *knobs)
    highest = occlude(lambda images: predict(images).max(axis=1), image, *knobs)
    before = predict(image[None])[0]
    mistakes = {
        COUNT: total / windows.max(),
        "It compares with whichever class is highest after hiding.": highest + before[target] - before.max(),
    }
    look.same(what, got, total / windows, within=1e-4, mistakes=mistakes)


@exercise(
    "Put a finger on a red place, and say aloud what stood there in the hidden picture.",
    "Black asks about ink that is there, white about ink that is not. And what of pairs of places?",
    figure_of_an_opening,
    draws=1,
)
def read_two_fills(look, answer, seed=0):
    """The letters of the true statements."""
    why = {
        "a": "Tempting: no colour there. But black on black changes nothing, so black can't ask about it.",
        "b": "White ink there takes points from the 3, or gives some to the 8. What is missing is evidence.",
        "c": "Tempting: drops are points of a score. But they are separate experiments, and windows overlap.",
        "d": "There is no ink at the top left. Blue says: ink put there would make it more of a 3.",
        "e": "Where one of two is enough, hiding one changes nothing. A single window can't see that.",
    }
    look.choice(answer, right="be", why=why)
