"""A figure of panels, in colours that everybody can tell apart, with words for those who can't see it."""

import io
from textwrap import fill

import matplotlib as mpl
import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from xaiteach.figures.words import densest, describe, rounded

COLOURS = mpl.colormaps["RdBu_r"]
COLOURED = ("overlay", "heatmap")  # styles in these colours, which want a colour bar
SMALL, LARGE = 1.35, 2.1  # the width of a panel in inches


class AltFigure(Figure):
    """A matplotlib figure that carries alternative text, and shows itself at the end of a notebook cell."""

    alt = ""

    def _repr_mimebundle_(self, include=None, exclude=None):
        return bundle(self, self.alt)


def bundle(figure, alt):
    """A figure as a notebook wants it: the picture, and words in its place."""
    png = io.BytesIO()
    figure.savefig(png, format="png", dpi=80, bbox_inches="tight", metadata={"Description": alt})
    return {"image/png": png.getvalue(), "text/plain": alt}, {"image/png": {"alt": alt}}


def draw(rows, scale, kind):
    """A figure of rows of panels on one scale; `kind` says in the alternative text what its maps are."""
    wide, high = max(map(len, rows)), len(rows)
    width = LARGE if wide <= 3 else SMALL
    height = high * _height(rows[0][0], width) + _height_of_words(rows, width)
    figure = AltFigure(figsize=(width * wide + 0.6, height), layout="constrained")
    axes = figure.subplots(high, wide, squeeze=False)
    for ax in axes.flat:
        ax.axis("off")
    everything = [panel for row in rows for panel in row]
    figure.alt = " ".join([f"Figure with {len(everything)} panels{kind}.", *map(_words, everything)])
    for row, row_axes in zip(rows, axes, strict=True):
        for panel, ax in zip(row, row_axes, strict=False):
            _draw_panel(ax, panel, scale)
            _write_words(ax, panel, width)
    if any(panel.map is not None and panel.style in COLOURED for panel in everything):
        ends = ("", "") if rows[0][0].image is None else ("against", "for")
        _colour_bar(figure, axes, scale, ends)
    return figure


def _height(panel, width):
    """Of a panel in inches, in the shape of what it shows, but never very flat or very high."""
    shown = panel.map if panel.image is None else panel.image
    height = width * shown.shape[0] / shown.shape[1]
    return np.clip(height, 0.3 * width, 2 * width)


def _height_of_words(rows, width):
    """Inches for the titles and badges of all rows."""
    total = 0
    for row in rows:
        titles = [_wrapped(panel.title, width) for panel in row if panel.title]
        total += 0.25 * max((title.count("\n") + 1 for title in titles), default=0)
        total += 0.3 * any(panel.badge for panel in row)
    return total


def _wrapped(title, width):
    """A title on lines that fit above a panel of so many inches."""
    return "\n".join(fill(line, round(14 * width)) for line in title.split("\n"))


def _write_words(ax, panel, width):
    """The title above a panel and the badge below it; a dollar in them is a dollar."""
    ax.set_title(_wrapped(panel.title, width), fontsize=9, parse_math=False)
    badge = fill(panel.badge, round(10 * width))
    centred = {"ha": "center", "va": "top", "transform": ax.transAxes}
    ax.text(0.5, -0.03, badge, fontsize=7, parse_math=False, **centred)


def _draw_panel(ax, panel, scale):
    if panel.image is not None and panel.style == "original":
        _picture(ax, panel.image)
    elif panel.image is None or panel.style == "heatmap":
        ax.imshow(panel.map, cmap=COLOURS, norm=Normalize(-scale, scale))
    else:
        _DRAWN_OVER[panel.style](ax, panel, scale)


def _picture(ax, image, **options):
    grey = image.shape[-1] == 1
    ax.imshow(image[..., 0] if grey else image, cmap="gray", vmin=0, vmax=1, **options)


def _overlay(ax, panel, scale):
    """The picture in pale grey, and over it the map's colour, the more opaque the stronger the map."""
    pale = 0.6 + 0.4 * panel.image.mean(axis=-1, keepdims=True)
    _picture(ax, pale)
    colours = COLOURS(Normalize(-scale, scale)(panel.map))
    colours[..., 3] = _strength(panel, scale) ** 0.7  # so that weak values can still be seen
    ax.imshow(colours)


def _strength(panel, scale):
    """How strong the map is, from 0 to 1 at the end of the scale."""
    return np.clip(np.abs(panel.map) / scale, 0, 1)


def _masked(ax, panel, scale):
    kept = densest(np.abs(panel.map))
    _picture(ax, np.where(kept[..., None], panel.image, 0.5))


def _alpha(ax, panel, scale):
    _picture(ax, np.full_like(panel.image, 0.5))
    _picture(ax, panel.image, alpha=_strength(panel, scale))


def _outline(ax, panel, scale):
    _picture(ax, panel.image)
    kept = densest(np.abs(panel.map))
    if kept.any() and not kept.all():
        ax.contour(kept, levels=[0.5], colors="white", linewidths=2.4)
        ax.contour(kept, levels=[0.5], colors=[COLOURS(0.9)], linewidths=1.2)


_DRAWN_OVER = {"overlay": _overlay, "masked": _masked, "alpha": _alpha, "outline": _outline}


def _colour_bar(figure, axes, scale, words):
    colours = ScalarMappable(Normalize(-scale, scale), COLOURS)
    bar = figure.colorbar(colours, ax=axes, fraction=0.05, aspect=14)
    low, high = f"{rounded(-scale)}\n{words[0]}", f"{rounded(scale)}\n{words[1]}"
    bar.set_ticks([-scale, 0, scale], labels=[low.rstrip(), "0", high.rstrip()], fontsize=8)


def _words(panel):
    words = "picture" if panel.map is None else describe(panel.map)
    badge = f"; {panel.badge}" if panel.badge else ""
    return f"{panel.title or 'Panel'}: {words}{badge}."
