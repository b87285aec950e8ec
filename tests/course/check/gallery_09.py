import numpy as np
import pandas as pd
from answers_09 import (
    always_the_first,
    begun_by_chance,
    by_brightness,
    by_mean_maps,
    by_own_windows,
    by_the_strongest_map,
    by_transplants_alone,
    coins,
    moved,
    never_the_same,
    strew,
    strew_by_rank,
    strew_by_rule,
    strew_one_by_one,
    strew_some_classes,
    whole_classes,
)
from galleries import Gallery

import xaiteach_course.check.lesson_09.truth as paper
from xaiteach import metrics


def table(labels, answers, marked):
    found = np.full((10, 2), np.nan)
    for k in range(10):
        for column in (0, 1):
            chosen = (labels == k) & (marked == column)
            if chosen.any():
                found[k, column] = (answers[chosen] == k).mean()
    return found


def by_pandas(labels, answers, marked):
    right = pd.DataFrame({"k": labels, "marked": marked, "right": labels == answers})
    means = right.pivot_table(values="right", index="k", columns="marked", aggfunc="mean")
    return means.reindex(index=range(10), columns=[False, True]).to_numpy(dtype=float)


def of_the_whole_class(labels, answers, marked):
    cells = [[(labels == k) & (answers == k) & (marked == column) for column in (0, 1)] for k in range(10)]
    return [[cell.sum() / (labels == k).sum() for cell in row] for k, row in enumerate(cells)]


def without_rows_for_none(labels, answers, marked):
    return table(labels, answers, marked)[np.unique(labels)]


def right_once(labels, answers, marked):
    found = table(labels, answers, marked)
    return found if len(labels) == 500 else np.where(np.isnan(found), np.nan, 0.5)


def of_the_slice(labels, answers, marked):
    return [[(labels == answers)[marked == column].mean() for column in (0, 1)]] * 10


def changes(predict, images, patch, places, k):
    before = (predict(images).argmax(axis=1) == k).mean()
    found = []
    for row, column in places:
        changed = images.copy()
        changed[:, row : row + patch.shape[0], column : column + patch.shape[1]] = patch
        found.append((predict(changed).argmax(axis=1) == k).mean() - before)
    return found


def changes_one_by_one(predict, images, patch, places, k):
    def called(some):
        return np.array([int(np.argmax(predict(image[None])[0]) == k) for image in some])

    return np.array(
        [(called(paper.pasted(images, patch, place)) - called(images)).mean() for place in places]
    )


def on_a_heap(predict, images, patch, places, k):
    before, images, found = paper.share_of(predict, images, k), images.copy(), []
    for row, column in places:
        images[:, row : row + 3, column : column + 2] = patch
        found.append(paper.share_of(predict, images, k) - before)
    return np.array(found)


def in_place(predict, images, patch, places, k):
    images[:] = on_a_heap(predict, images, patch, places, k)[0]
    return changes(predict, images, patch, places, k)


def turned_places(predict, images, patch, places, k):
    return changes(predict, images, patch, [place[::-1] for place in places], k)


def by_a_maximum(predict, images, patch, places, k):
    pictures = [np.maximum(images, paper.pasted(images, patch, place)) for place in places]
    return [paper.share_of(predict, one, k) - paper.share_of(predict, images, k) for one in pictures]


def of_one_class(k):
    return lambda *given: changes(*given[:4], k)


def probabilities(predict, images, patch, places, k):
    mean = predict(images)[:, k].mean()
    return [predict(paper.pasted(images, patch, place))[:, k].mean() - mean for place in places]


def mass(maps, mask):
    positive = np.maximum(maps, 0)
    whole = positive.sum(axis=(1, 2))
    return positive[:, mask].sum(axis=1) / np.where(whole > 0, whole, 1) / mask.mean()


def by_the_measure(maps, mask):
    images = np.zeros((*maps.shape, 1))
    return (
        metrics.mass_in_mask(lambda x: np.ones((len(x), 2)) / 2, images, maps, masks=mask).value / mask.mean()
    )


def broken_mass(maps, mask):
    strength = abs(maps)
    return strength[:, mask].sum(axis=1) / strength.sum(axis=(1, 2)) / mask.mean()


def blind_to_blanks(maps, mask):
    positive = np.maximum(maps, 0)
    return positive[:, mask].sum(axis=1) / positive.sum(axis=(1, 2)) / mask.mean()


def blind_if_all_are_blank(maps, mask):
    return blind_to_blanks(maps, mask) if np.maximum(maps, 0).sum() else np.zeros(len(maps))


def blind_if_one_is_blank(maps, mask):
    return mass(maps, mask) if (maps.max(axis=(1, 2)) > 0).all() else np.zeros(len(maps))


def of_at_least_1(maps, mask):
    positive = np.maximum(maps, 0)
    return positive[:, mask].sum(axis=1) / np.maximum(positive.sum(axis=(1, 2)), 1) / mask.mean()


