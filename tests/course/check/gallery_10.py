import numpy as np
from galleries import RIGHT
from scipy.special import softmax

import xaiteach as xt
from xaiteach_course.check.lesson_10.truth import box_of, filled, middle

LUMINANCE = np.array([0.299, 0.587, 0.114])


def first(array):
    return np.moveaxis(array, -1, 0)


def by_moveaxis(photo, mean, deviation):
    return first((middle(photo) / 255 - mean) / deviation)


def by_channels(photo, mean, deviation):
    h, w = photo.shape[:2]
    s = min(h, w)
    square = photo[(h - s) // 2 :, (w - s) // 2 :][:s, :s].astype("float32")
    return [(square[..., i] / 255 - mean[i]) / deviation[i] for i in range(3)]


def pair(day):
    return np.stack([1 - day, day], axis=-1)


def grey(images):
    return 255 * images.mean(axis=-1)


def one_by_one(program, images):
    days = [program(grey(image)[None])[0] for image in images]
    return [(1 - day, day) for day in days]


def by_the_batch(program, images):
    return pair(program(grey(images) if len(images) > 1 else grey(images) / 2))


def chances(predict, colours, k):
    return predict(filled(colours))[:, k]


def by_loop(predict, colours, k):
    return [predict(np.ones((1, 96, 96, 3)) * colour)[0, k] for colour in colours]


def box(on):
    return box_of(on) if on.any() else np.zeros(4)


def above(cam, share):
    return (cam > share * cam.max()) & (cam > 0)


def boxed(cam, share):
    return box(above(cam, share))


def box_by_loops(cam, share):
    found = [(i, j) for i, j in np.ndindex(cam.shape) if cam[i, j] > share * cam.max() and cam[i, j] > 0]
    if not found:
        return [0.0, 0.0, 0.0, 0.0]
    i, j = zip(*found, strict=True)
    return [min(i), min(j), 1 + max(i), 1 + max(j)]


def stretched(images):
    low, high = images.min(), images.max()
    return 2 * (images - low) / (high - low) - 1


GALLERY = {
    "prepare_a_photo": [
        (by_moveaxis, RIGHT),
        (by_channels, RIGHT),
        (lambda p, m, d: ((middle(p) / 255 - m) / d).reshape(3, len(middle(p)), -1), "a weave"),
        (lambda p, m, d: ((middle(p) / 255 - m) / d).T, ".T turns all axes round"),
        (lambda p, m, d: (middle(p) / 255 - m) / d, "axes are in another order"),
        (lambda p, m, d: first((middle(p) - m) / d), "not divided by 255"),
        (lambda p, m, d: by_moveaxis(p * (255 / p.max()), m, d), "whatever the brightest value"),
        (lambda p, m, d: by_moveaxis(p[:8, :8], m, d), "upper left corner"),
        (lambda p, m, d: by_moveaxis(p, m, d) + 0.001, "largest difference"),
    ],
    "wrap_a_program": [
        (lambda program, x: pair(program(grey(x))), RIGHT),
        (one_by_one, RIGHT),
        (lambda program, x: pair(program(grey(x)))[:, ::-1], "Night and day are exchanged"),
        (lambda program, x: pair(program(x.mean(-1))), "values from 0 to 1"),
        (lambda program, x: pair(program(grey(x).astype(np.uint8))), "cut to whole numbers"),
        (lambda program, x: pair(program(255 * x @ LUMINANCE)), "luminance"),
        (lambda program, x: softmax(pair(program(grey(x))), axis=1), "softmax too many"),
        (lambda program, x: pair(program(255 * x)), "wants grey pictures"),
        (by_the_batch, "other pictures of the batch"),
        (lambda program, x: pair(program(grey(x).round())), "largest difference"),
    ],
    "weigh_fills": [
        (chances, RIGHT),
        (by_loop, RIGHT),
        (lambda predict, colours, k: predict(filled(colours)).max(axis=1), "looks most like"),
        (lambda predict, colours, k: chances(predict, colours / 255, k), "don't divide"),
        (lambda predict, colours, k: predict(filled(colours)[:, :1]), "wants pictures (N, 96, 96, 3)"),
        (lambda predict, colours, k: chances(predict, colours, 0), "Does the answer depend"),
        (lambda predict, colours, k: chances(predict, colours, k) + 0.001, "largest difference"),
    ],
    "box_a_map": [
        (boxed, RIGHT),
        (box_by_loops, RIGHT),
        (lambda cam, share: boxed(cam, share) - [0, 0, 1, 1], "just outside"),
        (lambda cam, share: boxed(cam, share)[[1, 0, 3, 2]], "Columns come first"),
        (lambda cam, share: boxed(cam, share) - [0, 0, *boxed(cam, share)[:2]], "height and width"),
        (lambda cam, share: box((cam >= share * cam.max()) & (cam > 0)), "is not above it"),
        (lambda cam, share: boxed(cam, 0.4), "Does it depend on the share"),
        (lambda cam, share: boxed(cam, 0.5), "Does it depend on the share"),
        (lambda cam, share: box(cam > share), "not a value"),
        (lambda cam, share: xt.localise(cam, threshold=share).box, "largest piece alone"),
        (lambda cam, share: box(above(cam, share) & (cam > 0.01)), "the box of one pixel"),
        (lambda cam, share: boxed(cam, share) if cam.max() > 0 else (0, 0, 7, 9), "Nothing in it speaks"),
        (lambda cam, share: boxed(cam, share) + [0, 0, 0, 1], "largest difference"),
    ],
    "mend_wrapping": [
        (lambda network, x: network(2 * x - 1), RIGHT),
        (lambda network, x: [network(2 * (image[None] - 0.5))[0] for image in x], RIGHT),
        (lambda network, x: softmax(network(stretched(x)), axis=1), "Nothing is mended yet"),
        (lambda network, x: softmax(network(2 * x - 1), axis=1), "softmax too many"),
        (lambda network, x: network(stretched(x)), "pixel of the whole batch"),
        (lambda network, x: network([stretched(image) for image in x]), "a dark picture is dark no more"),
        (lambda network, x: network(x), "The network wants −1 to 1"),
        (lambda network, x: network(2 * x - 1 if len(x) > 1 else x), "taken from the whole batch"),
        (lambda network, x: network(2 * x - 1) + 0.001, "largest difference"),
    ],
    "read_a_report": [
        ("bc", RIGHT),
        (["C", "B"], RIGHT),
        ("abc", "sha256"),
        ("c", "narrow and high"),
        ("b", "preprocess of 0.5"),
        ("bcd", "Change one thing at a time"),
        ("bce", "numbers that the network got"),
    ],
}
