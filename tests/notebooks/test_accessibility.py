"""The course can be read without colours, without seeing the figures, and at twice the size."""

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image
from skimage.color import deltaE_ciede2000, rgb2lab
from test_notebooks import code, each_executed, each_notebook, text

from xaiteach.figures.draw import COLOURS

# How colours look to people who lack one kind of cone: Machado, Oliveira and Fernandes, A physiologically-
# based model for simulation of color vision deficiency, IEEE TVCG 2009, table 1, severity 1.0; linear RGB.
SEEN_BY = {
    "everybody": np.eye(3),
    "protanopes": [[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]],
    "deuteranopes": [[0.367, 0.861, -0.228], [0.28, 0.673, 0.047], [-0.012, 0.043, 0.969]],
    "tritanopes": [[1.256, -0.077, -0.179], [-0.078, 0.931, 0.148], [0.005, 0.691, 0.304]],
}
COLUMN = 1300  # pixels, what JupyterLab shows of a figure without making it smaller


def lab_seen(colours, who):
    """sRGB (N, 3) as somebody sees it, in Lab."""
    linear = np.where(colours <= 0.04045, colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4)
    seen = np.clip(linear @ np.transpose(SEEN_BY[who]), 0, 1)
    return rgb2lab(np.where(seen <= 0.0031308, seen * 12.92, 1.055 * seen ** (1 / 2.4) - 0.055))


@pytest.mark.parametrize("who", SEEN_BY)
def test_for_and_against_look_different_to_everybody_and_more_is_always_darker(who):
    """So a grey print still shows how much."""
    strength = np.linspace(0, 1, 11)
    against, in_favour = (lab_seen(COLOURS(0.5 + sign * strength / 2)[:, :3], who) for sign in (-1, 1))
    assert deltaE_ciede2000(against[3:], in_favour[3:]).min() > 15
    assert (np.diff(against[:, 0]) < 0).all() and (np.diff(in_favour[:, 0]) < 0).all()


@each_executed
def test_a_figure_fits_into_its_column_and_its_words_say_what_is_in_it(path):
    outputs = [output for cell in code(path) for output in cell.outputs]
    pictures = [output for output in outputs if "image/png" in output.get("data", {})]
    assert pictures
    for picture in pictures:
        alt = picture.metadata["image/png"]["alt"]
        assert len(alt) >= 40 and not re.fullmatch(r"\S+\.(png|jpe?g)", alt), alt
        width, _ = Image.open(io.BytesIO(base64.b64decode(picture.data["image/png"]))).size
        assert width <= COLUMN


@each_notebook
def test_what_folds_has_a_name_pictures_have_words_and_the_text_has_no_colours_and_sizes_of_its_own(path):
    """So it follows the reader's theme and zoom."""
    written = text(path)
    assert len(re.findall(r"<details>\s*<summary>[^<]{3,}</summary>", written)) == written.count("<details")
    assert not re.search(r"!\[\s*\]\(|<img(?![^>]*\balt=\"[^\"]{10,})", written)
    outside_code = re.sub(r"`[^`]*`|```.*?```", "", written, flags=re.S)
    assert not re.search(r"<font|style=|color=|<center|<br", outside_code)
