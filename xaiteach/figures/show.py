"""Pictures and maps side by side, on one scale, with words."""

import numpy as np

from xaiteach.figures.draw import bundle, draw
from xaiteach.figures.panels import Panel, arrange, in_rows, panels

STYLES = ("original", "overlay", "heatmap", "masked", "alpha", "outline")
SIGNS = {  # what is shown of a map
    "all": lambda maps: maps,
    "positive": lambda maps: np.maximum(maps, 0),
    "negative": lambda maps: np.minimum(maps, 0),
    "absolute": np.abs,
}


class Captioned:
    """What pyplot, or a library that draws with it, drew last, with alternative text, for the end of a cell.

    Args:
        alt: what a reader who can't see the figure should know.
    """

    def __init__(self, alt):
        from matplotlib import pyplot

        if not pyplot.get_fignums():
            raise ValueError("Nothing is drawn yet, or it was shown already; draw first (with show=False).")
        self.alt, self.figure = alt, pyplot.gcf()
        pyplot.close(self.figure)

    def _repr_mimebundle_(self, include=None, exclude=None):
        return bundle(self.figure, self.alt)


def show(
    images=None, maps=None, *, titles=None, badges=None, style="overlay", sign="all", scale=None,
    original=True,
):  # fmt: skip
    """Draw images, and what a method says about them, on one scale with zero in the middle.

    Args:
        images: (N, H, W, C) in [0, 1], grey or RGB, a list of images, or one image; None draws maps alone.
        maps: (N, H, W), one map an image; (N, M, H, W), several an image; for one image (H, W) or (M, H, W);
            a dictionary from names to such maps; None draws images alone.
        titles: one an image; for one image with M maps one a map.
        badges: words below a map, on how far to trust it: one a map (of one map an image, or of one image).
            Or the details of a method that adds up, for "adds up to 9.81 of 9.83".
        style: "overlay" colours the picture, stronger where the map is; "heatmap" shows the map alone;
            "masked" keeps the fewest pixels that hold 80 % of the map; "outline" draws a line around them;
            "alpha" lets the picture show as far as the map is strong; "original" is the picture as it is.
        sign: "all", "positive", "negative" or "absolute" values of the map; but for "all" the titles name it.
        scale: value of the strongest colour; None for the largest absolute value of all maps.
        original: False leaves out the picture itself beside its map.

    Returns:
        A matplotlib figure. Red is for the class, blue against it, white (or nothing) is zero; maps alone may
        be of anything, so there red is positive and blue negative. Its `.alt` says the same in words.

    Raises:
        ValueError: for a style, sign or shape that is not known.
    """
    check_choice("style", style, STYLES)
    check_choice("sign", sign, SIGNS)
    images, maps, names = arrange(images, maps)
    if maps is not None:
        maps = SIGNS[sign](maps)
        scale = scale or strongest(maps)
    rows = in_rows(panels(images, maps, names, titles, badges, original))
    rows = [[_as_asked(panel, style, sign) for panel in row] for row in rows]
    return draw(rows, scale, f", maps as {style}, {sign} values" if maps is not None else "")


def views(image, map, *, styles=STYLES, signs=tuple(SIGNS)):
    """One map of one picture in several styles and signs: what one of them hides, another shows.

    Args:
        image: (H, W, C) in [0, 1], grey or RGB.
        map: (H, W), signed; a map of zeros will do.
        styles, signs: some of those of `show`; a column a style, a row a sign.

    Returns:
        A matplotlib figure with alternative text; its panels share one colour scale.

    Raises:
        ValueError: for a style or sign that is not known, or a map of another size.
    """
    styles = _choices("style", styles, STYLES)
    signs = _choices("sign", signs, SIGNS)
    images, maps, _ = arrange(image, map)
    if maps.shape[:2] != (1, 1):
        raise ValueError(f"Given {maps.shape[0]}×{maps.shape[1]} maps; want one map (H, W) of one picture.")
    rows = []
    for sign in signs:
        signed = SIGNS[sign](maps[0, 0])
        rows.append([Panel(images[0], signed, f"{style}\n{sign}", style=style) for style in styles])
    return draw(rows, strongest(maps), ", one map in several styles and signs")


def check_choice(what, given, choices):
    """`given`, where it is one of the choices; a ValueError that names them where not."""
    if given not in choices:
        raise ValueError(f"{what}={given!r} is not known; choose one of {', '.join(map(repr, choices))}.")
    return given


def _choices(what, given, choices):
    """One choice or several as a list that is not empty, checked."""
    given = [given] if isinstance(given, str) else list(given)
    return [check_choice(what, choice, choices) for choice in given or [None]]


def strongest(maps):
    """The largest absolute value of maps, for their scale; 1 where all are zero."""
    return float(np.abs(maps).max()) or 1.0


def _as_asked(panel, style, sign):
    """A panel in a style, the sign in its title; the picture itself as it is."""
    if panel.map is None:
        return panel
    words = [panel.title, "" if sign == "all" else sign]
    return panel._replace(style=style, title=", ".join(filter(None, words)))
