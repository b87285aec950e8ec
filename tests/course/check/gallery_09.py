import numpy as np
import pandas as pd
from galleries import RIGHT

import xaiteach as xt
from xaiteach_course.check.lesson_09 import truth
from xaiteach_course.check.lesson_09.truth import pasted, share_of, slices


def by_pandas(labels, answers, marked):
    right = pd.DataFrame({"k": labels, "marked": marked, "right": labels == answers})
    means = right.pivot_table(values="right", index="k", columns="marked", aggfunc="mean")
    return means.reindex(index=range(10), columns=[False, True]).to_numpy(dtype=float)


def right_once(*given):
    return slices(*given) * (1 if len(given[0]) == 500 else 0.9)


def changes(*given, **options):
    return truth.changes(truth.Experiment(*given), **options)


def changes_one_by_one(predict, images, patch, places, k):
    def called(some):
        return np.array([int(np.argmax(predict(image[None])[0]) == k) for image in some])

    return [(called(pasted(images, patch, place)) - called(images)).mean() for place in places]


def by_a_maximum(predict, images, patch, places, k):
    pictures = [np.maximum(images, pasted(images, patch, place)) for place in places]
    return [share_of(predict, one, k) - share_of(predict, images, k) for one in pictures]


def mass(maps, mask, least=0):
    positive = np.maximum(maps, 0)
    whole = positive.sum(axis=(1, 2))
    return positive[:, mask].sum(axis=1) / np.where(whole > least, whole, 1) / mask.mean()


def by_the_measure(maps, mask):
    images = np.zeros((*maps.shape, 1))
    share = xt.metrics.mass_in_mask(lambda x: np.ones((len(x), 2)) / 2, images, maps, masks=mask)
    return share.value / mask.mean()


def blind_to_blanks(maps, mask):
    return truth.times_chance(np.maximum(maps, 0), mask)


def blind_if_one_is_blank(maps, mask):
    return mass(maps, mask) * (maps.max(axis=(1, 2)) > 0).all()


def where(chosen, paint, images):
    return np.where(np.reshape(chosen, (-1, 1, 1, 1)), paint(images), images)


def strew(images, labels, paint, seed, mixed=np.random.Generator.permutation):
    strewn, random = images.copy(), np.random.default_rng(seed)
    for k in np.unique(labels):
        own = mixed(random, np.flatnonzero(labels == k))
        half = own[: len(own) // 2]
        strewn[half] = paint(strewn[half])
    return strewn


def strew_by_rank(images, labels, paint, seed):
    dice = np.random.RandomState(seed).random(len(images))
    return where([dice[i] < np.median(dice[labels == k]) for i, k in enumerate(labels)], paint, images)


def coins(images, labels, paint, seed):
    return where(np.random.default_rng(seed).random(len(images)) < 0.5, paint, images)


def strongest(one_map):
    sums = np.lib.stride_tricks.sliding_window_view(np.maximum(one_map, 0), (3, 3)).sum(axis=(2, 3))
    return np.unravel_index(sums.argmax(), sums.shape)


def patches(predict, images, labels):
    """The strongest patch of each mean map: (mass, k, row, column)."""
    for k in range(10):
        own = images[labels == k]
        mean = xt.occlusion(predict, own, k, window=3, stride=1, progress=False).mean(axis=0)
        row, column = strongest(mean)
        yield mean[row : row + 3, column : column + 3].sum(), k, row, column


def turned(predict, images, labels, k, row, column):
    own, others = images[labels == k], images[labels != k].copy()
    patch = np.s_[:, row : row + 3, column : column + 3]
    others[patch] = own[np.arange(len(others)) % len(own)][patch]
    return share_of(predict, others, k)


def by_mean_maps(*given):
    return max((turned(*given, *found), *found) for _, *found in patches(*given))[1:]


def by_transplants_alone(*given):
    trials = [(k, row, column) for k in range(10) for row, column in np.ndindex(12, 12)]
    return max(trials, key=lambda trial: turned(*given, *trial))


def by_brightness(rank):
    """The brightest square at the border (rank 1), the second, … From 5 on there is none."""

    def found(predict, images, labels):
        common = np.stack([images[labels == k].min(axis=0)[..., 0] for k in range(10)])
        common[:, 4:10, 4:10] = 0
        k = np.argsort(common.max(axis=(1, 2)))[-rank]
        return k, *strongest(common[k])

    return found


GALLERY = {
    "build_slice_table": [
        (slices, RIGHT),
        (by_pandas, RIGHT),
        (lambda *given: slices(*given)[:, ::-1], "columns are exchanged"),
        (lambda labels, answers, marked: slices(answers, labels, marked), "Rows are predicted classes"),
        (lambda *given: np.nan_to_num(slices(*given)), "No picture, no share"),
        (lambda *given: slices(*given)[np.unique(given[0])], "ten rows, also where a class has no pictures"),
        (right_once, "the other slices"),
    ],
    "intervene_with_a_control": [
        (changes, RIGHT),
        (changes_one_by_one, RIGHT),
        (lambda p, x, *rest: changes(p, x, *rest) + share_of(p, x, rest[-1]), "shares after"),
        (lambda *given: changes(*given, on_a_heap=True), "pile up"),
        (lambda *given: changes(*given[:4], 2), "You count the answers 2"),
        (by_a_maximum, "largest difference"),
    ],
    "mend_mass_in_mask": [
        (mass, RIGHT),
        (by_the_measure, RIGHT),
        (lambda maps, mask: truth.times_chance(abs(maps), mask), "as if it spoke for it"),
        (truth.times_chance, "cancel"),
        (lambda maps, mask: mass(maps, mask) * mask.mean(), "the right one times"),
        (lambda maps, mask: mass(maps, mask, least=1), "largest difference"),
        (blind_to_blanks, "NaN"),
        (lambda maps, mask: np.nan_to_num(blind_to_blanks(maps, mask), nan=1.0), "Nothing speaks"),
        (blind_if_one_is_blank, "the other maps of its batch"),
        (lambda maps, mask: mass(maps, mask) if len(maps) > 2 else np.zeros(2), "What is chance here?"),
    ],
    "strew_the_cue": [
        (strew, RIGHT),
        (strew_by_rank, RIGHT),
        (coins, "As long as shares differ"),
        (lambda images, labels, paint, seed: paint(images), "All are painted"),
        (lambda *given: strew(*given, lambda dice, own: np.roll(own, dice.integers(9))), "not by a rule"),
        (lambda images, labels, paint, seed: strew(images, labels, paint, None), "generator inside"),
        (lambda images, labels, paint, seed: strew(images, labels, lambda x: x * 0, seed), "are neither"),
        (lambda images, *rest: strew(images, *rest)[::-1], "in another order"),
    ],
    "find_the_cue": [
        (by_mean_maps, RIGHT),
        (by_transplants_alone, RIGHT),
        *((by_brightness(rank), "Ask the model") for rank in (1, 2, 3, 4)),
        (by_brightness(7), "You accuse class"),
        (lambda *given: max(patches(*given))[1:], "turns no others"),
        (lambda *given: np.add(by_mean_maps(*given), [0, 0, 1]), "sum to the most"),
        (lambda *_: truth.hidden_cue(0, 1)[1], "data set 2"),
    ],
    "weigh_the_evidence": [
        ("ad", RIGHT),
        ({"D", "A"}, RIGHT),
        ("a", "not a cheat"),
        ("d", "cause was changed"),
        ("abd", "acquit"),
        ("acd", "same source"),
        ("ade", "who pays"),
    ],
}
