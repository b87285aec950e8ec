import numpy as np
from galleries import RIGHT

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


def fields(layers, less=1, early=False):
    sizes, strides = np.array(layers).T
    jumps = np.cumprod(strides) if early else np.cumprod([1, *strides[:-1]])
    return 1 + np.cumsum((sizes - less) * jumps)


def last_stride(layers):
    strides = [1, *(stride for _, stride in layers)]
    return 1 + np.cumsum([(size - 1) * strides[i] for i, (size, _) in enumerate(layers)])


def lost(head, maps, target, stays_off=False):
    found, rest = [], maps.copy()
    for unit in range(maps.shape[-1]):
        rest = rest if stays_off else maps.copy()
        rest[..., unit] = 0
        found.append(head(maps)[target] - head(rest)[target])
    return np.array(found)


def at_once(head, maps, target):
    rest = maps * (1 - np.eye(maps.shape[-1]))[:, None, None]
    return (head(maps[None]) - head(rest))[:, target]


def slopes(model, image, target, probability=False, halved=False):
    found = np.zeros(image.shape[:2])
    for row, column in np.ndindex(found.shape):
        nudge = np.zeros_like(image)
        nudge[row, column] = 0.01
        up, down = np.clip(image + nudge, 0, 1), np.clip(image - nudge, 0, 1)
        after, before = (model.predict if probability else model.scores)([up, down])[:, target]
        found[row, column] = (after - before) / (0.02 if halved else (up - down).sum())
    return found


def by_value(model, image, target):
    """Doubled at black and at white, where it was halved, and still wrong near them."""
    halved = slopes(model, image, target, halved=True)
    return halved * np.where(np.isin(image[..., 0], (0, 1)), 2, 1)


GALLERY = {
    "design_a_filter": [
        (SOBEL, RIGHT),
        ([[0, 0, 0], [-1.0, 0, 1], [0, 0, 0]], RIGHT),
        ([[-2, 2, 0]] * 3, RIGHT),
        (SOBEL / 4, RIGHT),
        (-SOBEL, "Which side must count for"),
        (SOBEL.T, "Are rows and columns exchanged"),
        ([[-1, 2, -1]] * 3, "where bright turns into dark"),
        (SOBEL + 0.01, "sum to 0.09"),
        ([[-2, 0, 1], [0, 0, 0], [0, 0, 1]], "Some of its rows"),
    ],
    "compute_receptive_fields": [
        (by_ends, RIGHT),
        (fields, RIGHT),
        (lambda layers: fields([(size, 1) for size, _ in layers]), "The stride is not used"),
        (last_stride, "Only the last stride"),
        (lambda layers: fields(layers, less=0), "by k − 1 steps"),
        (lambda layers: fields(layers, early=True), "counts too early"),
        (lambda layers: fields([(max(pair), pair[1]) for pair in layers]), "another network"),
        (lambda layers: [*by_ends(layers)[:-1], 25], "at 6: yours 25, wanted 24"),
    ],
    "switch_units_off": [
        (lost, RIGHT),
        (at_once, RIGHT),
        (lambda head, maps, t: head(maps)[t] - lost(head, maps, t), "scores without the units"),
        (lambda head, maps, t: lost(head, maps, t, stays_off=True), "must be switched off alone"),
        (lambda head, maps, t: lost(head, maps, 1), "class 1 again"),
        (lambda head, maps, t: lost(head, maps, t) + 0.001, "largest difference"),
    ],
    "mend_slopes": [
        (slopes, RIGHT),
        (lambda model, image, t: model.gradient(image, t)[..., 0], RIGHT),
        (lambda *given: slopes(*given, probability=True, halved=True), "Nothing is mended yet"),
        (lambda *given: slopes(*given, probability=True), "These are slopes of the probability"),
        (lambda *given: slopes(*given, halved=True), "the slope is halved"),
        (by_value, "largest difference is at 2"),
        (lambda *given: slopes(*given) + 0.02, "largest difference"),
    ],
    "wake_a_unit": [
        (lambda w: w > 0, RIGHT),
        (lambda w: (np.sign(w) + 1) // 2, RIGHT),
        (lambda w: (w - w.min()) / np.ptp(w), "more brightness would excite"),
        (lambda w: w, "between black and white"),
        (lambda w: w < 0, "takes something away"),
        (lambda w: 0.99 * (w > 0), "more brightness would excite"),
        (lambda w: w > 0 if w.max() > 0 else w == w.max(), "a black page"),
    ],
    "tell_maps_from_slopes": [
        ("be", RIGHT),
        ({"E", "b"}, RIGHT),
        ("b", "make 24 pixels"),
        ("e", "no digits"),
        ("bce", "Switch the unit off"),
        ("bde", "a SMALL change"),
    ],
}
