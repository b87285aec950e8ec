"""A map or a prediction in one line of rounded words and numbers."""

import numpy as np

from xaiteach.classifier.targets import class_index
from xaiteach.classifier.wrap import as_classifier

SHARE = 0.8


def describe(maps, name=None):
    """Where a map peaks, how concentrated it is, and what it sums to.

    Args:
        maps: (H, W), or (N, H, W) for a line each.
        name: words to begin with, or N of them.

    Returns:
        For example "peak at row 7, column 12; 80 % of the positive mass in 19 % of the pixels; sum −0.3".
        Rows and columns are counted from 0, as NumPy does; numbers are rounded, so that every machine prints
        the same.

    Raises:
        ValueError: for another shape, or values that are not finite.
    """
    maps = np.asarray(maps, dtype=float)
    if maps.ndim not in (2, 3) or 0 in maps.shape or not np.isfinite(maps).all():
        raise ValueError(f"Given shape {maps.shape}; want finite numbers, a map (H, W) or several (N, H, W).")
    lines = [_line(each) for each in maps.reshape(-1, *maps.shape[-2:])]
    if name is None:
        return "\n".join(lines)
    names = [name] * len(lines) if isinstance(name, str) else name
    return "\n".join(f"{name}: {line}" for name, line in zip(names, lines, strict=True))


def top_class(model, images, targets=None):
    """Class and probability of each image, for titles: "4 (98 %)"; "0 (3.2)" for one with a value.

    Args:
        model: a wrapped classifier or a bare model.
        images: (N, H, W, C), a list of images, or one image.
        targets: the classes to name, one or one an image; None for the predicted ones.

    Returns:
        A list of N strings; one string for one image.
    """
    classifier = as_classifier(model)
    probabilities = np.atleast_2d(classifier.predict(images))
    n, n_classes = probabilities.shape
    targets = probabilities.argmax(axis=1) if targets is None else np.broadcast_to(targets, n)
    names = classifier.class_names or range(n_classes)
    words = []
    for target, row in zip(targets, probabilities, strict=True):
        k = class_index(target, n_classes)
        words.append(class_in_words(names[k], row[k], classifier.settings["outputs"]))
    return words[0] if np.ndim(images[0]) == 2 else words


def class_in_words(name, answer, outputs=None):
    """A class and what the model says of it, see `answer_in_words`: "4 (98 %)"."""
    return f"{name} ({answer_in_words(answer, outputs)})"


def answer_in_words(answer, outputs=None):
    """A probability in per cent, never quite 0 or 1; the value of a model with outputs="value": "3.2"."""
    if outputs == "value":
        return rounded(answer, 3)
    return per_cent(np.clip(float(answer), 1e-9, 1 - 1e-9))


def adds_up(known):
    """What a method's details say of how much its map accounts for, for a badge: "adds up to 9.81 of 9.83".

    Args:
        known: a namespace with `accounts_for` and `difference`, numbers or (N,), as `details=True` gives it.

    Returns:
        A list of N strings; one string for one map.

    Raises:
        ValueError: where the method knows of no sum.
    """
    if not hasattr(known, "accounts_for"):
        raise ValueError(
            f"These details know {', '.join(vars(known))}, but no sum. Those of integrated_gradients, "
            "gradient_shap, grad_cam and hires_cam do."
        )
    words = []
    for part, whole in zip(np.ravel(known.accounts_for), np.ravel(known.difference), strict=True):
        words.append(f"adds up to {_like(part, whole)} of {_like(whole, whole)}")
    return words if np.ndim(known.accounts_for) else words[0]


def per_cent(share):
    """A share of 1 in whole per cent; "under 1 %" and "over 99 %" rather than a false 0 or 100."""
    if 0 < share < 0.01:
        return "under 1 %"
    return "over 99 %" if 0.99 < share < 1 else f"{100 * share:.0f} %"


def rounded(value, digits=2):
    """A number with two significant digits, and a real minus sign."""
    return f"{float(f'{value:.{digits}g}'):g}".replace("-", "−")


def _like(value, other):
    """A number with as many decimals as give `other` three significant digits, and a real minus sign."""
    magnitude = int(np.floor(np.log10(abs(other) or 1)))
    decimals = max(0, 2 - magnitude)
    return f"{value:.{decimals}f}".replace("-", "−")


def densest(strength, share=SHARE):
    """The fewest pixels that together hold `share` of a map that is not negative, as a mask of its shape."""
    order = np.argsort(-strength, axis=None, kind="stable")
    held = np.cumsum(strength.ravel()[order])
    wanted = share * held[-1] * (1 - 1e-6)  # rounding must not cost one more pixel
    count = 0 if held[-1] <= 0 else 1 + np.searchsorted(held, wanted)
    mask = np.zeros(strength.size, bool)
    mask[order[:count]] = True
    return mask.reshape(strength.shape)


def _line(map):
    if not map.any():
        return "all zeros"
    total = map.sum()
    is_rounding_error = abs(total) <= 1e-3 * abs(map).sum()
    return f"{_peak(map)}; sum {rounded(0 if is_rounding_error else total)}"


def _peak(map):
    positive = np.maximum(map, 0)
    if not positive.any():
        row, column = np.unravel_index(map.argmin(), map.shape)
        return f"nothing positive; lowest at row {row}, column {column}"
    row, column = np.unravel_index(map.argmax(), map.shape)
    area = per_cent(densest(positive).mean())
    mass = f"{per_cent(SHARE)} of the positive mass in {area} of the pixels"
    return f"peak at row {row}, column {column}; {mass}"
