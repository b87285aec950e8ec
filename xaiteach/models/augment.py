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

    Source: Simard, Steinkraus and Platt, Best practices for convolutional neural networks, ICDAR 2003, § 2.
    """
    angles = np.radians(rng.uniform(-degrees, degrees, len(images)))
    zooms = 1 + rng.uniform(-zoom, zoom, (len(images), 2))
    shears = rng.uniform(-shear, shear, len(images))
    moves = rng.uniform(-shift, shift, (len(images), 2))
    bends = elastic * _smooth_noise(rng, (len(images), 2, *images.shape[1:3]))
    drawn = zip(images, angles, zooms, shears, moves, bends, strict=True)
    return np.stack([_warp(*each) for each in drawn])


def _smooth_noise(rng, shape, width=4.0):
    """Random fields without sharp changes, with a standard deviation of about one."""
    noise = gaussian_filter(rng.normal(size=shape), (0, 0, width, width), mode="constant")
    return 2 * np.sqrt(np.pi) * width * noise  # ∫G² = 1 / (4π·width²) is the variance that the filter leaves


def _warp(image, angle, zoom, shear, move, bend):
    cos, sin = np.cos(angle), np.sin(angle)
    matrix = np.array([[cos, -sin], [sin, cos]]) @ np.array([[1, 0], [shear, 1]]) / zoom
    centre = (np.array(image.shape[:2]) - 1) / 2
    target = np.indices(image.shape[:2]).reshape(2, -1) - (centre + move)[:, None]
    source = matrix @ target + centre[:, None] + bend.reshape(2, -1)
    warped = [map_coordinates(channel, source, order=1) for channel in np.moveaxis(image, -1, 0)]
    return np.stack(warped, axis=-1).reshape(image.shape).astype(np.float32)
