"""Exercises of lesson 05: occlusion."""

import numpy as np

import xaiteach as xt
import xaiteach_course.check.lesson_05.truth as known
from xaiteach_course.check.exercise import exercise
from xaiteach_course.check.lesson_05.truth import occlude
from xaiteach_course.check.numpy_models import PaperCNN, PaperNetwork, of_images
from xaiteach_course.check.old import Wrong, again, alike, array, chosen, explained, result
from xaiteach_course.check.verdict import Line

WEIGHTS, BRIGHTNESS, FILLS = np.array([3, -2, 4]), np.array([0.2, 0.9, 0.5]), np.array([0, 0.5, 1])


def _image(shape, seed):
    return np.random.default_rng(seed).uniform(0.2, 1, shape).astype(np.float32)


def _score(model, k):
    return of_images(lambda images: model.scores(images)[:, k])


def _figure_of_a_map():
    return xt.show(None, occlude(_score(PaperNetwork((8, 10, 1)), 1), _image((8, 10, 1), 0), 4, 3))


def _figure_of_three_fills():
    return xt.show(None, WEIGHTS * (BRIGHTNESS - FILLS[:, None]), titles="a row a fill, a column a pixel")


def _figure_of_hidden_and_alone():
    three, model = xt.load_mnist().x_test[7], PaperCNN()
    given = lambda images: model.predict(images)[:, 3], three, 14, 14
    return xt.show(three, {"hidden": occlude(*given), "alone": occlude(*given, kept=True)})


def _figure_of_eyes():
    truth = known.eyes()
    maps = {
        "the truth": truth,
        "too fine": known.map_of(truth, 6, 3)[0],
        "too coarse": known.map_of(truth, 45, 15)[0],
    }
    return xt.show(None, {name: one / one.max() for name, one in maps.items()})


def _figure_of_a_page():
    given = lambda images: known.brightness(images)[:, 1], np.ones((12, 12, 1)), 4, 2
    maps = {"broken": occlude(*given, mean=lambda drops: sum(drops) / 4), "mended": occlude(*given)}
    return xt.show(None, maps)


def _figure_of_an_opening():
    three = xt.load_mnist().x_test[52]
    closed = three.copy()
    closed[14:18, 6:10] = 1
    return xt.show([three, closed])


@exercise(
    "Write occlusion for any stride",
    hints=[
        "Two arrays are enough: the sum of the drops over each pixel, and the number of windows over it. A slice that "
        "goes beyond the border is cut off by NumPy. After which window is a side done?",
        "for row in range(0, height - window + stride, stride):       # the last one reaches the border\n"
        "    for column in …:\n"
        "        under = np.s_[row : row + window, column : column + window]\n"
        "        covered = image.copy()\n"
        "        …\n"
        "return total / windows",
        _figure_of_a_map,
    ],
)
def build_occlusion(answer, seed=0):
    """A function of ask, image (H, W, C), window and stride that returns the map (H, W)."""
    shape = (*((10, 12) if seed % 2 == 0 else (12, 10)), 2 + seed % 2)
    given = _score(PaperNetwork(shape, seed=seed), 1), _image(shape, seed), 5, 3
    lines = result(answer, *given, shape=shape[:2])
    got = yield from explained(lines, known.without_window(*given))
    drawn = alike("the map", got, occlude(*given), within=1e-4, mistakes=known.wrong_maps(got, *given))
    yield drawn
    if drawn.right:
        paper = known.ask_on_paper, known.PICTURE, 2, 1
        got = again(answer, *paper, shape=(4, 4))
        mistakes = known.wrong_maps(got, *paper)
        yield alike("the model on paper, window 2, stride 1", got, known.MAP, within=1e-4, mistakes=mistakes)


