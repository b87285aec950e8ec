import numpy as np
from galleries import Gallery

import xaiteach as xt
from xaiteach_course.check.lesson_05.truth import beyond, inside, pushed_back, starts

DROPS = np.array([[0.6, -1.8, 2], [-0.9, -0.8, 0], [-2.4, 0.2, -2]])


def by_hand(
    ask,
    image,
    window,
    stride,
    rows=starts,
    columns=None,
    add=np.add,
    divide=True,
    drop=np.subtract,
    channels=None,
):
    total, windows = np.zeros(image.shape[:2]), np.zeros(image.shape[:2])
    for row in rows(image.shape[0], window, stride):
        for column in (columns or rows)(image.shape[1], window, stride):
            under = np.s_[row : row + window, column : column + window]
            covered = image.copy()
            covered[under][..., :channels] = 0
            total[under] = add(total[under], drop(ask(image[None])[0], ask(covered[None])[0]))
            windows[under] += 1
    return total / windows if divide is True else total / divide


def in_one_batch(ask, image, window, stride):
    rows, columns = np.indices(image.shape[:2])
    places = [
        (r, c) for r in starts(len(image), window, stride) for c in starts(image.shape[1], window, stride)
    ]
    masks = np.array(
        [(r <= rows) & (rows < r + window) & (c <= columns) & (columns < c + window) for r, c in places]
    )
    drops = ask(image[None]) - ask(np.where(masks[..., None], 0, image[None]))
    return np.einsum("n,nhw->hw", drops, masks) / masks.sum(axis=0)


def with_lists(ask, image, window, stride):
    return by_hand(lambda images: ask(list(images)), image, window, stride)


def height_for_both(ask, image, window, stride):
    return by_hand(ask, image, window, stride, columns=lambda _, *knobs: starts(len(image), *knobs))


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


def last(_, drop):
    return drop


def relative(before, after):
    return (before - after) / before


def alone(ask, image, window, base=0.0, channels=None):
    rises = np.zeros(image.shape[:2])
    for row in range(0, image.shape[0], window):
        for column in range(0, image.shape[1], window):
            under = np.s_[row : row + window, column : column + window]
            picture = np.zeros_like(image)
            picture[under][..., :channels] = image[under][..., :channels]
            rises[under] = ask(picture[None])[0] - base
    return rises


def alone_right(ask, image, window):
    return alone(ask, image, window, ask(0 * image[None])[0])


def alone_with_lists(ask, image, window):
    return alone_right(lambda images: ask(list(images)), image, window)


def alone_by_blocks(ask, image, window):
    h, w, _ = image.shape
    which = np.arange(h)[:, None] // window * (w // window) + np.arange(w) // window
    pictures = np.stack([np.where(which[..., None] == n, image, 0) for n in range(-1, which.max() + 1)])
    said = ask(pictures)
    return (said[1:] - said[0])[which]


