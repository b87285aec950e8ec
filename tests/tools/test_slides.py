"""Slides: what is shown, and that the file asks nobody for anything."""

import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from slides import for_slides, kind, page, with_mathml, without_links_to_files

LESSONS = sorted((Path(__file__).parents[2] / "notebooks").glob("[0-9][0-9]_*.ipynb"))
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

made = cache(page)
each_lesson = pytest.mark.parametrize("path", LESSONS, ids=lambda p: p.name)


class Tags(HTMLParser):
    """Every tag of a page with its attributes."""

    def __init__(self, html):
        super().__init__()
        self.found = []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))


def marked(cell, slide_type):
    cell.metadata["slideshow"] = {"slide_type": slide_type}
    return cell


def drawn(alt):
    return new_output("display_data", {"image/png": PIXEL}, metadata={"image/png": {"alt": alt}})


@pytest.fixture
def small(tmp_path):
    """A notebook with one slide of three parts, and a cell that nobody marked."""
    cells = [
        marked(new_markdown_cell("# Look\n\nThe score $S_t$, see [score](glossary.md#score)."), "slide"),
        marked(new_code_cell("hidden_call()", outputs=[drawn('A red "4".')]), "-"),
        marked(new_code_cell("shown_call()"), "fragment"),
        new_markdown_cell("Nobody marked this."),
    ]
    path = tmp_path / "03_look.ipynb"
    nbformat.write(new_notebook(cells=cells), path)
    return path


def test_only_marked_cells_are_shown_and_code_only_where_it_gave_nothing(small):
    html = page(small)
    assert "Nobody marked this" not in html
    assert "hidden_call" not in html and "shown_call" in html
    assert len(re.findall("<section", html)) == 2, "one slide, in a stack of its own"
    assert "fragment" in {attributes.get("class") for tag, attributes in Tags(html).found if tag == "div"}


def test_a_figure_keeps_its_words_and_a_page_its_title(small):
    images = [attributes for tag, attributes in Tags(page(small)).found if tag == "img"]
    assert [image["alt"] for image in images] == ['A red "4".']
    assert "<title>03 Look</title>" in page(small)


def test_formulas_become_mathml_and_code_is_left_alone():
    assert with_mathml("`$HOME` and $x$").startswith("`$HOME` and <math")
    half = with_mathml("$$ \\frac{1}{2} $$")
    assert 'display="block"' in half and "<mfrac>" in half
    assert with_mathml("no formula") == "no formula"


def test_links_to_files_beside_the_lesson_are_words_and_links_to_the_web_stay():
    assert without_links_to_files("a [map](glossary.md#map)") == "a map"
    assert without_links_to_files("[paper](https://arxiv.org/abs/1)") == "[paper](https://arxiv.org/abs/1)"


@each_lesson
def test_a_lesson_has_eight_to_fourteen_slides_from_its_title_to_what_to_remember(path):
    shown = for_slides(nbformat.read(path, 4)).cells
    starts = [cell for cell in shown if kind(cell) == "slide"]
    assert 8 <= len(starts) <= 14
    assert shown[0].source.startswith("# ") and shown[-1].source.startswith("## Remember")
    assert kind(shown[0]) == kind(shown[-1]) == "slide"


@each_lesson
def test_the_slides_of_a_lesson_ask_no_other_file_and_no_server(path):
    html = made(path)
    tags = Tags(html).found
    for tag, attributes in tags:
        assert tag not in ("link", "iframe", "object", "embed", "base")
        sources = [attributes.get(name) for name in ("src", "srcset", "data", "poster")]
        assert all(source.startswith("data:") for source in sources if source)
    styles = "".join(re.findall(r"<style.*?</style>", html, re.DOTALL))
    assert not re.search(r"url\((?!['\"]?data:)|@import", styles)
    prose = re.sub(r"<(script|style).*?</\1>|<pre>.*?</pre>", "", html, flags=re.DOTALL)
    assert "$" not in prose, "a formula is left"


@each_lesson
def test_every_figure_on_a_slide_has_the_words_that_it_has_in_the_lesson(path):
    cells = for_slides(nbformat.read(path, 4)).cells
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    drawn = [output for output in outputs if "image/png" in output.get("data", {})]
    words = [output.metadata["image/png"]["alt"] for output in drawn]
    assert words == [attributes["alt"] for tag, attributes in Tags(made(path)).found if tag == "img"]