@exercise(
    "Work out three fills with a pencil",
    hints=[
        "Only one term of the sum changes when one pixel is hidden. What is it before, and what after?",
        "black, first pixel: before 3 · 0.2, after 3 · 0, so the drop is 0.6\n"
        "grey, first pixel: before 3 · 0.2, after 3 · 0.5, so the drop is …",
        _figure_of_three_fills,
    ],
    draws=1,
)
def work_out_fills(answer, seed=0):
    """The drops (3, 3): a row a fill, a column a pixel."""
    wanted = WEIGHTS * (BRIGHTNESS - FILLS[:, None])
    got = yield from array(answer, (3, 3))
    mistakes = {
        "These are the answers with the pixel hidden. A drop is the answer before less the answer after.": (
            WEIGHTS @ BRIGHTNESS - wanted
        ),
        "Each row is the one for black. What stands in a hidden pixel is multiplied as well.": wanted[
            [0, 0, 0]
        ],
        "The weights are missing: these are the changes of the pixels.": wanted / WEIGHTS,
        "Here the fill is added to the pixel. It takes its place.": -WEIGHTS * FILLS[:, None] * np.ones(3),
        "The rows are in another order: black, grey, white.": wanted[::-1],
    }
    drops = alike("the nine drops", got, wanted, within=0.01, mistakes=mistakes)
    yield drops._replace(why=_which_drop(got, wanted)) if "wanted" in drops.why else drops


def _which_drop(got, wanted):
    """Where to look again, without the number that it should be."""
    wrong = np.argwhere(np.abs(got - wanted) > 0.01)
    row, column = wrong[0]
    where = f"{['black', 'grey', 'white'][row]}, pixel {column + 1}"
    many = f"{len(wrong)} of the nine are not right, first: " if len(wrong) > 1 else "One is not right: "
    term = f"Its term is {WEIGHTS[column]} times the pixel".replace("-", "−")
    return f"{many}{where}. {term}. What is it before, and what when {FILLS[row]:g} stands there?"


@exercise(
    "Show one window alone",
    hints=[
        "Begin with an empty picture, and copy one window of the image into it. With what must its answer be compared?",
        "empty = np.zeros_like(image)\nalone = empty.copy()\nalone[under] = …\nrises[under] = ask(alone[None])[0] - …",
        _figure_of_hidden_and_alone,
    ],
)
def show_one_window(answer, seed=0):
    """A function of ask, image (H, W, C) and window that returns the map (H, W) of what each window brings alone."""
    shape = (*((6, 9) if seed % 2 == 0 else (9, 6)), 2 + seed % 2)
    ask, image = _score(PaperNetwork(shape, seed=seed), 1), _image(shape, seed)
    wanted, whole, nothing = (
        occlude(ask, image, 3, 3, kept=True),
        ask(image[None])[0],
        ask(0 * image[None])[0],
    )
    got = yield from result(answer, ask, image, 3, shape=shape[:2])
    mistakes = {
        "This is occlusion: what it costs to hide the window. Show it alone.": occlude(ask, image, 3, 3),
        "This is the answer itself. Take away what an empty picture gets.": wanted + nothing,
        "It is compared with the whole image. Compare with an empty picture.": wanted + nothing - whole,
        "Only one channel is copied. Copy all channels of a pixel.": occlude(
            ask, image, 3, 3, kept=True, channels=1
        ),
    }
    drawn = alike("the map", got, wanted, within=1e-4, mistakes=mistakes)
    yield drawn
    if not drawn.right:
        return
    pair = np.ones((1, 2, 1))
    either = again(answer, known.either_pixel, pair, 1, shape=(1, 2))
    yield alike("where either of two pixels is enough, each brings 1", either, [[1, 1]], within=1e-6)
    against = again(answer, known.difference, pair, 1, shape=(1, 2))
    yield alike("a pixel that speaks against brings −1", against, [[1, -1]], within=1e-6)