def broken(predict, image, target, window, stride, same=False, count=False, square=False, channels=None):
    total, windows = np.zeros(image.shape[:2]), np.zeros(image.shape[:2])
    before = predict(image[None])[0, target]
    for row in range(0, image.shape[0] - window + 1, stride):
        for column in range(0, image.shape[0 if square else 1] - window + 1, stride):
            under = np.s_[row : row + window, column : column + window]
            covered = image.copy()
            covered[under][..., :channels] = 0
            after = predict(covered[None])[0]
            total[under] += before - (after[target] if same else after.max())
            windows[under] += 1
    return total / windows if count else total / (window // stride) ** 2


def mended(*given, **changes):
    return broken(*given, same=True, count=True, **changes)


def mended_by_the_package(predict, image, target, window, stride):
    model = xt.wrap(lambda images: predict(images), value_range=None)
    return xt.occlusion(model, image, target, window=window, stride=stride, progress=False)


GALLERY = {
    "build_occlusion": Gallery(
        right=[by_hand, in_one_batch, by_the_package, with_lists],
        wrong=[
            (lambda *given: by_hand(*given, divide=1), "gets the sum"),
            (lambda *given: by_hand(*given, divide=4), "the same number"),
            (lambda *given: by_hand(*given, divide=25 / 9), "the same number"),
            (lambda *given: by_hand(*given, add=last, divide=1), "last window only"),
            (lambda *given: by_hand(*given, rows=inside), "No window covers the last rows and columns"),
            (lambda *given: by_hand(*given, columns=inside), "No window covers the last columns"),
            (lambda *given: by_hand(*given, rows=inside, columns=starts), "No window covers the last rows. "),
            (height_for_both, "No window covers the last columns"),
            (lambda *given: np.nan_to_num(by_hand(*given, rows=inside)), "rows and columns are never hidden"),
            (
                lambda *given: np.nan_to_num(by_hand(*given, columns=inside)),
                "The last columns are never hidden",
            ),
            (lambda *given: by_hand(*given, rows=inside, divide=1), "their mean. The last rows and columns"),
            (lambda *given: by_hand(*given, channels=1), "Hide all channels"),
            (lambda ask, *given: by_hand(lambda images: ask(images[0]), *given), "image[None]"),
            (lambda *given: by_hand(*given, rows=beyond), "too many windows"),
            (lambda *given: by_hand(*given, columns=beyond), "too many windows in a row"),
            (lambda *given: by_hand(*given, rows=pushed_back), "pushed back"),
            (lambda *given: -by_hand(*given), "sign is turned round"),
            (lambda *given: np.maximum(by_hand(*given), 0), "negative values are missing"),
            (lambda *given: by_hand(*given, drop=relative), "A drop is a difference"),
            (lambda *given: by_hand(*given).T, "rows and columns are exchanged"),
            (lambda *given: by_hand(*given)[..., None], "one axis too many"),
            (lambda *given: np.zeros((10, 12)), "largest difference"),
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
            (DROPS[::-1], "another order"),
            (DROPS + [[0, 0, 0], [0, 0, 0.1], [0, 0, 0]], "grey, pixel 3. Its term is 4 times"),
            (
                DROPS + [[0, 0.1, 0], [0, 0, 0.1], [0, 0, 0]],
                "2 of the nine are not right, first: black, pixel 2",
            ),
            (np.zeros((3, 3)), "8 of the nine"),
        ],
    ),
    "show_one_window": Gallery(
        right=[alone_right, alone_by_blocks, alone_with_lists],
        wrong=[
            (lambda ask, image, window: by_hand(ask, image, window, window), "what it costs to hide"),
            (alone, "Take away what an empty picture gets"),
            (
                lambda ask, image, window: alone(ask, image, window, ask(image[None])[0]),
                "with the whole image",
            ),
            (
                lambda ask, *given: alone(ask, *given, ask(0 * given[0][None])[0], channels=1),
                "Copy all channels",
            ),
            (lambda ask, *given: alone_right(lambda images: ask(images[0]), *given), "image[None]"),
            (lambda *given: -alone_right(*given), "sign is turned round"),
            (lambda *given: np.maximum(alone_right(*given), 0), "negative values"),
            (lambda ask, image, window: 0 * image[..., 0], "largest difference"),
            (lambda ask, image, window: image[..., 0], "largest difference"),
            (lambda ask, image, window: alone_right(ask, image, window)[::window, ::window], "2×3"),
        ],
    ),
    "choose_a_window": Gallery(
        right=[(20, 10), np.array([17, 10]), [21, 11.0], (22, 8), (22, 11), (17, 9), (19, 11)],
        wrong=[
            ((20, 4), "asks less often"),
            ((12, 8), "hardly moves"),
            ((40, 10), "smears"),
            ((20, 20), "let the windows overlap"),
            ((1, 1), "asks less often"),
            ((16, 9), "the largest drop is at least 0.3"),
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
            (broken, "still divides by the same number"),
            (lambda *given: broken(*given, same=True), "still divides by the same number"),
            (lambda *given: broken(*given, count=True), "highest after hiding"),
            (lambda *given: mended(*given, square=True), "The last columns have no window"),
            (lambda *given: np.nan_to_num(mended(*given, square=True)), "largest difference"),
            (lambda *given: mended(*given, channels=1), "Hide all channels"),
            (lambda predict, *given: mended(lambda images: predict(images[0]), *given), "image[None]"),
            (lambda *given: mended(*given) * 1.01, "times 1.01"),
            (lambda predict, image, target, *knobs: mended(predict, image, 0, *knobs), "this is class 0"),
            (lambda predict, image, target, *knobs: mended(predict, image, 1, *knobs), "this is class 1"),
            (lambda predict, image, target, *knobs: mended(predict, image, -1, *knobs), "this is class 2"),
            (lambda *given: np.abs(mended(*given)), "sign is lost"),
            (lambda *given: np.maximum(mended(*given), 0), "negative values"),
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
