import numpy as np
from answers_08 import (
    by_absolute_values,
    by_numpy,
    by_the_measure,
    curve,
    deletion,
    into_the_image,
    knows,
    lowest_first,
    of_class_0,
    of_the_highest,
    of_the_transposed_map,
    on_black,
    sums_of_one_end,
    without_copies,
)
from galleries import Gallery
from scipy.stats import kendalltau, rankdata, spearmanr

import xaiteach_course.check.lesson_08.truth as paper
from xaiteach import metrics

DRAWS = np.random.default_rng(0).integers(24, size=(1000, 24))  # those of the notebook


def interval(method, control, draws):
    return np.percentile((method - control)[draws].mean(axis=1), [2.5, 97.5])


def by_sorting(method, control, draws):
    means = sorted(np.mean([method[i] - control[i] for i in draw]) for draw in draws)
    return means[25], means[-26]


def each_alone(method, control, draws):
    ends = [np.percentile(values[draws].mean(axis=1), [2.5, 97.5]) for values in (method, control)]
    return ends[0] - ends[1]


def by_a_bell(method, control, draws):
    means = (method - control)[draws].mean(axis=1)
    return means.mean() + means.std() * np.array([-1.96, 1.96])


def drawn_twice(method, control, draws):
    means = method[draws].mean(axis=1) - control[draws[::-1]].mean(axis=1)
    return np.percentile(means, [2.5, 97.5])


def cascade(explain, layers, redraw):
    return in_this_order(*range(len(layers))[::-1])(explain, layers, redraw)


def by_slices(explain, layers, redraw):
    return [explain(layers[:n] + [redraw(one) for one in layers[n:]]) for n in range(len(layers), -1, -1)]


def always_anew(explain, layers, redraw):
    """The last n are redrawn at each step, what was redrawn once more."""
    layers = list(layers)
    maps = [explain(layers)]
    for n in range(1, len(layers) + 1):
        layers[-n:] = map(redraw, layers[-n:])
        maps.append(explain(layers))
    return np.array(maps)


def in_this_order(*places):
    def redrawn(explain, layers, redraw):
        layers = list(layers)
        maps = [explain(layers)]
        for i in places:
            layers[i] = redraw(layers[i])
            maps.append(explain(layers))
        return np.array(maps)

    return redrawn


def writes_into_the_layers(explain, layers, redraw):
    maps = [explain(layers)]
    for layer in reversed(layers):
        layer[:] = redraw(layer)
        maps.append(explain(layers))
    return maps


def from_the_picture(explain, layers, redraw):
    return [explain([redraw(one) for one in layers[:n]] + layers[n:]) for n in range(len(layers) + 1)]


def one_at_a_time(explain, layers, redraw):
    rows = [
        [redraw(one) if i == k else one for i, one in enumerate(layers)] for k in reversed(range(len(layers)))
    ]
    return [explain(layers), *map(explain, rows)]


def leaves_dice_behind(explain, layers, redraw):
    maps = [explain(layers)]
    for i in reversed(range(len(layers))):
        layers[i] = redraw(layers[i])
        maps.append(explain(layers))
    return maps


def ranks_in_a_row(one):
    return np.argsort(np.argsort(one.ravel(), kind="stable"), kind="stable")


def broken_likeness(one, other):
    return np.corrcoef(ranks_in_a_row(abs(one)), ranks_in_a_row(abs(other)))[0, 1]


def by_rankdata(one, other):
    return np.corrcoef([rankdata(m) for m in (one, other)])[0, 1]


def hits(maps, mask):
    highest = maps == maps.max(axis=(1, 2), keepdims=True)
    return highest[:, mask].sum(axis=1) / highest.sum(axis=(1, 2))


def hits_by_loops(maps, mask):
    return [np.mean(mask[np.nonzero(one == one.max())]) for one in maps]


