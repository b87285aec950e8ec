"""From images, maps and words to the panels of a figure, in rows."""

from typing import NamedTuple

import numpy as np

from xaiteach.figures.words import adds_up
from xaiteach.images.batch import as_batch

ACROSS = 10  # images side by side
ACROSS_ONE = 6  # panels side by side where there is one image


class Panel(NamedTuple):
    image: np.ndarray | None
    map: np.ndarray | None
    title: str
    badge: str = ""
    style: str = "original"


def arrange(images, maps):
    """Images (N, H, W, C) or None, maps (N, M, H, W) or None, and M names or None."""
    if maps is None and images is None:
        raise ValueError("Nothing to draw: give images, maps, or both.")
    single = False
    if images is not None:
        images, single = as_batch(images)
    names = None
    if isinstance(maps, dict):
        names = list(maps)
        maps = np.stack(list(maps.values()), axis=-3)
        single = single or maps.ndim == 3
    if maps is not None:
        maps = _as_grid(np.asarray(maps, float), images, single)
    return images, maps, names


def _as_grid(maps, images, single):
    if single:
        maps = maps.reshape(1, -1, *maps.shape[-2:])
    elif images is None and maps.ndim != 4:
        maps = maps.reshape(-1, 1, *maps.shape[-2:])
    elif maps.ndim == 3:
        maps = maps[:, None]
    if not np.isfinite(maps).all():
        raise ValueError("The maps hold NaN or infinite values.")
    n, _, *size = maps.shape
    if images is not None and (n, *size) != images.shape[:3]:
        raise ValueError(
            f"Maps of shape {tuple(size)} for {n} image(s); the images are {images.shape[1:3]}, "
            f"{len(images)} of them. For Grad-CAM leave resize=True."
        )
    return maps


def panels(images, maps, names, titles, badges, original):
    """One list of panels an image: the picture itself, then its maps."""
    n = len(maps if images is None else images)
    m = 0 if maps is None else maps.shape[1]
    alone = images is not None and (original or m == 0)
    titles = _title_grid(titles, names, (n, alone + m), m)
    badges = _badge_grid(badges, n, m)
    columns = []
    for i in range(n):
        image = None if images is None else images[i]
        column = [Panel(image, None, titles[i, 0])] if alone else []
        for j in range(m):
            title, badge = titles[i, alone + j], badges[i, j]
            column.append(Panel(image, maps[i, j], title, badge))
        columns.append(column)
    return columns


def _title_grid(titles, names, shape, m):
    """Words (N, panels an image): the names above the maps, the titles above what they are for."""
    n = shape[0]
    grid = np.full(shape, "", object)
    if names:
        grid[:, -m:] = names
    if titles is None:
        return grid
    titles = [titles] if isinstance(titles, str) else titles
    named_already = names and m == 1
    if n == 1 and len(titles) == m and not named_already:
        grid[0, -m:] = titles
    elif len(titles) == n:
        grid[:, 0] = titles
    else:
        raise ValueError(f"{len(titles)} titles for {n} image(s) with {m} map(s) each; give one for each.")
    return grid


def _badge_grid(badges, n, m):
    """Words (N, M), one a map."""
    if badges is None:
        return np.full((n, m), "", object)
    words = badges if isinstance(badges, (str, list, tuple)) else adds_up(badges)
    words = [words] if isinstance(words, str) else words
    if len(words) != n * m:
        raise ValueError(f"{len(words)} badge(s) for {n * m} map(s); give one for each.")
    return np.array(words, object).reshape(n, m)


def in_rows(columns):
    """One image fills rows from left to right; several stand side by side, each with its maps below it."""
    if len(columns) == 1:
        return _split(columns[0], ACROSS_ONE)
    rows = []
    for block in _split(columns, ACROSS):
        rows += map(list, zip(*block, strict=True))
    return rows


def _split(items, size):
    return [items[i : i + size] for i in range(0, len(items), size)]
