"""Occlusion written out pixel by pixel, and models whose maps are known: what answers of lesson 05 are held against.

`ask` is a function from images (N, H, W, C) to one number an image.
"""

from functools import cache
from math import ceil
from statistics import fmean

import numpy as np

import xaiteach as xt
from xaiteach_course.check.numpy_models import of_images

PICTURE = np.arange(16.0).reshape(4, 4, 1)
MAP = np.array([[7, 8, 6.5, 4], [15.5, 20.75, 22.25, 18.5], [30, 39.25, 44.25, 40], [36, 45, 50.5, 47]])
EYES_FOR_CERTAIN = 500


@of_images
def ask_on_paper(images):
    """The model of lesson 05 with a known answer: `MAP` is its occlusion with windows of 2×2 and stride 1."""
    sums = np.lib.stride_tricks.sliding_window_view(images[..., 0], (3, 3), axis=(1, 2)).sum(axis=(3, 4))
    first, second = np.maximum(sums - 50, 0), np.maximum(sums - 75, 0)
    return (first - second).sum(axis=(1, 2)) + 2 * second[:, 0, 0]


def _for_class_1(yes):
    """Probabilities of three classes, the second of them `yes`."""
    return np.stack([0.9 * (1 - yes), yes, 0.1 * (1 - yes)], axis=1)


@of_images
def brightness(images):
    """Three probabilities; the second is the mean of all pixels."""
    return _for_class_1(images.mean(axis=(1, 2, 3)))


@of_images
def first_pixel(images):
    """Three probabilities; the second is the pixel at the top left."""
    return _for_class_1(images[:, 0, 0, 0])


@of_images
def either_pixel(images):
    """1 where any pixel is 1."""
    return np.minimum(1, images.sum(axis=(1, 2, 3)))


@of_images
def difference(images):
    """The first pixel of a row less the second."""
    return images[:, 0, 0, 0] - images[:, 0, 1, 0]


def starts(side, window, stride):
    """Where windows begin: the last one is the first that reaches the border, and is cut off there."""
    return [i * stride for i in range(ceil((side - window) / stride) + 1)]


def inside(side, window, stride):
    """Windows that lie in the picture as a whole: the last pixels may have none."""
    return range(0, side - window + 1, stride)


def beyond(side, window, stride):
    """Windows as long as any pixel is left, however many have reached the border."""
    return range(0, side, stride)


def pushed_back(side, window, stride):
    """The last window moved back into the picture."""
    return [min(start, side - window) for start in starts(side, window, stride)]


def occlude(ask, image, window, stride, *, mean=fmean, rows=starts, columns=None, kept=False, channels=None):
    """The map (H, W).

    Args:
        mean: what a pixel gets of the drops of its windows; without a window it gets 0.
        rows, columns: where windows begin, functions of side, window and stride; `columns` are as `rows` if not given.
        kept: show the window alone, and take the rise over an empty picture.
        channels: how many of the channels are hidden, or shown; None for all.
    """
    base = np.zeros_like(image) if kept else image
    before, found = ask(base[None])[0], np.frompyfunc(lambda _: [], 1, 1)(np.zeros(image.shape[:2]))
    for row in rows(image.shape[0], window, stride):
        for column in (columns or rows)(image.shape[1], window, stride):
            picture, under = base.copy(), np.s_[row : row + window, column : column + window]
            picture[(*under, np.s_[:channels])] = image[under][..., :channels] if kept else 0
            drop = float(before - ask(picture[None])[0])
            for drops in found[under].flat:
                drops.append(-drop if kept else drop)
    return np.array([[mean(drops) if drops else 0 for drops in line] for line in found])


