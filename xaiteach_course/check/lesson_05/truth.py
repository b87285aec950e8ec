"""Occlusion written out window by window, and models whose maps are known on paper.

`ask` is a function from images (N, H, W, C) to one number an image.
"""

from functools import cache
from math import ceil

import numpy as np

import xaiteach as xt
from xaiteach_course.check.numpy_models import PaperNetwork, of_images

PICTURE = np.arange(16.0).reshape(4, 4, 1)
MAP = np.array([[7, 8, 6.5, 4], [15.5, 20.75, 22.25, 18.5], [30, 39.25, 44.25, 40], [36, 45, 50.5, 47]])


@of_images
def ask_on_paper(images):
    """The model of lesson 05 with a known answer: `MAP` is its occlusion with windows of 2×2 and stride 1."""
    sums = np.lib.stride_tricks.sliding_window_view(images[..., 0], (3, 3), axis=(1, 2)).sum(axis=(3, 4))
    first, second = np.maximum(sums - 50, 0), np.maximum(sums - 75, 0)
    return (first - second).sum(axis=(1, 2)) + 2 * second[:, 0, 0]


def for_class_1(ask):
    """Probabilities of three classes, the second of them what `ask` says."""
    return of_images(lambda images: np.outer(ask(images), [-0.9, 1, -0.1]) + [0.9, 0, 0.1])


brightness = for_class_1(lambda images: images.mean(axis=(1, 2, 3)))
first_pixel = for_class_1(lambda images: images[:, 0, 0, 0])


def draw_network(sides, seed):
    """A network on paper and an image (H, W, C) of these sides, exchanged where the seed is odd."""
    shape = *(sides[::-1] if seed % 2 else sides), 2 + seed % 2
    image = np.random.default_rng(seed).uniform(0.2, 1, shape).astype(np.float32)
    return PaperNetwork(shape, seed=seed), image


def starts(side, window, stride):
    """Where windows begin: the last one is the first that reaches the border, and is cut off there."""
    return [i * stride for i in range(ceil((side - window) / stride) + 1)]


def total_drops(ask, image, window, stride, starts=starts):
    """The drops of the windows over each pixel added up, and how many windows these are, (H, W) each."""
    total, windows = np.zeros((2, *image.shape[:2]))
    before = ask(image[None])[0]
    for row in starts(image.shape[0], window, stride):
        for column in starts(image.shape[1], window, stride):
            under = np.s_[row : row + window, column : column + window]
            hidden = image.copy()
            hidden[under] = 0
            total[under] += before - ask(hidden[None])[0]
            windows[under] += 1
    return total, windows


def occlude(*given, **changes):
    """The map (H, W): the mean drop of the windows over a pixel."""
    total, windows = total_drops(*given, **changes)
    return total / windows


def alone(ask, image, window):
    """What each window brings alone, (H, W): windows are hidden in what is taken away from the image."""
    return occlude(lambda images: -ask(image - images), image, window, window)


@cache
def eyes():
    """The pixels of the cat that the detector of lesson 05 counts, (120, 180)."""
    red, green, blue = np.moveaxis(xt.load_photo("cat", size=(120, 180)), -1, 0)
    return (green - blue > 0.55 * (red - blue)) & (green - blue > 0.1)


def map_of(counted, window, stride):
    """Occlusion of the detector, of which 500 of the `counted` pixels would be certain."""
    return occlude(lambda images: images.sum(axis=(1, 2, 3)) / 500, counted[..., None] * 1.0, window, stride)


def moves_along(window, stride):
    """The correlation of the map with the map of the photo moved by 10 pixels, moved back."""
    here = map_of(eyes(), window, stride)
    there = map_of(np.roll(eyes(), (10, 10), axis=(0, 1)), window, stride)
    return np.corrcoef(here.ravel(), np.roll(there, (-10, -10), axis=(0, 1)).ravel())[0, 1]
