"""Figures with words: pictures and maps side by side, on one scale, in colours that everybody can tell apart."""

import io
from textwrap import fill

import matplotlib as mpl
import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from xaiteach.figures.panels import Panel, arrange, in_rows, panels
from xaiteach.figures.words import densest, describe, rounded

STYLES = ("original", "overlay", "heatmap", "masked", "alpha", "outline")
SIGNS = {
    "all": lambda maps: maps,
    "positive": lambda maps: np.maximum(maps, 0),
    "negative": lambda maps: np.minimum(maps, 0),
    "absolute": np.abs,
}
COLOURS = mpl.colormaps["RdBu_r"]
COLOURED = ("overlay", "heatmap")
SMALL, LARGE = 1.35, 2.1


class Picture(Figure):
    """A matplotlib figure that carries alternative text, and shows itself at the end of a notebook cell."""

    alt = ""

    def _repr_mimebundle_(self, include=None, exclude=None):
        return _bundle(self, self.alt)


class Captioned:
    """What pyplot, or a library that draws with it, drew last, with alternative text: for the end of a notebook cell.

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
        return _bundle(self.figure, self.alt)


def _bundle(figure, alt):
    """A figure as a notebook wants it: the picture, and words in its place."""
    png = io.BytesIO()
    figure.savefig(png, format="png", dpi=80, bbox_inches="tight", metadata={"Description": alt})
    return {"image/png": png.getvalue(), "text/plain": alt}, {"image/png": {"alt": alt}}


def show(
    images=None,
    maps=None,
    *,
    titles=None,
    badges=None,
    style="overlay",
    sign="all",
    scale=None,
    original=True,
):
    """Draw images, and what a method says about them, on one scale with zero in the middle.

    Args:
        images: (N, H, W, C) in [0, 1], grey or RGB, a list of images, or one image; None draws maps alone.
        maps: (N, H, W), one map an image; (N, M, H, W), several an image; for one image (H, W) or (M, H, W);
            a dictionary from names to such maps; None draws images alone.
        titles: one an image; for one image with M maps one a map.
        badges: words below a map, on how far to trust it: one a map (of one map an image, or of one image). Or the
            details of a method that adds up, for "adds up to 9.81 of 9.83".
        style: "overlay" colours the picture, stronger where the map is; "heatmap" shows the map alone; "masked" keeps
            the fewest pixels that hold 80 % of the map; "alpha" lets the picture show as far as the map is strong;
            "outline" draws a line around those 80 %; "original" is the picture as it is.
        sign: "all", "positive", "negative" or "absolute" values of the map; but for "all" the titles name it.
        scale: value of the strongest colour; None for the largest absolute value of all maps.
        original: False leaves out the picture itself beside its map.

    Returns:
        A matplotlib figure. Red is for the class, blue against it, white (or nothing) is zero; maps alone may be
        of anything, so there red is positive and blue negative. Its `.alt` says the same in words.

    Raises:
        ValueError: for a style, sign or shape that is not known.
    """
    _check_choice("style", style, STYLES)
    _check_choice("sign", sign, SIGNS)
    images, maps, names = arrange(images, maps)
    maps = maps if maps is None else SIGNS[sign](maps)
    scale = scale or (0 if maps is None else float(np.abs(maps).max())) or 1.0
    columns = panels(images, maps, names, titles, badges, original)
    rows = in_rows([[_as_asked(panel, style, sign) for panel in column] for column in columns])
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
    styles, signs = ([given] if isinstance(given, str) else list(given) for given in (styles, signs))
    for what, given, known in (("style", styles, STYLES), ("sign", signs, SIGNS)):
        for one in given or [None]:
            _check_choice(what, one, known)
    images, maps, _ = arrange(image, map)
    if maps.shape[:2] != (1, 1):
        raise ValueError(f"Given {maps.shape[0]}×{maps.shape[1]} maps; want one map (H, W) of one picture.")
    scale = float(np.abs(maps).max()) or 1.0
    rows = [[Panel(images[0], SIGNS[g](maps[0, 0]), f"{y}\n{g}", style=y) for y in styles] for g in signs]
    return draw(rows, scale, ", one map in several styles and signs")


def _as_asked(panel, style, sign):
    if panel.map is None:
        return panel
    return panel._replace(
        style=style, title=", ".join(filter(None, [panel.title, sign if sign != "all" else ""]))
    )


def _check_choice(what, given, known):
    if given not in known:
        raise ValueError(f"{what}={given!r} is not known; choose one of {', '.join(map(repr, known))}.")


def draw(rows, scale, kind):
    """A figure of rows of panels on one scale; `kind` says in the alternative text what its maps are."""
    wide, high = max(map(len, rows)), len(rows)
    first = rows[0][0]
    rows_of, columns_of = (first.map if first.image is None else first.image).shape[:2]
    width = LARGE if wide <= 3 else SMALL
    height = np.clip(width * rows_of / columns_of, 0.3 * width, 2 * width)
    words = sum(
        0.25 * max(_lines(_wrapped(p.title, width)) for p in row) + 0.3 * any(p.badge for p in row)
        for row in rows
    )
    figure = Picture(figsize=(width * wide + 0.6, height * high + words), layout="constrained")
    axes = figure.subplots(high, wide, squeeze=False)
    for ax in axes.flat:
        ax.axis("off")
    for row, row_axes in zip(rows, axes, strict=True):
        for panel, ax in zip(row, row_axes, strict=False):
            ax.set_title(_wrapped(panel.title, width), fontsize=9, parse_math=False)
            badge = fill(panel.badge, round(10 * width))
            ax.text(
                0.5, -0.03, badge, fontsize=7, ha="center", va="top", transform=ax.transAxes, parse_math=False
            )
            _draw_panel(ax, panel, scale)
    if any(panel.map is not None and panel.style in COLOURED for row in rows for panel in row):
        _colour_bar(figure, axes, scale, words=("against", "for") if first.image is not None else ("", ""))
    figure.alt = _alternative_text(rows, kind)
    return figure


def _wrapped(title, width):
    """A title on lines that fit above a panel of so many inches."""
    return "\n".join(fill(line, round(14 * width)) for line in title.split("\n"))


def _lines(title):
    return title.count("\n") + 1 if title else 0


def _draw_panel(ax, panel, scale):
    if panel.image is not None and panel.style == "original":
        _picture(ax, panel.image)
    elif panel.style == "heatmap" or panel.image is None:
        ax.imshow(panel.map, cmap=COLOURS, norm=Normalize(-scale, scale))
    else:
        {"overlay": _overlay, "masked": _masked, "alpha": _alpha, "outline": _outline}[panel.style](
            ax, panel, scale
        )


def _picture(ax, image, **options):
    grey = image.shape[-1] == 1
    ax.imshow(image[..., 0] if grey else image, cmap="gray", vmin=0, vmax=1, **options)


def _overlay(ax, panel, scale):
    """The picture in pale grey, and over it the map's colour, the more opaque the stronger the map."""
    pale = 0.6 + 0.4 * panel.image.mean(axis=-1, keepdims=True)
    _picture(ax, pale)
    colours = COLOURS(Normalize(-scale, scale)(panel.map))
    colours[..., 3] = np.clip(np.abs(panel.map) / scale, 0, 1) ** 0.7
    ax.imshow(colours)


