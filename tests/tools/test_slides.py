"""Slides: what is shown, and that the file asks nobody for anything."""

import re
from functools import cache
from html.parser import HTMLParser

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from slides import for_slides, kind, page, with_mathml, without_links_to_files
from test_notebooks import each_lesson

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

made = cache(page)


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


@pytest.fixture
def small(tmp_path):
    """A notebook with one slide of three parts, and a cell that nobody marked."""
    drawn = new_output("display_data", {"image/png": PIXEL}, metadata={"image/png": {"alt": 'A red "4".'}})
    cells = [
        marked(new_markdown_cell("# Look\n\nThe score $S_t$, see [score](glossary.md#score)."), "slide"),
        marked(new_code_cell("hidden_call()", outputs=[drawn]), "-"),
        marked(new_code_cell("shown_call()"), "fragment"),
        new_markdown_cell("Nobody marked this."),
    ]
    path = tmp_path / "03_look.ipynb"
    nbformat.write(new_notebook(cells=cells), path)
    return path


def test_only_marked_cells_are_shown_and_code_only_where_it_gave_nothing(small):
    """A figure keeps its words, and a page its title."""
    html = page(small)
    assert "<title>03 Look</title>" in html and "Nobody marked this" not in html
    assert "hidden_call" not in html and "shown_call" in html
    assert html.count("<section") == 2, "one slide, in a stack of its own"
    found = Tags(html).found
    assert "fragment" in {attributes.get("class") for tag, attributes in found if tag == "div"}
    assert [attributes["alt"] for tag, attributes in found if tag == "img"] == ['A red "4".']


def test_formulas_become_mathml_and_links_to_files_words_and_the_rest_is_left_alone():
    assert with_mathml("`$HOME` and $x$").startswith("`$HOME` and <math")
    half = with_mathml("$$ \\frac{1}{2} $$")
    assert 'display="block"' in half and "<mfrac>" in half
    assert with_mathml("no formula") == "no formula"
    assert without_links_to_files("a [map](glossary.md#map)") == "a map"
    assert without_links_to_files("[paper](https://arxiv.org/abs/1)") == "[paper](https://arxiv.org/abs/1)"


@each_lesson
def test_a_lesson_has_eight_to_fourteen_slides_from_its_title_to_what_to_remember(path):
    """Every figure on them has the words that it has in the lesson."""
    shown = for_slides(nbformat.read(path, 4)).cells
    assert 8 <= sum(kind(cell) == "slide" for cell in shown) <= 14
    assert shown[0].source.startswith("# ") and shown[-1].source.startswith("## Remember")
    assert kind(shown[0]) == kind(shown[-1]) == "slide"
    outputs = [output for cell in shown for output in cell.get("outputs", [])]
    drawn = [output for output in outputs if "image/png" in output.get("data", {})]
    words = [output.metadata["image/png"]["alt"] for output in drawn]
    assert words == [attributes["alt"] for tag, attributes in Tags(made(path)).found if tag == "img"]


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
