from math import ceil

import numpy as np
from galleries import Gallery

import xaiteach as xt

DROPS = np.array([[0.6, -1.8, 2], [-0.9, -0.8, 0], [-2.4, 0.2, -2]])


def starts(side, window, stride):
    return [i * stride for i in range(ceil((side - window) / stride) + 1)]


def by_hand(ask, image, window, stride, starts=starts, add=np.add, divide=True, drop=np.subtract):
    total, windows = np.zeros(image.shape[:2]), np.zeros(image.shape[:2])
    for row in starts(image.shape[0], window, stride):
        for column in starts(image.shape[1], window, stride):
            under = np.s_[row : row + window, column : column + window]
            covered = image.copy()
            covered[under] = 0
            total[under] = add(total[under], drop(ask(image[None])[0], ask(covered[None])[0]))
            windows[under] += 1
    return total / windows if divide is True else total / divide


def in_one_batch(ask, image, window, stride):
    rows, columns = np.indices(image.shape[:2])
    places = [(r, c) for r in starts(len(image), window, stride) for c in starts(image.shape[1], window, stride)]
    masks = np.array([(r <= rows) & (rows < r + window) & (c <= columns) & (columns < c + window) for r, c in places])
    drops = ask(image[None]) - ask(np.where(masks[..., None], 0, image[None]))
    return np.einsum("n,nhw->hw", drops, masks) / masks.sum(axis=0)


def by_the_package(ask, image, window, stride):
    model = xt.wrap(lambda images: ask(images)[:, None], outputs="scores", value_range=None)
    return xt.occlusion(model, image, 0, window=window, stride=stride, of="score", progress=False)


def in_place(ask, image, window, stride):
    before, total, windows = ask(image[None])[0], np.zeros(image.shape[:2]), np.zeros(image.shape[:2])
    for row in starts(image.shape[0], window, stride):
        for column in starts(image.shape[1], window, stride):
            under = np.s_[row : row + window, column : column + window]
            image[under] = 0
            total[under] += before - ask(image[None])[0]
            windows[under] += 1
    return total / windows


def inside(side, window, stride):
    return range(0, side - window + 1, stride)


def beyond(side, window, stride):
    return range(0, side, stride)


def pushed_back(side, window, stride):
    return [min(start, side - window) for start in starts(side, window, stride)]


def last(_, drop):
    return drop


def relative(before, after):
    return (before - after) / before


def alone(ask, image, window, base=0.0):
    rises = np.zeros(image.shape[:2])
    for row in range(0, image.shape[0], window):
        for column in range(0, image.shape[1], window):
            under = np.s_[row : row + window, column : column + window]
            picture = np.zeros_like(image)
            picture[under] = image[under]
            rises[under] = ask(picture[None])[0] - base
    return rises


def alone_right(ask, image, window):
    return alone(ask, image, window, ask(0 * image[None])[0])


def alone_by_blocks(ask, image, window):
    h, w, _ = image.shape
    which = np.arange(h)[:, None] // window * (w // window) + np.arange(w) // window
    pictures = np.stack([np.where(which[..., None] == n, image, 0) for n in range(-1, which.max() + 1)])
    said = ask(pictures)
    return (said[1:] - said[0])[which]


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


def mended(predict, image, target, window, stride):
    return broken(predict, image, target, window, stride, same=True, count=True)


def mended_by_the_package(predict, image, target, window, stride):
    model = xt.wrap(lambda images: predict(images), value_range=None)
    return xt.occlusion(model, image, target, window=window, stride=stride, progress=False)