def _masked(ax, panel, scale):
    kept = densest(np.abs(panel.map))
    _picture(ax, np.where(kept[..., None], panel.image, 0.5))


def _alpha(ax, panel, scale):
    _picture(ax, np.full_like(panel.image, 0.5))
    _picture(ax, panel.image, alpha=np.clip(np.abs(panel.map) / scale, 0, 1))


def _outline(ax, panel, scale):
    _picture(ax, panel.image)
    kept = densest(np.abs(panel.map))
    if kept.any() and not kept.all():
        ax.contour(kept, levels=[0.5], colors="white", linewidths=2.4)
        ax.contour(kept, levels=[0.5], colors=[COLOURS(0.9)], linewidths=1.2)


def _colour_bar(figure, axes, scale, words):
    bar = figure.colorbar(
        ScalarMappable(Normalize(-scale, scale), COLOURS), ax=axes, fraction=0.05, aspect=14
    )
    ends = [f"{rounded(end)}\n{word}".rstrip() for end, word in zip((-scale, scale), words, strict=True)]
    bar.set_ticks([-scale, 0, scale], labels=[ends[0], "0", ends[1]], fontsize=8)


def _alternative_text(rows, kind):
    panels = [panel for row in rows for panel in row]
    return " ".join([f"Figure with {len(panels)} panels{kind}.", *map(_words, panels)])


def _words(panel):
    words = "picture" if panel.map is None else describe(panel.map)
    return f"{panel.title or 'Panel'}: {words}{panel.badge and f'; {panel.badge}'}."
