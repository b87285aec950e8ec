"""Occlusion written out pixel by pixel, and models whose maps are known: what answers of lesson 05 are held against.

`ask` is a function from images (N, H, W, C) to one number an image.
"""

from functools import cache
from math import ceil

import numpy as np

import xaiteach as xt

PICTURE = np.arange(16.0).reshape(4, 4, 1)
MAP = np.array([[7, 8, 6.5, 4], [15.5, 20.75, 22.25, 18.5], [30, 39.25, 44.25, 40], [36, 45, 50.5, 47]])
EYES_FOR_CERTAIN = 500


def ask_on_paper(images):
    """The model of lesson 05 with a known answer: `MAP` is its occlusion with windows of 2×2 and stride 1."""
    sums = np.lib.stride_tricks.sliding_window_view(images[..., 0], (3, 3), axis=(1, 2)).sum(axis=(3, 4))
    first, second = np.maximum(sums - 50, 0), np.maximum(sums - 75, 0)
    return (first - second).sum(axis=(1, 2)) + 2 * second[:, 0, 0]


def brightness(images):
    """Two probabilities; the second is the mean of all pixels."""
    mean = np.asarray(images).mean(axis=(1, 2, 3))
    return np.stack([1 - mean, mean], axis=1)


def first_pixel(images):
    """Two probabilities; the second is the pixel at the top left."""
    corner = np.asarray(images)[:, 0, 0, 0]
    return np.stack([1 - corner, corner], axis=1)


def starts(side, window, stride):
    """Where windows begin: the last one is the first that reaches the border, and is cut off there."""
    return [i * stride for i in range(ceil((side - window) / stride) + 1)]


def occlude(ask, image, window, stride, *, mean=np.mean, starts=starts, kept=False):
    """The map (H, W).

    Args:
        mean: what a pixel gets of the drops of its windows; without a window it gets 0.
        starts: where windows begin, a function of side, window and stride.
        kept: show the window alone, and take the rise over an empty picture.
    """
    base = np.zeros_like(image) if kept else image
    before, found = ask(base[None])[0], np.frompyfunc(lambda _: [], 1, 1)(np.zeros(image.shape[:2]))
    for row in starts(image.shape[0], window, stride):
        for column in starts(image.shape[1], window, stride):
            picture, under = base.copy(), np.s_[row : row + window, column : column + window]
            picture[under] = image[under] if kept else 0
            drop = before - ask(picture[None])[0]
            for drops in found[under].flat:
                drops.append(-drop if kept else drop)
    return np.array([[mean(drops) if drops else 0 for drops in line] for line in found])


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
