import numpy as np
from galleries import Gallery

SOBEL = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])


def by_ends(layers):
    """The first and the last pixel that one place sees, found from the layer back to the picture."""
    fields = []
    for n in range(len(layers)):
        first = last = 0
        for size, stride in reversed(layers[: n + 1]):
            first, last = first * stride, last * stride + size - 1
        fields.append(last - first + 1)
    return fields


def by_neighbours(layers):
    sizes, strides = np.array(layers).T
    return 1 + np.cumsum((sizes - 1) * np.cumprod([1, *strides[:-1]]))


def too_early(layers):
    sizes, strides = np.array(layers).T
    return 1 + np.cumsum((sizes - 1) * np.cumprod(strides))


def strides_of_two(layers):
    return by_neighbours([(size, min(stride, 2)) for size, stride in layers])


def wide_strides(layers):
    return by_neighbours([(max(size, stride), stride) for size, stride in layers])


def last_stride(layers):
    strides = [1, *(stride for _, stride in layers)]
    return 1 + np.cumsum([(size - 1) * strides[i] for i, (size, _) in enumerate(layers)])


def emptied(layers):
    found = by_neighbours(layers)
    layers.clear()
    return found


def sizes(layers):
    return [size for size, _ in layers]


def lost(head, maps, target):
    found = []
    for unit in range(maps.shape[-1]):
        rest = maps.copy()
        rest[..., unit] = 0
        found.append(head(maps)[target] - head(rest)[target])
    return found


def at_once(head, maps, target):
    rest = maps * (1 - np.eye(maps.shape[-1]))[:, None, None]
    return (head(maps[None]) - head(rest))[:, target]


def kept(head, maps, target):
    return np.array([(head(maps) - head(maps * one))[target] for one in np.eye(maps.shape[-1])])


def stays_off(head, maps, target):
    rest, found = maps.copy(), []
    for unit in range(maps.shape[-1]):
        rest[..., unit] = 0
        found.append(head(maps)[target] - head(rest)[target])
    return found


def in_place(head, maps, target):
    before = head(maps)[target]
    maps[..., 0] = 0
    return [before - head(maps)[target]] * maps.shape[-1]


def scores_only(head, maps, target):
    return head(maps)[target] - np.array(lost(head, maps, target))


def by_value(model, image, target):
    """Halved at black and at white, and right nowhere else near them."""
    whole = slopes(model, image, target, halved=True)
    return whole * np.where(np.isin(image[..., 0], (0, 1)), 2, 1)


def slopes(model, image, target, step=0.01, probability=False, halved=False):
    found = np.zeros(image.shape[:2])
    for row, column in np.ndindex(found.shape):
        nudge = np.zeros_like(image)
        nudge[row, column] = step
        up, down = np.clip(image + nudge, 0, 1), np.clip(image - nudge, 0, 1)
        after, before = (model.predict if probability else model.scores)([up, down])[:, target]
        found[row, column] = (after - before) / (2 * step if halved else (up - down).sum())
    return found


def one_sided(model, image, target):
    """Towards the middle grey, which is always allowed."""
    step = np.where(image < 0.5, 0.02, -0.02)
    nudged = image + step.reshape(-1, 1, 1, 1) * np.eye(image.size).reshape(-1, *image.shape)
    change = model.scores(nudged)[:, target] - model.scores(image)[target]
    return change.reshape(image.shape[:2]) / step[..., 0]


def twice(model, image, target):
    return 2 * slopes(model, image, target)