def wrong_maps(got, ask, image, window, stride):
    """{what is wrong with a map `got`: the map that it gives}."""
    given = ask, image, window, stride
    means = {
        "": fmean,
        "A pixel gets the sum of its windows here; it should be their mean.": sum,
        "A pixel gets the drop of its last window only. Add the drops up, and count the windows.": lambda one: (
            one[-1]
        ),
    }
    missing = "The last {} are never hidden: one window more begins there, and is cut off at the border."
    places = {
        "": {},
        missing.format("rows and columns"): {"rows": inside},
        missing.format("rows"): {"rows": inside, "columns": starts},
        missing.format("columns"): {"columns": inside},
        "There are too many windows: the one before them reached the border already.": {"rows": beyond},
        "There are too many windows in a row: the one before them reached the border already.": {
            "columns": beyond
        },
        "The last window is pushed back into the picture. It should stay on its grid, and be cut off.": {
            "rows": pushed_back
        },
    }
    maps = {
        f"{how} {where}".strip(): occlude(*given, mean=mean, **place)
        for where, place in places.items()
        for how, mean in means.items()
    }
    wanted, total = maps.pop(""), occlude(*given, mean=sum)
    alike = total * max((got * total).sum() / (total * total).sum(), 0.01)
    return {
        **maps,
        "Each pixel is divided by the same number. At the border there are fewer windows: count them.": alike,
        "Only one channel is hidden. Hide all channels of a pixel.": occlude(*given, channels=1),
        "It is divided by the answer before. A drop is a difference.": wanted / ask(image[None])[0],
    }


def mended(predict, image, target, window, stride):
    """The right map, and {what is still wrong: the map that it gives}."""
    asks = [lambda images, k=k: predict(images)[:, k] for k in range(3)]
    given = asks[target], image, window, stride

    def highest(images):
        """What the broken one asks: the target before hiding, whichever class is highest after it."""
        p, whole = predict(images), (images == image).all(axis=(1, 2, 3))
        return np.where(whole, p[:, target], p.max(axis=1))

    return occlude(*given), {
        "It still divides by the same number everywhere. A corner lies under one window only: count them.": occlude(
            *given, mean=lambda drops: sum(drops) / 4
        ),
        "It still compares with whichever class is highest after hiding. Ask for the same class both times.": occlude(
            highest, image, window, stride
        ),
        "Only one channel is hidden. Hide all channels of a pixel.": occlude(*given, channels=1),
        **{
            f"The target is not used: this is class {k}, and class {target} was asked for.": occlude(
                ask, image, window, stride
            )
            for k, ask in enumerate(asks)
            if k != target
        },
    }


def without_window(ask, image, window, stride):
    """{what `array` says of the NaN where no window has been: what is missing}, for the ways to forget the border."""
    (height, width), words = image.shape[:2], {}
    rows, columns = (inside(side, window, stride)[-1] + window for side in (height, width))
    for r, c, where in (
        (rows, columns, "rows and columns"),
        (rows, width, "rows"),
        (height, columns, "columns"),
    ):
        why = (
            f"No window covers the last {where}. One window more begins there, and is cut off at the border."
        )
        words[f"{height * width - r * c} of {height * width} are NaN"] = why
    return words


@cache
def eyes():
    """The pixels of the cat that the detector of lesson 05 counts, (120, 180)."""
    red, green, blue = np.moveaxis(xt.load_photo("cat", size=(120, 180)), -1, 0)
    return (green - blue > 0.55 * (red - blue)) & (green - blue > 0.1)


def map_of(counted, window, stride):
    """Occlusion of a detector whose answer is how many of the `counted` pixels it sees; and how many questions."""
    total, windows = np.zeros(counted.shape), np.zeros(counted.shape)
    rows, columns = (starts(side, window, stride) for side in counted.shape)
    for row in rows:
        for column in columns:
            under = np.s_[row : row + window, column : column + window]
            total[under] += counted[under].sum() / EYES_FOR_CERTAIN
            windows[under] += 1
    return total / windows, len(rows) * len(columns)


def moves_along(counted, window, stride):
    """The correlation of the map with the map of the photo moved by 10 pixels, moved back."""
    here = map_of(counted, window, stride)[0]
    there = map_of(np.roll(counted, (10, 10), axis=(0, 1)), window, stride)[0]
    return np.corrcoef(here.ravel(), np.roll(there, (-10, -10), axis=(0, 1)).ravel())[0, 1]
