"""Answers to the exercises of lesson 09 that paint a cue or look for one."""

import numpy as np

import xaiteach as xt
import xaiteach_course.check.lesson_09.truth as paper


def strew(images, labels, paint, seed):
    strewn, random = images.copy(), np.random.default_rng(seed)
    for k in np.unique(labels):
        own = random.permutation(np.flatnonzero(labels == k))
        half = own[: len(own) // 2]
        strewn[half] = paint(strewn[half])
    return strewn


def strew_one_by_one(images, labels, paint, seed):
    dice, strewn = np.random.default_rng(seed), list(images)
    for k in range(10):
        own = np.flatnonzero(labels == k)
        for i in dice.choice(own, len(own) // 2, replace=False):
            strewn[i] = paint(images[i])
    return np.array(strewn)


def strew_some_classes(number):
    def painted(images, labels, paint, seed):
        return np.where((labels < number)[:, None, None, None], strew(images, labels, paint, seed), images)

    return painted


def strew_by_rule(rule):
    """Half of each class by a rule (places of the class, k, seed)."""

    def painted(images, labels, paint, seed):
        strewn = images.copy()
        for k in np.unique(labels):
            half = rule(np.flatnonzero(labels == k), k, seed)
            strewn[half] = paint(images[half])
        return strewn

    return painted


def begun_by_chance(own, k, seed):
    return np.roll(own, np.random.default_rng([seed, k]).integers(len(own)))[: len(own) // 2]


def strew_by_rank(images, labels, paint, seed):
    dice = np.random.RandomState(seed).random(len(images))
    chosen = [dice[i] < np.median(dice[labels == labels[i]]) for i in range(len(images))]
    return np.where(np.reshape(chosen, (-1, 1, 1, 1)), paint(images), images)


def coins(images, labels, paint, seed):
    chosen = np.random.default_rng(seed).random(len(images)) < 0.5
    return np.where(chosen[:, None, None, None], paint(images), images)


def whole_classes(images, labels, paint, seed):
    return np.where((labels % 2 == 0)[:, None, None, None], paint(images), images)


def always_the_first(images, labels, paint, seed):
    return strew(images, labels, paint, 0)


def never_the_same(images, labels, paint, seed):
    return strew(images, labels, paint, None)


def strongest(one_map, side=3):
    sums = np.lib.stride_tricks.sliding_window_view(np.maximum(one_map, 0), (side, side)).sum(axis=(2, 3))
    return np.unravel_index(sums.argmax(), sums.shape)


def turned(predict, images, labels, k, row, column):
    own, others = images[labels == k], images[labels != k].copy()
    patch = np.s_[:, row : row + 3, column : column + 3]
    others[patch] = own[np.arange(len(others)) % len(own)][patch]
    return (predict(others).argmax(axis=1) == k).mean()


def by_mean_maps(predict, images, labels):
    found = []
    for k in np.unique(labels):
        own = images[labels == k]
        mean = xt.occlusion(predict, own, k, window=3, stride=1, progress=False).mean(axis=0)
        found.append((turned(predict, images, labels, k, *strongest(mean)), k, *strongest(mean)))
    return max(found)[1:]


def by_transplants_alone(predict, images, labels):
    trials = [(k, row, column) for k in np.unique(labels) for row, column in np.ndindex(12, 12)]
    return max(trials, key=lambda trial: turned(predict, images, labels, *trial))


def squares(images, labels):
    """What all pictures of a class have at the border, (10, 14, 14)."""
    common = np.stack([images[labels == k].min(axis=0)[..., 0] for k in range(10)])
    common[:, 4:10, 4:10] = 0
    return common


def by_brightness(rank):
    """The brightest square of all (rank 1), the second, … (From 5 on there is none.)"""

    def found(predict, images, labels):
        common = squares(images, labels)
        k = np.argsort(common.max(axis=(1, 2)))[-rank]
        return k, *strongest(common[k])

    return found


def by_the_strongest_map(predict, images, labels):
    found = []
    for k in range(10):
        mean = xt.occlusion(predict, images[labels == k], k, window=3, stride=1, progress=False).mean(axis=0)
        found.append(
            (mean[np.s_[strongest(mean)[0] :, strongest(mean)[1] :]][:3, :3].sum(), k, *strongest(mean))
        )
    return max(found)[1:]


def by_own_windows(predict, images, labels):
    """The window whose loss costs the class the most on average; then a transplant of the first of these patches."""
    found = []
    for k in range(10):
        own, others, drops = images[labels == k], images[labels != k], np.zeros((12, 12))
        for row, column in np.ndindex(12, 12):
            covered = paper.pasted(own, np.zeros((3, 3, 1)), (row, column))
            drops[row, column] = (predict(own)[:, k] - predict(covered)[:, k]).mean()
        row, column = place = np.unravel_index(drops.argmax(), drops.shape)
        changed = paper.pasted(others, own[0, row : row + 3, column : column + 3], place)
        found.append((paper.share_of(predict, changed, k), k, row, column))
    return np.array(max(found)[1:])


def moved(rows, columns):
    return lambda *given: np.add(by_mean_maps(*given), [0, rows, columns])
