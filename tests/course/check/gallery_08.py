import numpy as np
from galleries import RIGHT
from scipy.stats import spearmanr

import xaiteach as xt
from xaiteach import metrics
from xaiteach_course.check.lesson_08 import truth
from xaiteach_course.check.lesson_08.truth import likeness


def answers(predict, image, values, target, fill):
    """What is predicted while the pixels of an image are put in, one after the other."""
    page = np.full_like(image, fill)
    curve = [predict(page[None])[0, target]]
    for row, column in zip(*np.unravel_index(np.argsort(-values, axis=None), values.shape), strict=True):
        page[row, column] = image[row, column]
        curve.append(predict(page[None])[0, target])
    return np.array(curve)


def insertion(*given):
    return np.trapezoid(answers(*given), dx=1 / given[1].size)


def by_the_measure(predict, image, values, target, fill):
    model = xt.wrap(predict, value_range=None)
    return metrics.insertion(model, image, values, target, fill=fill, progress=False).value


def at_first_right(wrong):
    """A wrong answer that is right for the pencil."""
    return lambda *given: 0.625 if given[1].size == 4 else wrong(*given)


def interval(method, control, draws, ends=(2.5, 97.5)):
    return np.percentile((method - control)[draws].mean(axis=1), ends)


def by_sorting(method, control, draws):
    means = sorted(np.mean([method[i] - control[i] for i in draw]) for draw in draws)
    return means[25], means[-26]


def cascade(explain, layers, redraw, change=lambda layers, i, new: layers.__setitem__(i, new)):
    layers = list(layers)
    maps = [explain(layers)]
    for i in reversed(range(len(layers))):
        change(layers, i, redraw(layers[i]))
        maps.append(explain(layers))
    return np.array(maps)


def by_slices(explain, layers, redraw):
    return [explain(layers[:n] + [*map(redraw, layers[n:])]) for n in range(len(layers), -1, -1)]


def hits(maps, mask):
    highest = truth.highest(maps)
    return highest[:, mask].sum(axis=1) / highest.sum(axis=(1, 2))


GALLERY = {
    "build_insertion": [
        (insertion, RIGHT),
        (by_the_measure, RIGHT),
        (lambda p, image, values, *rest: insertion(p, image, -values, *rest), "area of deletion"),
        (lambda predict, image, *_: predict(image[None])[0, 0], "Is each a copy"),
        (at_first_right(lambda *given: insertion(*given[:4], 0.0)), "black, whatever"),
        (at_first_right(lambda p, x, values, _, fill: insertion(p, x, values, 0, fill)), "follows class 0"),
        (at_first_right(lambda *given: insertion(*given) + 0.001), "largest difference"),
    ],
    "compare_with_a_control": [
        (interval, RIGHT),
        (by_sorting, RIGHT),
        (lambda a, b, d: interval(b, a, d), "control − method"),
        (lambda a, b, d: interval(a, 0, d), "method alone"),
        (lambda a, b, d: interval(a, 0, d) - interval(b, 0, d), "two intervals, subtracted"),
        (lambda a, b, d: interval(a, b, d, [5, 95]), "90 of 100"),
        (lambda a, b, d: np.percentile(a - b, [2.5, 97.5]), "single digits differ"),
        (lambda a, b, d: np.percentile((a - b)[d].mean(axis=0), [2.5, 97.5]), "goes over the draws"),
        (lambda *_: interval(*truth.values_and_draws(0)), "both arrays are the same"),
        (lambda a, b, d: interval(a, b, truth.values_and_draws(0)[2]), "those of the notebook"),
        (lambda a, b, d: interval(a, b, d) + [0, 0.004], "largest difference"),
    ],
    "redraw_layer_by_layer": [
        (cascade, RIGHT),
        (by_slices, RIGHT),
        (lambda e, x, r: [e([*map(r, x[:n]), *x[n:]]) for n in range(6)], "begins at the picture"),
        (
            lambda e, x, r: [e(x)] + [e([*x[:i], r(x[i]), *x[i + 1 :]]) for i in (4, 3, 2, 1, 0)],
            "put back before the next",
        ),
        (lambda e, layers, r: [e(layers)] * 6, "Nothing is redrawn"),
        (
            lambda *given: cascade(*given, lambda layers, i, new: np.copyto(layers[i], new)),
            "the given arrays",
        ),
        (lambda *given: cascade(*given) * (len(given[1]) == 5), "maps of 3 layers, within 0.001\n"),
        (lambda *given: cascade(*given) + 0.01, "largest difference"),
    ],
    "mend_likeness": [
        (likeness, RIGHT),
        (lambda first, second: spearmanr(first.ravel(), second.ravel()).statistic, RIGHT),
        (lambda *maps: likeness(*np.abs(maps), truth.ranks_in_a_row), "Nothing is mended yet"),
        (lambda *maps: likeness(*np.abs(maps)), "sign is lost"),
        (lambda *maps: likeness(*maps, truth.ranks_in_a_row), "ranked in a row"),
        (lambda *maps: likeness(*maps, np.array), "correlation of the values"),
        (lambda *_: likeness(*truth.dice_times_picture(0)), "with itself"),
        (lambda a, b: likeness(np.where(abs(a) > 1e-3, a, 0), b), "third power"),
        (lambda *maps: likeness(*maps) + 0.001, "Yours is −0.187, wanted −0.188"),
    ],
    "play_the_pointing_game": [
        (hits, RIGHT),
        (lambda maps, mask: [np.mean(mask[np.nonzero(values == values.max())]) for values in maps], RIGHT),
        (lambda maps, mask: mask.ravel()[maps.reshape(5, -1).argmax(axis=1)], "argmax gives the first"),
        (lambda maps, mask: hits(maps, mask) > 0, "any of its highest"),
        (lambda maps, mask: truth.highest(maps)[:, mask].sum(axis=1), "number of highest pixels"),
        (lambda maps, mask: np.ones(5), "largest difference"),
    ],
    "judge_the_tests": [
        ("be", RIGHT),
        ({"E", "B"}, RIGHT),
        ("b", "another unit"),
        ("abe", "never saw"),
        ("bce", "new dice"),
        ("bde", "digit by digit"),
        ("e", "network of dice"),
    ],
}
