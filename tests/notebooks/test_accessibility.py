"""The course can be read without colours, without seeing the figures, and at twice the size."""

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image
from skimage.color import deltaE_ciede2000, rgb2lab
from test_notebooks import EXECUTED, each_executed, each_notebook, read, text

from xaiteach.figures.draw import COLOURS

# How colours look to people who lack one kind of cone: Machado, Oliveira and Fernandes, A
# physiologically-based model for simulation of color vision deficiency, IEEE TVCG 2009, table 1, severity
# 1.0; for linear RGB.
SEEN_BY = {
    "everybody": np.eye(3),
    "protanopes": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopes": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.01182, 0.04294, 0.968881],
    ],
    "tritanopes": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.3039],
    ],
}
COLUMN = 1300  # pixels, what JupyterLab shows of a figure without making it smaller


def lab_seen(colours, who):
    """sRGB (N, 3) as somebody sees it, in Lab."""
    linear = np.where(colours <= 0.04045, colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4)
    seen = np.clip(linear @ np.transpose(SEEN_BY[who]), 0, 1)
    return rgb2lab(np.where(seen <= 0.0031308, seen * 12.92, 1.055 * seen ** (1 / 2.4) - 0.055))


@pytest.mark.parametrize("who", SEEN_BY)
def test_for_and_against_look_different_to_everybody(who):
    strength = np.linspace(0.3, 1, 8)
    against, in_favour = (COLOURS(0.5 + sign * strength / 2)[:, :3] for sign in (-1, 1))
    assert deltaE_ciede2000(lab_seen(against, who), lab_seen(in_favour, who)).min() > 15


@pytest.mark.parametrize("who", SEEN_BY)
@pytest.mark.parametrize("sign", [-1, 1])
def test_more_is_always_darker_so_that_a_grey_print_still_shows_how_much(who, sign):
    lightness = lab_seen(COLOURS(0.5 + sign * np.linspace(0, 0.5, 11))[:, :3], who)[:, 0]
    assert (np.diff(lightness) < 0).all()


def pictures(path):
    outputs = [o for cell in read(path).cells for o in cell.get("outputs", [])]
    return [o for o in outputs if "image/png" in o.get("data", {})]


@each_executed
def test_the_words_of_a_figure_say_what_is_in_it(path):
    for picture in pictures(path):
        alt = picture.metadata["image/png"]["alt"]
        assert len(alt) >= 40 and not re.fullmatch(r"\S+\.(png|jpe?g)", alt), alt


@each_executed
def test_a_figure_fits_into_its_column(path):
    for picture in pictures(path):
        width, _ = Image.open(io.BytesIO(base64.b64decode(picture.data["image/png"]))).size
        assert width <= COLUMN


@each_notebook
def test_what_folds_has_a_name_and_pictures_in_the_text_have_words(path):
    written = text(path)
    assert len(re.findall(r"<details>\s*<summary>[^<]{3,}</summary>", written)) == written.count("<details")
    assert not re.search(r"!\[\s*\]\(|<img(?![^>]*\balt=\"[^\"]{10,})", written)


@each_notebook
def test_the_text_sets_no_colours_and_no_sizes_of_its_own(path):
    """So it follows the reader's theme and zoom."""
    assert not re.search(
        r"<font|style=|color=|<center|<br", re.sub(r"`[^`]*`|```.*?```", "", text(path), flags=re.S)
    )


def test_there_is_something_to_look_at():
    assert sum(len(pictures(path)) for path in EXECUTED) > 100