GALLERY = {
    "build_insertion": Gallery(
        right=[by_numpy, by_the_measure],
        wrong=[
            (lowest_first, "area of deletion"),
            (deletion, "area of deletion"),
            (knows(lowest_first), "largest difference"),
            (sums_of_one_end(-1), "as high as its left end"),
            (sums_of_one_end(0), "as high as its right end"),
            (without_copies, "Is each a copy"),
            (of_the_transposed_map, "rows and columns are exchanged"),
            (by_absolute_values, "ordered by absolute values"),
            (on_black, "black, whatever"),
            (of_class_0, "follows class 0"),
            (of_the_highest, "whichever class is highest"),
            (lambda *given: curve(*given).mean(), "the last count half"),
            (lambda *given: np.trapezoid(curve(*given)), "sum of the strips"),
            (lambda *given: np.trapezoid(curve(*given)[1:], dx=1 / (given[1].size - 1)), "empty page"),
            (lambda *_: 0.625, "three classes"),
            (into_the_image, "changed in place"),
            (curve, "Yours is 5"),
            (lambda *given: by_numpy(*given) + 0.001, "Draw the five answers"),
            (knows(lambda *given: by_numpy(*given) + 0.001), "largest difference"),
        ],
    ),
    "compare_with_a_control": Gallery(
        right=[
            interval,
            by_sorting,
            lambda a, b, d: np.quantile(a[d].mean(1) - b[d].mean(1), (0.025, 0.975)),
        ],
        wrong=[
            (lambda a, b, d: interval(b, a, d), "control − method"),
            (lambda a, b, d: interval(a, b, d)[::-1], "ends are exchanged"),
            (lambda a, b, d: interval(a, 0 * b, d), "method alone"),
            (each_alone, "two intervals, subtracted"),
            (drawn_twice, "largest difference"),
            (lambda *_: interval(*paper.values_and_draws(0)), "both arrays are the same"),
            (lambda a, b, d: interval(a, b, DRAWS), "those of the notebook"),
            (lambda a, b, d: 1.01 * interval(a, b, d), "the right one times 1.01"),
            (by_a_bell, "1.96 standard deviations"),
            (lambda a, b, d: np.percentile((a - b)[d].mean(axis=1), [5, 95]), "90 of 100"),
            (lambda a, b, d: np.percentile(a - b, [2.5, 97.5]), "single digits differ"),
            (lambda a, b, d: np.percentile((a - b)[d].mean(axis=0), [2.5, 97.5]), "goes over the draws"),
            (lambda a, b, d: interval(a, b, d) + [0, 0.004], "largest difference"),
            (lambda a, b, d: (a - b)[d].mean(axis=1), "Yours is 1000"),
        ],
    ),
    "redraw_layer_by_layer": Gallery(
        right=[cascade, by_slices, always_anew],
        wrong=[
            (from_the_picture, "begins at the picture"),
            (one_at_a_time, "put back before the next"),
            (
                lambda e, a, r: np.array(one_at_a_time(e, a, r))[[0, 5, 4, 3, 2, 1]],
                "begin with the last layer",
            ),
            (lambda e, a, r: [e(a)] + 5 * [e([r(one) for one in a])], "redrawn at once"),
            (lambda e, a, r: [e(a)] * 6, "Nothing is redrawn"),
            (lambda e, a, r: cascade(e, a, r)[::-1], "as it was comes first"),
            (leaves_dice_behind, "Argument 2 is changed in place"),
            (writes_into_the_layers, "written into the given arrays"),
            (in_this_order(3, 2, 1, 0), "Yours is 5×9×7"),
            (in_this_order(4, 3, 2, 1, 0), "index out of range"),
            (lambda e, a, r: np.moveaxis(cascade(e, a, r), 0, -1), "axes are in another order"),
            (lambda e, a, r: cascade(e, a, r)[1:], "Yours is 5×9×7"),
            (lambda e, a, r: cascade(e, a, r) + 0.01, "largest difference"),
        ],
    ),
    "mend_likeness": Gallery(
        right=[
            by_rankdata,
            lambda one, other: spearmanr(one.ravel(), other.ravel()).statistic,
            metrics.agreement,
        ],
        wrong=[
            (broken_likeness, "Nothing is mended yet"),
            (lambda one, other: by_rankdata(abs(one), abs(other)), "sign is lost"),
            (
                lambda one, other: np.corrcoef(ranks_in_a_row(one), ranks_in_a_row(other))[0, 1],
                "ranked in a row",
            ),
            (lambda one, other: np.corrcoef(one.ravel(), other.ravel())[0, 1], "correlation of the values"),
            (
                lambda one, other: np.corrcoef([m.ravel().argsort().argsort() for m in (one, other)])[0, 1],
                "Equal values",
            ),
            (lambda one, other: abs(by_rankdata(one, other)), "absolute values"),
            (lambda one, other: kendalltau(one, other).statistic, "Kendall's"),
            (lambda *_: 0, "Yours is 0"),
            (lambda *_: paper.likeness(*paper.dice_times_picture(0)), "with itself"),
            (lambda one, other: by_rankdata(one, other) + 0.001, "Yours is −0.187, wanted −0.188"),
        ],
    ),
    "play_the_pointing_game": Gallery(
        right=[hits, hits_by_loops],
        wrong=[
            (
                lambda maps, mask: mask.ravel()[maps.reshape(len(maps), -1).argmax(axis=1)],
                "argmax gives the first",
            ),
            (lambda maps, mask: hits(maps, mask) > 0, "any of its highest"),
            (lambda maps, mask: hits(maps, mask) == 1, "several highest pixels"),
            (lambda maps, mask: hits(abs(maps), mask), "absolute value"),
            (lambda maps, mask: paper.highest(maps)[:, mask].mean(axis=1), "share of the mask"),
            (lambda maps, mask: paper.highest(maps)[:, mask].sum(axis=1), "counts highest pixels"),
            (lambda maps, mask: np.ones(5), "largest difference"),
            (lambda maps, mask: hits(maps[:1], mask), "Yours is 1"),
        ],
    ),
    "judge_the_tests": Gallery(
        right=["be", {"E", "B"}, ["e", "b"]],
        wrong=[
            ("b", "another unit"),
            ("abe", "never saw"),
            ("bce", "new dice"),
            ("bde", "digit by digit"),
            ("e", "network of dice"),
            ("d", "network of dice"),
        ],
    ),
}
