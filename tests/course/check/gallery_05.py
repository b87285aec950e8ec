import numpy as np
from galleries import RIGHT

import xaiteach as xt

DROPS = np.array([[0.6, -1.8, 2], [-0.9, -0.8, 0], [-2.4, 0.2, -2]])


def to_the_border(side, window, stride):
    return range(0, side - window + stride, stride)


def inside(side, window, stride):
    return range(0, side - window + 1, stride)


def by_hand(ask, image, window, stride, starts=to_the_border, divide=None):
    total, windows = np.zeros(image.shape[:2]), np.zeros(image.shape[:2])
    for row in starts(image.shape[0], window, stride):
        for column in starts(image.shape[1], window, stride):
            under = np.s_[row : row + window, column : column + window]
            covered = image.copy()
            covered[under] = 0
            total[under] += ask(image[None])[0] - ask(covered[None])[0]
            windows[under] += 1
    return total / (divide or windows)


def by_the_package(ask, image, window, stride):
    model = xt.wrap(lambda images: ask(images)[:, None], outputs="scores", value_range=None)
    return xt.occlusion(model, image, 0, window=window, stride=stride, of="score", progress=False)


def alone(ask, image, window, base=None):
    base = ask(0 * image[None])[0] if base is None else base
    rises = np.zeros(image.shape[:2])
    for row in range(0, image.shape[0], window):
        for column in range(0, image.shape[1], window):
            under = np.s_[row : row + window, column : column + window]
            picture = np.zeros_like(image)
            picture[under] = image[under]
            rises[under] = ask([picture])[0] - base
    return rises


def broken(predict, image, target, window, stride, same=False, count=False):
    total, windows = np.zeros(image.shape[:2]), np.zeros(image.shape[:2])
    before = predict(image[None])[0, target]
    for row in range(0, image.shape[0] - window + 1, stride):
        for column in range(0, image.shape[1] - window + 1, stride):
            under = np.s_[row : row + window, column : column + window]
            covered = image.copy()
            covered[under] = 0
            after = predict(covered[None])[0]
            total[under] += before - (after[target] if same else after.max())
            windows[under] += 1
    return total / windows if count else total / (window // stride) ** 2


def mended(*given):
    return broken(*given, same=True, count=True)


def mended_by_the_package(predict, image, target, window, stride):
    model = xt.wrap(lambda images: predict(images), value_range=None)
    return xt.occlusion(model, image, target, window=window, stride=stride, progress=False)


GALLERY = {
    "build_occlusion": [
        (by_hand, RIGHT),
        (by_the_package, RIGHT),
        (lambda *given: by_hand(*given, divide=1), "gets the sum"),
        (lambda *given: by_hand(*given, divide=4), "the same number"),
        (lambda *given: by_hand(*given, starts=inside), "The last rows or columns have no window"),
        (lambda *given: by_hand(*given, starts=lambda side, _, stride: range(0, side, stride)), "too many"),
        (lambda ask, *given: by_hand(lambda images: ask(images[0]), *given), "image[None]"),
        (lambda *given: by_hand(*given) + 0.0002, "largest difference"),
    ],
    "work_out_fills": [
        (DROPS, RIGHT),
        ((DROPS + 0.004).tolist(), RIGHT),
        (0.8 - DROPS, "answers with the pixel hidden"),
        (-DROPS, "before less the answer after"),
        (DROPS[[0, 0, 0]], "Each row is the one for black"),
        (DROPS + [[0, 0, 0], [0, 0, 0.1], [0, 0, 0]], "grey, pixel 3. Its term is 4 times"),
        (DROPS + [[0, 0.1, 0], [0, 0, 0.1], [0, 0, 0]], "2 of the nine are not right, first: black, pixel 2"),
    ],
    "show_one_window": [
        (alone, RIGHT),
        (lambda ask, image, window: by_hand(lambda x: -ask(image - x), image, window, window), RIGHT),
        (lambda ask, image, window: by_hand(ask, image, window, window), "what it costs to hide"),
        (lambda *given: alone(*given, base=0), "Take away what an empty picture gets"),
        (lambda ask, *given: alone(ask, *given).clip(-1, 0.99), "each brings 1"),
        (lambda ask, *given: alone(ask, *given) + 0.0002, "largest difference"),
    ],
    "choose_a_window": [
        ((20, 10), RIGHT),
        (np.array([17, 10]), RIGHT),
        ([21, 11.0], RIGHT),
        ((20, 4), "asks less often"),
        ((12, 9), "hardly moves"),
        ((40, 10), "smears"),
        ((20, 20), "let the windows overlap"),
        ((10, 20), "a stride from 1 to the window"),
        ((20.5, 10), "whole numbers"),
        ((0, 0), "a stride from 1"),
    ],
    "mend_occlusion": [
        (mended, RIGHT),
        (mended_by_the_package, RIGHT),
        (broken, "divided by the same number"),
        (lambda *given: broken(*given, same=True), "divided by the same number"),
        (lambda *given: broken(*given, count=True), "highest after hiding"),
        (lambda *given: mended(*given)[::-1], "largest difference"),
    ],
    "read_two_fills": [
        ("be", RIGHT),
        ({"E", "B"}, RIGHT),
        ("abe", "black on black"),
        ("bde", "no ink at the top left"),
        ("b", "one of two is enough"),
        ("e", "evidence"),
    ],
}
