import numpy as np
from galleries import Gallery
from scipy.special import softmax

import xaiteach as xt

LUMINANCE = np.array([0.299, 0.587, 0.114])


def cut(photo):
    h, w = photo.shape[:2]
    s = min(h, w)
    return photo[(h - s) // 2 :, (w - s) // 2 :][:s, :s]


def by_moveaxis(photo, mean, deviation):
    return np.moveaxis((cut(photo) / 255 - mean) / deviation, -1, 0)


def by_channels(photo, mean, deviation):
    planes = cut(photo).astype("float32").transpose(2, 0, 1)
    return [(plane / 255 - m) / d for plane, m, d in zip(planes, mean, deviation, strict=True)]


def normalised(photo, mean, deviation):
    return (cut(photo) / 255 - mean) / deviation


def first(array):
    return np.moveaxis(array, -1, 0)


def corner(photo, mean, deviation):
    s = min(photo.shape[:2])
    return by_moveaxis(photo[:s, :s], mean, deviation)


def far_corner(photo, mean, deviation):
    s = min(photo.shape[:2])
    return by_moveaxis(photo[-s:, -s:], mean, deviation)


def halves_apart(photo, mean, deviation):
    h, w = photo.shape[:2]
    s = min(h, w)
    return by_moveaxis(photo[h // 2 - s // 2 :, w // 2 - s // 2 :][:s, :s], mean, deviation)


def halves_up(photo, mean, deviation):
    h, w = photo.shape[:2]
    s = min(h, w)
    return by_moveaxis(photo[(h - s + 1) // 2 :, (w - s + 1) // 2 :][:s, :s], mean, deviation)


def in_place(photo, mean, deviation):
    mean *= 255
    return first((cut(photo) - mean) / deviation / 255)


def pair(day):
    return np.stack([1 - day, day], axis=-1)


def one_by_one(program, images):
    days = [program(255 * image.mean(-1)[None])[0] for image in images]
    return [(1 - day, day) for day in days]


def whole_numbers(program, images):
    return pair(program((255 * images.mean(axis=3)).round()))


def clipped(program, images):
    return pair(program(255 * images.mean(axis=3)).clip(0.01, 0.99))


def bytes_of(program, images):
    return pair(program((255 * images.mean(axis=3)).astype(np.uint8)))


def night_of_negatives(program, images):
    grey = 255 * images.mean(axis=3)
    return np.stack([program(255 - grey), program(grey)], axis=-1)


def by_the_batch(program, images):
    grey = 255 * images.mean(axis=3)
    return pair(program(grey if len(images) > 1 else grey - grey.mean()))


def stretched_by_all(program, images):
    return pair(program(255 * images.mean(axis=-1) / images.mean(axis=-1).max()))


def full(colours, side=96):
    return np.broadcast_to(np.asarray(colours)[:, None, None], (len(colours), side, side, 3))


def by_loop(predict, colours, k):
    answer = []
    for colour in colours:
        picture = np.zeros((1, 96, 96, 3))
        picture[:] = colour
        answer.append(predict(picture)[0, k])
    return answer


def of_a_side(side):
    return lambda predict, colours, k: predict(full(colours, side))[:, k]


def only_two(predict, colours, k):
    return predict(full(colours))[:, 1]


def box(on):
    if not on.any():
        return 0, 0, 0, 0
    rows, columns = np.where(on)
    return rows.min(), columns.min(), rows.max() + 1, columns.max() + 1


def box_by_loops(cam, threshold):
    found = [(i, j) for i, j in np.ndindex(cam.shape) if cam[i, j] > threshold * cam.max() and cam[i, j] > 0]
    if not found:
        return [0.0, 0.0, 0.0, 0.0]
    i, j = zip(*found, strict=True)
    return [min(i), min(j), 1 + max(i), 1 + max(j)]


def above(cam, threshold):
    return (cam > threshold * cam.max()) & (cam > 0)


def order(*places):
    return lambda cam, threshold: np.array(box(above(cam, threshold)))[list(places)]


def shortest(cam, threshold):
    top, left, bottom, right = box(above(cam, threshold))
    return top, left, bottom - top, right - left


def by_reading_order(cam, threshold):
    pixels = np.argwhere(above(cam, threshold))
    return (0, 0, 0, 0) if not len(pixels) else (*pixels[0], *pixels[-1] + 1)


def inside_the_map(cam, threshold):
    height, width = cam.shape
    return np.minimum(box(above(cam, threshold)), (height, width, height - 1, width - 1))


def always(share):
    return lambda cam, _: box(above(cam, share))


def largest_piece(cam, threshold):
    return xt.localise(cam, threshold=threshold).box or (0, 0, 0, 0)


def no_care(cam, threshold):
    rows, columns = np.where(cam > threshold * cam.max())
    return rows.min(), columns.min(), rows.max() + 1, columns.max() + 1


def unscaled(images):
    low, high = images.min(), images.max()
    return 2 * (images - low) / (high - low) - 1


def each_unscaled(images):
    return np.stack([unscaled(image) for image in images])


def broken(network, images):
    return softmax(network(unscaled(images)), axis=1)


GALLERY = {
    "prepare_a_photo": Gallery(
        right=[by_moveaxis, by_channels],
        wrong=[
            (lambda p, m, d: normalised(p, m, d).reshape(3, len(cut(p)), -1), "a weave of the picture"),
            (lambda p, m, d: normalised(p, m, d).T, ".T turns all axes round"),
            (normalised, "axes are in another order"),
            (lambda p, m, d: first((cut(p) - m) / d), "not divided by 255"),
            (lambda p, m, d: first(cut(p) / 255), "not used"),
            (lambda p, m, d: first(cut(p) / 255 / d), "mean is not taken off"),
            (lambda p, m, d: first(cut(p) / 255 - m), "not divided by the deviation"),
            (lambda p, m, d: first((cut(p) / 255 - m) * d), "largest difference"),
            (lambda p, m, d: first(cut(p) / 255 - m / d), "mind the brackets"),
            (lambda p, m, d: by_moveaxis(p, d, m), "Mean and deviation are exchanged"),
            (lambda p, m, d: by_moveaxis(p[..., ::-1], m, d), "Red and blue"),
            (corner, "upper left corner"),
            (far_corner, "lower right corner"),
            (halves_up, "one row or column too late"),
            (halves_apart, "one row or column too late"),
            (lambda p, m, d: by_moveaxis(p * (255 / p.max()), m, d), "whatever the brightest value"),
            (lambda p, m, d: first((p / 255 - m) / d), "Yours is 3×8×13"),
            (in_place, "changed in place"),
            (lambda p, m, d: by_moveaxis(p, m, d) + 0.001, "largest difference"),
            (lambda p, m, d: by_moveaxis(p // 255, m, d), "largest difference"),
        ],
    ),
    "wrap_a_program": Gallery(
        right=[lambda program, x: pair(program(x.mean(-1) * 255)), one_by_one],
        wrong=[
            (lambda program, x: pair(program(x.mean(-1) * 255))[:, ::-1], "Night and day are exchanged"),
            (lambda program, x: pair(program(x.mean(-1))), "values from 0 to 1"),
            (lambda program, x: pair(program(255 * x.sum(-1))), "colours are added up"),
            (lambda program, x: pair(program(255 * x @ LUMINANCE)), "luminance"),
            (lambda program, x: pair(program(255 * x[..., 0])), "largest difference"),
            (lambda program, x: np.stack([program(255 * x.mean(-1))] * 2, -1), "Both columns"),
            (lambda program, x: softmax(pair(program(255 * x.mean(-1))), axis=1), "softmax too many"),
            (lambda program, x: program(255 * x.mean(-1)), "Yours is 5."),
            (lambda program, x: pair(program(255 * x)), "wants grey pictures"),
            (stretched_by_all, "largest difference"),
            (whole_numbers, "values are rounded"),
            (bytes_of, "cut to whole numbers"),
            (lambda program, x: pair(program(256 * x.mean(-1))), "White is 255"),
            (clipped, "largest difference"),
            (night_of_negatives, "negative of the picture"),
            (by_the_batch, "other pictures of the batch"),
            (lambda program, x: np.full((len(x), 2), 0.5), "largest difference"),
        ],
    ),
    "weigh_fills": Gallery(
        right=[lambda predict, colours, k: predict(full(colours))[:, k], by_loop],
        wrong=[
            (lambda predict, colours, k: predict(full(colours)).max(axis=1), "looks most like"),
            (lambda predict, colours, k: predict(full(colours)).argmax(axis=1), "classes, not probabilities"),
            (lambda predict, colours, k: 1 - predict(full(colours))[:, k], "all the other classes"),
            (lambda predict, colours, k: predict(full(colours[:, ::-1]))[:, k], "Red and blue"),
            (lambda predict, colours, k: predict(full(255 * colours))[:, k], "values up to"),
            (lambda predict, colours, k: predict(full(colours / 255))[:, k], "don't divide"),
            (lambda predict, colours, k: predict(full(colours.mean(1, keepdims=True)))[:, k], "is grey"),
            (lambda predict, colours, k: predict(full(colours)), "Yours is 6×4"),
            (lambda predict, colours, k: predict(colours)[:, k], "predict got shape"),
            (lambda predict, colours, k: predict(full(colours))[:, k] + 0.001, "largest difference"),
            (lambda predict, colours, k: np.zeros(len(colours)), "largest difference"),
            (lambda predict, colours, k: by_loop(predict, colours, 0 * k), "Does the answer depend"),
            (only_two, "largest difference"),
            (of_a_side(1), "wants pictures (N, 96, 96, 3)"),
            (of_a_side(28), "wants pictures (N, 96, 96, 3)"),
            (lambda predict, colours, k: 1.05 * predict(full(colours))[:, k], "times 1.05"),
        ],
    ),
    "box_a_map": Gallery(
        right=[lambda cam, threshold: box(above(cam, threshold)), box_by_loops],
        wrong=[
            (lambda cam, share: np.array(box(above(cam, share))) - [0, 0, 1, 1], "just outside"),
            (order(1, 0, 3, 2), "Columns come first"),
            (order(0, 2, 1, 3), "in pairs"),
            (shortest, "height and width"),
            (lambda cam, share: box(cam > share), "taken as a value"),
            (largest_piece, "largest piece alone"),
            (lambda cam, share: box(abs(cam) > share * cam.max()), "strongly negative is in the box"),
            (lambda cam, share: box(cam > cam.min() + share * np.ptp(cam)), "from the smallest value"),
            (no_care, "It raised"),
            (lambda cam, share: above(cam, share), "Yours is 13×21"),
            (lambda cam, share: (0, 0, *cam.shape), "This is the whole map"),
            (lambda cam, share: box(cam > np.quantile(cam, share)), "no quantile"),
            (lambda cam, share: box((cam >= share * cam.max()) & (cam > 0)), "is not above it"),
            (always(0.4), "Does it depend on the share"),
            (always(0.5), "Does it depend on the share"),
            (by_reading_order, "row by row"),
            (inside_the_map, "Just outside of it are H and W"),
            (lambda cam, share: np.array(box(above(cam, share))) + [0, 0, 0, 1], "largest difference"),
        ],
    ),
    "mend_wrapping": Gallery(
        right=[
            lambda network, x: network(2 * x - 1),
            lambda network, x: [network(2 * (i[None] - 0.5))[0] for i in x],
        ],
        wrong=[
            (broken, "Nothing is mended yet"),
            (lambda network, x: softmax(network(2 * x - 1), axis=1), "softmax of a softmax"),
            (lambda network, x: network(unscaled(x)), "the whole batch"),
            (lambda network, x: network(each_unscaled(x)), "a dark picture is dark no more"),
            (
                lambda network, x: softmax(network(each_unscaled(x)), axis=1),
                "And there is a softmax of a softmax",
            ),
            (lambda network, x: network(x), "The network wants −1 to 1"),
            (lambda network, x: network(2 * x / 255 - 1), "largest difference"),
            (lambda network, x: network(2 * x - 1) + 0.001, "largest difference"),
            (lambda network, x: np.full((len(x), 4), 0.25), "largest difference"),
        ],
    ),
    "read_a_report": Gallery(
        right=["bc", ["C", "B"], {"b", "c"}],
        wrong=[
            ("abc", "sha256"),
            ("c", "narrow and high"),
            ("b", "preprocess of 0.5"),
            ("bcd", "Change one thing at a time"),
            ("bce", "numbers that the network got"),
            ("ac", "narrow and high"),
            ("", "At least one"),
        ],
    ),
}