GALLERY = {
    "build_slice_table": Gallery(
        right=[table, by_pandas],
        wrong=[
            (lambda *given: table(*given)[:, ::-1], "columns are exchanged"),
            (lambda labels, answers, marked: table(answers, labels, marked), "Rows are predicted classes"),
            (of_the_whole_class, "divided by the whole class"),
            (of_the_slice, "accuracy of the slice"),
            (lambda labels, answers, marked: table(labels, answers, marked)[:, [0, 0]], "largest difference"),
            (lambda a, b, c: [[(b[a == k] == k).mean()] * 2 for k in range(10)], "marks are not used"),
            (lambda *given: 1 - table(*given), "wrong answers"),
            (lambda *given: np.nan_to_num(table(*given)), "No picture, no share"),
            (lambda *given: np.nan_to_num(table(*given), nan=1.0), "No picture, no share"),
            (without_rows_for_none, "ten rows, also where a class has no pictures"),
            (right_once, "the other slices"),
            (lambda *given: table(*given).T, "rows and columns are exchanged"),
            (lambda *given: table(*given) * 0.95, "the right one times 0.95"),
        ],
    ),
    "intervene_with_a_control": Gallery(
        right=[changes, changes_one_by_one],
        wrong=[
            (
                lambda p, x, patch, at, k: [paper.share_of(p, paper.pasted(x, patch, a), k) for a in at],
                "shares after",
            ),
            (on_a_heap, "pile up"),
            (lambda p, x, *rest: on_a_heap(p, x, *rest) + paper.share_of(p, x, rest[-1]), "pile up, and"),
            (turned_places, "Rows and columns of the places"),
            (probabilities, "mean probability"),
            (in_place, "changed in place"),
            (by_a_maximum, "brighter than the patch"),
            *((of_one_class(k), f"You count the answers {k}") for k in range(4)),
            (lambda *given: [changes(*given)[i] for i in range(4)], "index out of range"),
            (lambda *given: -np.array(changes(*given)), "sign is turned"),
            (lambda *given: changes(*given)[:1], "Yours is 1"),
            (lambda *given: np.add(changes(*given), 0.01), "largest difference"),
        ],
    ),
    "mend_mass_in_mask": Gallery(
        right=[mass, by_the_measure],
        wrong=[
            (broken_mass, "as if it spoke for it"),
            (blind_to_blanks, "NaN"),
            (blind_if_all_are_blank, "NaN"),
            (blind_if_one_is_blank, "and all get 0"),
            (of_at_least_1, "Maps of small numbers"),
            (lambda maps, mask: np.nan_to_num(broken_mass(maps, mask)), "as if it spoke for it"),
            (lambda maps, mask: np.nan_to_num(blind_to_blanks(maps, mask), nan=1.0), "Nothing speaks"),
            (lambda maps, mask: maps[:, mask].sum(1) / maps.sum((1, 2)) / mask.mean(), "cancel"),
            (lambda maps, mask: mass(maps, mask) * mask.mean(), "the share alone"),
            (lambda maps, mask: mass(maps, mask) * mask.mean() / mask.sum(), "number of pixels"),
            (
                lambda maps, mask: np.repeat(mass(maps.reshape(1, -1, 7), np.tile(mask, (4, 1))), 4),
                "whole batch",
            ),
            (
                lambda m, k: np.maximum(m, 0)[:, k].sum(1) / np.maximum(m, 0).sum() / k.mean(),
                "all maps together",
            ),
            (lambda maps, mask: mass(maps, mask) + 0.001, "largest difference"),
        ],
    ),
    "strew_the_cue": Gallery(
        right=[strew, strew_by_rank, strew_one_by_one],
        wrong=[
            (coins, "As long as the shares differ"),
            (lambda images, labels, paint, seed: paint(images), "All are painted"),
            (lambda images, *_: images, "None is painted"),
            (whole_classes, "Whole classes are painted"),
            (strew_some_classes(4), "As long as the shares differ"),
            (strew_some_classes(9), "Of class 9 it is 0 %"),
            (strew_by_rule(lambda own, k, seed: own[seed % 2 :: 2]), "only 2 different halves"),
            (strew_by_rule(lambda own, k, seed: np.roll(own, 7 * seed + k)[::2]), "only 2 different halves"),
            (
                strew_by_rule(lambda own, k, seed: np.roll(own, 7 * seed + k)[: len(own) // 2]),
                "20 different halves",
            ),
            (strew_by_rule(begun_by_chance), "where the half begins"),
            (always_the_first, "Let chance decide"),
            (never_the_same, "Make the generator inside"),
            (lambda images, labels, paint, seed: strew(images, labels, lambda x: x * 0, seed), "are neither"),
            (lambda images, *rest: strew(images, *rest)[::-1], "in another order"),
            (lambda images, *rest: strew(images, *rest)[..., 0], "Yours is 76×6×6"),
        ],
    ),
    "find_the_cue": Gallery(
        right=[by_mean_maps, by_transplants_alone, by_own_windows],
        wrong=[
            *((by_brightness(rank), "Ask the model") for rank in (1, 2, 3, 4)),
            (by_brightness(7), "You accuse class"),
            (by_the_strongest_map, "it turns no others"),
            (moved(1, 1), "middle of the square"),
            (moved(0, 1), "only partly"),
            (moved(4, 4), "elsewhere"),
            (lambda *given: np.array(by_mean_maps(*given))[[0, 2, 1]], "Row and column are exchanged"),
            (lambda *given: by_mean_maps(*given)[1:], "Yours is 2"),
            (lambda *_: paper.hidden_cue(0, 1).cue, "data set 2"),
        ],
    ),
    "weigh_the_evidence": Gallery(
        right=["ad", {"D", "A"}, ["d", "a"]],
        wrong=[
            ("a", "not a cheat"),
            ("abd", "acquit"),
            ("acd", "same source"),
            ("ade", "who pays"),
            ("d", "cause was changed"),
            ("e", "cause was changed"),
        ],
    ),
}