GALLERY = {
    "design_a_filter": Gallery(
        right=[SOBEL, [[0, 0, 0], [-1.0, 0, 1], [0, 0, 0]], [[-2, 2, 0]] * 3, SOBEL / 4, [[-1, -1, 1]] * 3],
        wrong=[
            (-SOBEL, "Which side must count for"),
            (SOBEL.T, "Are rows and columns exchanged"),
            ([[-1, 2, -1]] * 3, "where bright turns into dark as well"),
            (np.ones((3, 3)), "sum to 9"),
            (np.zeros((3, 3)), "Which side must count for"),
            (0.1 * SOBEL, "too weakly"),
            (SOBEL + 0.01, "sum to 0.09"),
            ([[-1, 0, 1], [0, 0, 0], [0, 0, 1]], "sum to 1"),
            ([[-2, 0, 1], [0, 0, 0], [0, 0, 1]], "Where only some rows see"),
            ([[1, -2, 1], [-1, 2, -1], [1, -2, 1]], "bright turns into dark as well"),
            (SOBEL[None], "a batch of one"),
        ],
    ),
    "compute_receptive_fields": Gallery(
        right=[by_ends, by_neighbours],
        wrong=[
            (
                lambda layers: 1 + np.cumsum(sizes(layers)) - np.arange(1, len(layers) + 1),
                "The stride is not used",
            ),
            (too_early, "counts too early"),
            (lambda layers: np.cumprod(sizes(layers)), "sizes multiplied"),
            (lambda layers: np.cumprod([stride for _, stride in layers]), "how far apart neighbours are"),
            (lambda layers: np.cumsum(sizes(layers)), "sizes added up"),
            (lambda layers: np.diff([1, *by_ends(layers)]), "how much each layer adds"),
            (lambda layers: by_neighbours(layers) - 1, "It begins at 0"),
            (strides_of_two, "another network"),
            (emptied, "changed in place"),
            (wide_strides, "another network"),
            (last_stride, "Only the last stride"),
            (lambda layers: by_neighbours([(size + 1, stride) for size, stride in layers]), "by k − 1 steps"),
            (lambda layers: [*by_ends(layers)[:-1], 25], "at 6: yours 25, wanted 24"),
            (lambda layers: [3, 5, 6, 10, 14, 16, 24], "Yours is 7"),
            (lambda layers: by_ends(layers)[-1], "Yours is one number"),
            (lambda layers: [1, *by_ends(layers)], "Yours is 8"),
        ],
    ),
    "switch_units_off": Gallery(
        right=[lost, at_once],
        wrong=[
            (lambda head, maps, t: -at_once(head, maps, t), "The sign is turned round"),
            (scores_only, "scores without the units"),
            (stays_off, "must be switched off alone"),
            (kept, "and this one is kept"),
            (lambda head, maps, t: maps.max((0, 1)), "how bright each unit is"),
            (lambda head, maps, t: maps.mean((0, 1)), "on average"),
            (lambda head, maps, t: at_once(head, maps, 0), "the class with the largest score"),
            (
                lambda head, maps, t: at_once(head, maps, head(maps).argmax()),
                "the class with the largest score",
            ),
            (lambda head, maps, t: at_once(head, maps, 1), "class 1 again"),
            (
                lambda head, maps, t: head(maps)[t] - np.array(kept(head, maps, t)),
                "the score of each unit alone",
            ),
            (lambda head, maps, t: np.zeros(6), "largest difference"),
            (in_place, "changed in place"),
            (lambda head, maps, t: np.abs(at_once(head, maps, t)), "are these absolute values"),
            (lambda head, maps, t: at_once(head, maps, t) + 0.001, "largest difference"),
        ],
    ),
    "mend_slopes": Gallery(
        right=[slopes, one_sided, lambda model, image, t: model.gradient(image, t)[..., 0]],
        wrong=[
            (lambda *given: slopes(*given, probability=True, halved=True), "Nothing is mended yet"),
            (lambda *given: slopes(*given, probability=True), "These are slopes of the probability"),
            (lambda *given: slopes(*given, halved=True), "the slope is halved"),
            (twice, "the right one times 2"),
            (
                lambda model, image, t: slopes(model, image, model.scores(image).argmax()),
                "the class with the largest score",
            ),
            (lambda model, image, t: slopes(model, image, 1), "class 1 again"),
            (by_value, "largest difference is at 2"),
            (lambda *given: slopes(*given, step=0.5), "largest difference"),
            (lambda *given: -slopes(*given), "sign is turned round"),
            (lambda *given: slopes(*given).T, "rows and columns are exchanged"),
            (lambda *given: np.abs(slopes(*given)), "absolute values"),
            (lambda *given: slopes(*given) + 0.02, "largest difference"),
            (lambda model, image, t: model.gradient(image, t), "Take it away with [..., 0]"),
        ],
    ),
    "wake_a_unit": Gallery(
        right=[lambda w: w > 0, lambda w: np.heaviside(w, 0), lambda w: (np.sign(w) + 1) // 2],
        wrong=[
            (lambda w: (w - w.min()) / np.ptp(w), "more brightness would excite"),
            (lambda w: np.clip(w, 0, 1), "more brightness would excite"),
            (lambda w: np.maximum(w, 0) / max(w.max(), 1e-9), "more brightness would excite"),
            (lambda w: w, "between black and white"),
            (lambda w: np.sign(w), "between black and white"),
            (lambda w: np.ones_like(w), "takes something away"),
            (lambda w: np.zeros_like(w), "more brightness would excite"),
            (lambda w: w < 0, "takes something away"),
            (lambda w: w >= w.max() / 2, "a black page"),
            (lambda w: w > np.median(w), "a black page"),
            (lambda w: w > 0.01, "more brightness would excite"),
            (lambda w: np.clip(1000 * w, 0, 1), "more brightness would excite"),
            (lambda w: 0.99 * (w > 0), "more brightness would excite"),
        ],
    ),
    "tell_maps_from_slopes": Gallery(
        right=["be", {"E", "b"}, ["e", "b"], "b, e"],
        wrong=[
            ("b", "make 24 pixels"),
            ("e", "no digits"),
            ("abe", "the picture alone"),
            ("bce", "Switch the unit off"),
            ("bde", "a SMALL change"),
            ("ad", "no digits"),
        ],
    ),
}
