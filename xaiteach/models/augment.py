"""Small random changes that leave a digit the same digit: more handwriting from the same images."""

import numpy as np
from scipy.ndimage import gaussian_filter, map_coordinates


def augment(images, rng, *, degrees=12.0, shift=2.0, zoom=0.15, shear=0.15, elastic=1.2):
    """Each image turned, moved, zoomed, slanted and bent a little, by its own random amount.

    Args:
        images: (N, H, W, C) in [0, 1].
        rng: a `numpy.random.Generator`.
        degrees: largest rotation, in degrees.
        shift: largest move, in pixels.
        zoom: largest change of height and width, as a fraction.
        shear: largest slant, in columns a row.
        elastic: typical length, in pixels, of a smooth random displacement.

    Returns:
        (N, H, W, C) float32 in [0, 1].

    Source: Simard, Steinkraus and Platt, Best practices for convolutional neural networks, ICDAR 2003,
        section 2.
    """
    angles = np.radians(rng.uniform(-degrees, degrees, len(images)))
    zooms = 1 + rng.uniform(-zoom, zoom, (len(images), 2))
    shears = rng.uniform(-shear, shear, len(images))
    moves = rng.uniform(-shift, shift, (len(images), 2))
    bends = elastic * _smooth_noise(rng, (len(images), 2, *images.shape[1:3]))
    return np.stack([_warp(*one) for one in zip(images, angles, zooms, shears, moves, bends, strict=True)])


def _smooth_noise(rng, shape, width=4.0):
    """Random fields without sharp changes, with a standard deviation of about one."""
    noise = rng.normal(size=shape)
    return gaussian_filter(noise, (0, 0, width, width), mode="constant") * (2 * np.sqrt(np.pi) * width)


def _warp(image, angle, zoom, shear, move, bend):
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    matrix = turn @ np.array([[1, 0], [shear, 1]]) / zoom
    centre = (np.array(image.shape[:2]) - 1) / 2
    target = np.indices(image.shape[:2]).reshape(2, -1) - (centre + move)[:, None]
    source = matrix @ target + centre[:, None] + bend.reshape(2, -1)
    warped = [map_coordinates(channel, source, order=1) for channel in np.moveaxis(image, -1, 0)]
    return np.stack(warped, axis=-1).reshape(image.shape).astype(np.float32)