GALLERY = {
    "build_occlusion": Gallery(
        right=[by_hand, in_one_batch, by_the_package],
        wrong=[
            (lambda *given: by_hand(*given, divide=1), "gets the sum"),
            (lambda *given: by_hand(*given, divide=4), "the same number"),
            (lambda *given: by_hand(*given, add=last, divide=1), "last window only"),
            (lambda *given: by_hand(*given, starts=inside), "divided by 0"),
            (lambda *given: np.nan_to_num(by_hand(*given, starts=inside)), "never hidden"),
            (lambda *given: by_hand(*given, starts=beyond), "windows too many"),
            (lambda *given: by_hand(*given, starts=pushed_back), "pushed back"),
            (lambda *given: -by_hand(*given), "sign is turned round"),
            (lambda *given: np.maximum(by_hand(*given), 0), "negative values are missing"),
            (lambda *given: by_hand(*given, drop=relative), "A drop is a difference"),
            (lambda *given: by_hand(*given).T, "rows and columns are exchanged"),
            (lambda *given: by_hand(*given)[..., None], "last axis"),
            (lambda *given: np.zeros((8, 10)), "largest difference"),
            (in_place, "changed in place"),
            (lambda ask, image, *knobs: in_place(ask, image.copy(), *knobs), "largest difference"),
            (lambda ask, image, window, stride: by_hand(ask, image, window, window), "largest difference"),
        ],
    ),
    "work_out_fills": Gallery(
        right=[DROPS, DROPS.tolist(), DROPS + 0.004],
        wrong=[
            (0.8 - DROPS, "the answer before less the answer after"),
            (DROPS[[0, 0, 0]], "Each row is the one for black"),
            (DROPS.T, "rows and columns"),
            (-DROPS, "sign is turned round"),
            (DROPS / [3, -2, 4], "The weights are missing"),
            (-np.outer([0, 0.5, 1], [3, -2, 4]), "takes its place"),
            (np.abs(DROPS), "sign is lost"),
            (DROPS[::-1], "largest difference"),
            (DROPS + [[0, 0, 0], [0, 0, 0.1], [0, 0, 0]], "wanted 0"),
            (np.zeros((3, 3)), "largest difference"),
        ],
    ),
    "show_one_window": Gallery(
        right=[alone_right, alone_by_blocks],
        wrong=[
            (lambda ask, image, window: by_hand(ask, image, window, window), "what it costs to hide"),
            (alone, "Take away what an empty picture gets"),
            (lambda ask, image, window: alone(ask, image, window, ask(image[None])[0]), "with the whole image"),
            (lambda *given: -alone_right(*given), "sign is turned round"),
            (lambda *given: np.maximum(alone_right(*given), 0), "negative values"),
            (lambda ask, image, window: 0 * image[..., 0], "largest difference"),
            (lambda ask, image, window: image[..., 0], "largest difference"),
            (lambda ask, image, window: alone_right(ask, image, window)[::window, ::window], "2×3"),
        ],
    ),
    "choose_a_window": Gallery(
        right=[(20, 10), np.array([17, 10]), [21, 11.0]],
        wrong=[
            ((20, 4), "asks less often"),
            ((12, 8), "hardly moves"),
            ((40, 10), "smears"),
            ((20, 20), "let the windows overlap"),
            ((1, 1), "asks less often"),
            ((120, 120), "smears"),
            ((10, 20), "a stride from 1 to the window"),
            ((20.5, 10), "whole numbers"),
            ((0, 0), "a stride from 1"),
            ((-4, -8), "a stride from 1"),
            (20, "Yours is one number"),
        ],
    ),
    "mend_occlusion": Gallery(
        right=[mended, mended_by_the_package],
        wrong=[
            (broken, "Nothing is mended yet"),
            (lambda *given: broken(*given, same=True), "divides by 4"),
            (lambda *given: broken(*given, count=True), "highest after hiding"),
            (lambda *given: broken(*given, same=True, count=True) * 1.01, "largest difference"),
            (lambda predict, image, target, *knobs: mended(predict, image, 0, *knobs), "changes its mind"),
            (lambda *given: np.abs(mended(*given)), "sign is lost"),
            (lambda *given: mended(*given)[::-1], "largest difference"),
            (lambda *given: 0 * mended(*given), "a white page"),
        ],
    ),
    "read_two_fills": Gallery(
        right=["be", {"E", "B"}, ("e", "b")],
        wrong=[
            ("abe", "black on black"),
            ("bce", "separate experiments"),
            ("bde", "no ink at the top left"),
            ("b", "one of two is enough"),
            ("e", "evidence"),
        ],
    ),
}
