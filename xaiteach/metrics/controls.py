"""Maps that know nothing of the model: what every method has to beat."""

import numpy as np
from skimage.filters import sobel

from xaiteach.images.batch import as_batch


def random(model, images, targets=None, *, seed=0):
    """Normal noise, the same for every image. (N, H, W)."""
    return _of_each(images, lambda image: np.random.default_rng(seed).standard_normal(image.shape[:2]))


def raw_pixel(model, images, targets=None):
    """The brightness of each pixel. (N, H, W)."""
    return _of_each(images, lambda image: image.mean(axis=-1))


def edge_filter(model, images, targets=None):
    """How much the brightness changes around each pixel (Sobel). (N, H, W)."""
    return _of_each(images, lambda image: sobel(image.mean(axis=-1)))


def _of_each(images, control):
    batch, single = as_batch(images, value_range=None)
    maps = np.stack([control(image) for image in batch]).astype(np.float32)
    return maps[0] if single else maps


CONTROLS = {"random": random, "raw pixel": raw_pixel, "edge filter": edge_filter}
