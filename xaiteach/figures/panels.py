"""From images, maps and words to the panels of a figure, in rows."""

from typing import NamedTuple

import numpy as np

from xaiteach.figures.words import adds_up
from xaiteach.images.batch import as_batch

ACROSS, ACROSS_ONE = 10, 6


class Panel(NamedTuple):
    image: np.ndarray | None
    map: np.ndarray | None
    title: str
    badge: str = ""
    style: str = "original"


def arrange(images, maps):
    """Images (N, H, W, C) or None, maps (N, M, H, W) or None, and M names or None."""
    single = False
    if images is not None:
        images, single = as_batch(images)
    names = None
    if isinstance(maps, dict):
        names, maps = list(maps), np.stack([np.asarray(m) for m in maps.values()], axis=-3)
        single = single or maps.ndim == 3
    if maps is None and images is None:
        raise ValueError("Nothing to draw: give images, maps, or both.")
    return images, (None if maps is None else _as_grid(np.asarray(maps, float), images, single)), names


def _as_grid(maps, images, single):
    if single:
        maps = maps.reshape(1, -1, *maps.shape[-2:])
    elif images is None and maps.ndim != 4:
        maps = maps.reshape(-1, 1, *maps.shape[-2:])
    elif maps.ndim == 3:
        maps = maps[:, None]
    if not np.isfinite(maps).all():
        raise ValueError("The maps hold NaN or infinite values.")
    if images is not None and (maps.shape[0], *maps.shape[2:]) != images.shape[:3]:
        raise ValueError(
            f"Maps of shape {maps.shape[2:]} for {maps.shape[0]} image(s); the images are {images.shape[1:3]}, "
            f"{len(images)} of them. For Grad-CAM leave resize=True."
        )
    return maps


def panels(images, maps, names, titles, badges, original):
    """One list of panels an image: the picture itself, then its maps."""
    n, m = len(maps if images is None else images), 0 if maps is None else maps.shape[1]
    alone = images is not None and (original or not m)
    grid = _title_grid(titles, names, n, alone + m, m)
    badges = _badge_grid(badges, n, m)
    pictures = [None] * n if images is None else images
    return [
        [Panel(pictures[i], None, grid[i, 0])] * alone
        + [Panel(pictures[i], maps[i, j], grid[i, alone + j], badges[i, j]) for j in range(m)]
        for i in range(n)
    ]


def _title_grid(titles, names, n, width, m):
    grid = np.full((n, width), "", object)
    if names:
        grid[:, -m:] = names
    titles = [titles] if isinstance(titles, str) else titles
    if titles is not None and n == 1 and len(titles) == m and not (names and m == 1):
        grid[0, -m:] = titles
    elif titles is not None and len(titles) == n:
        grid[:, 0] = titles
    elif titles is not None:
        raise ValueError(f"{len(titles)} titles for {n} image(s) with {m} map(s) each; give one for each.")
    return grid


def _badge_grid(badges, n, m):
    """Words (N, M), one a map."""
    words = [""] * (n * m) if badges is None else badges
    words = words if isinstance(words, (str, list, tuple)) else adds_up(words)
    words = [words] if isinstance(words, str) else words
    if len(words) != n * m:
        raise ValueError(f"{len(words)} badge(s) for {n * m} map(s); give one for each.")
    return np.array(words, object).reshape(n, m)


def in_rows(columns):
    """One image fills rows from left to right; several stand side by side, each with its maps below it."""
    if len(columns) == 1:
        return [columns[0][i : i + ACROSS_ONE] for i in range(0, len(columns[0]), ACROSS_ONE)]
    blocks = [columns[i : i + ACROSS] for i in range(0, len(columns), ACROSS)]
    return [[column[k] for column in block] for block in blocks for k in range(len(block[0]))]
