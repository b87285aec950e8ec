"""Small random rotations, shifts and zooms: more handwriting from the same digits."""

import numpy as np
from scipy.ndimage import affine_transform


def augment(images, rng, *, degrees=12.0, shift=2.0, zoom=0.12, shear=0.12):
    """Each image turned, moved, zoomed and slanted a little, by its own random amount.

    Args:
        images: (N, H, W, C) in [0, 1].
        rng: a `numpy.random.Generator`.
        degrees: largest rotation, in degrees.
        shift: largest move, in pixels.
        zoom: largest change of size, as a fraction.
        shear: largest slant, in columns a row.

    Returns:
        (N, H, W, C) float32 in [0, 1].
    """
    angles = np.radians(rng.uniform(-degrees, degrees, len(images)))
    zooms = 1 + rng.uniform(-zoom, zoom, (len(images), 2))
    shears = rng.uniform(-shear, shear, len(images))
    moves = rng.uniform(-shift, shift, (len(images), 2))
    return np.stack([_warp(*one) for one in zip(images, angles, zooms, shears, moves, strict=True)])


def _warp(image, angle, zoom, shear, move):
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    matrix = turn @ np.array([[1, 0], [shear, 1]]) / zoom
    centre = (np.array(image.shape[:2]) - 1) / 2
    offset = centre - matrix @ (centre + move)
    warped = [affine_transform(channel, matrix, offset, order=1) for channel in np.moveaxis(image, -1, 0)]
    return np.stack(warped, axis=-1).astype(np.float32)