@exercise(
    "Choose a window and a stride",
    hints=[
        "Which of the four numbers changes when you turn the stride alone? Begin with a window as large as an eye.",
        "An eye is about 20 pixels wide. How many windows has stride 5, how many has stride 10? And stride 20: what "
        "happens to it when the photo moves?",
        _figure_of_eyes,
    ],
    draws=1,
)
def choose_a_window(answer, seed=0):
    """A pair (window, stride) for the photo of the cat."""
    window, stride = yield from array(answer, (2,))
    if not (1 <= stride <= window <= 120 and window % 1 == 0 and stride % 1 == 0):
        raise Wrong(
            "they are pixels", "Want whole numbers: a stride from 1 to the window, a window of at most 120."
        )
    one, questions = known.map_of(known.eyes(), int(window), int(stride))
    why = f"Yours are {questions}. A larger stride asks less often."
    yield Line("there are at most 300 questions", questions <= 300, why)
    why = "A small window hides a bit of an eye, and the answer hardly moves."
    yield _at_least("the largest drop", one.max(), 0.3, why)
    why = "A large window smears its drop over places without an eye."
    yield _at_least("the share of the map on the eyes", one[known.eyes()].sum() / one.sum(), 0.25, why)
    why = "The map is about the grid: let the windows overlap, with a stride well below the window."
    moved = known.moves_along(known.eyes(), int(window), int(stride))
    yield _at_least("the correlation with the moved photo", moved, 0.9, why)


def _at_least(what, got, low, why):
    """Whether a number, rounded as the notebook prints it, is large enough."""
    return Line(f"{what} is at least {low}", round(got, 2) >= low, f"Yours is {got:.2f}. {why}")


@exercise(
    "Mend a broken occlusion",
    hints=[
        "Ask it about a white page whose pixels all count the same: what should its map look like? Then about a model "
        "that becomes sure of another class as soon as something is hidden.",
        "after = predict(covered[None])[0, …]        # the same class before and after\n"
        "windows[under] += 1                          # how many windows are over a corner?\n"
        "return total / …",
        _figure_of_a_page,
    ],
)
def mend_occlusion(answer, seed=0):
    """A function of predict, image (H, W, C), target, window and stride that returns the map (H, W)."""
    page = known.brightness, np.ones((8, 12, 1)), 1, 4, 2
    dark = known.first_pixel, np.ones((4, 6, 1)), 1, 2, 2
    shape = 8, 10 + 2 * (seed % 2), 2 + seed % 2
    model, image = PaperNetwork(shape, seed=seed), _image(shape, seed)
    questions = {
        "a white page whose pixels all count the same": page,
        "a model that changes its mind when the first pixel is hidden": dark,
        **{
            f"a drawn network, class {target}": (of_images(model.predict), image, target, 4, 2)
            for target in np.argsort(model.predict(image)).tolist()
        },
    }
    why = "The last columns have no window: they end with the width, not with the height."
    of_page = yield from explained(result(answer, *page, shape=(8, 12)), {"32 of 96 are NaN": why})
    for what, given in questions.items():
        got = of_page if given is page else again(answer, *given, shape=given[1].shape[:2])
        wanted, mistakes = known.mended(*given)
        line = alike(what, got, wanted, within=1e-4, mistakes=mistakes)
        yield line
        if not line.right:
            return


@exercise(
    "Say what two fills tell",
    hints=[
        "Put a finger on a red place, and say aloud what stood there in the hidden picture.",
        "Black asks about ink that is there, white about ink that is not there. One of the two true sentences is about "
        "an opening, the other about pairs of places.",
        _figure_of_an_opening,
    ],
    draws=1,
)
def read_two_fills(answer, seed=0):
    """The letters of the true statements."""
    return chosen(
        answer,
        right="be",
        why={
            "a": "Tempting, since they have no colour there. But black on black changes nothing: with black you can't "
            "ask about an opening at all.",
            "b": "White ink in the opening takes points from the 3, or gives some to the 8. What is missing there is "
            "evidence.",
            "c": "Tempting, since the numbers are points of a score. But the drops are separate experiments, and "
            "here the windows overlap.",
            "d": "There is no ink at the top left. Blue says that ink put there would make it more of a 3, less of an "
            "8: a drop below 0.",
            "e": "Where one of two is enough, hiding one changes nothing. A single window can't see that.",
        },
    )
