"""Guards on the lessons: each is here because a public course met the accident it is about."""

import json
import re
from functools import cache
from pathlib import Path

import nbformat
import pytest
from nbval.plugin import metadata_tags

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted(p for p in (ROOT / "notebooks").rglob("*.ipynb") if ".ipynb_checkpoints" not in p.parts)
EXECUTED = [p for p in NOTEBOOKS if "exercises" not in p.parts]
LESSONS = [p for p in NOTEBOOKS if p.parent.name == "notebooks" and re.match(r"\d\d_", p.name)]
SECTIONS = ["See it", "Build it", "Use it", "Check it", "Break it", "Your turn", "Remember", "Read on"]
CHECKED = "nbval-check-output"

each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.name)
each_executed = pytest.mark.parametrize("path", EXECUTED, ids=lambda p: p.name)
each_lesson = pytest.mark.parametrize("path", LESSONS, ids=lambda p: p.name)


@cache
def read(path):
    """One notebook for all tests: none of them changes it."""
    return nbformat.read(path, 4)


def code(path):
    return [cell for cell in read(path).cells if cell.cell_type == "code"]


def text(path):
    return "\n".join(cell.source for cell in read(path).cells if cell.cell_type == "markdown")


def tags(cell):
    return cell.metadata.get("tags", [])


def text_output(cell):
    """What nbval compares: printed text and the text of results, not pictures."""
    outputs = [o for o in cell.outputs if "image/png" not in o.get("data", {})]
    texts = [o.get("text", "") + o.get("data", {}).get("text/plain", "") for o in outputs]
    return "".join(texts).strip()


def draws(cell):
    return any("image/png" in o.get("data", {}) for o in cell.outputs)


def marked(cell):
    return CHECKED in tags(cell)


def test_there_are_lessons_numbered_from_00_without_a_gap_but_that_of_the_playground():
    numbers = [int(p.name[:2]) for p in LESSONS]
    assert sorted({*numbers, 11}) == list(range(13)) and len(numbers) == len(set(numbers))


@each_notebook
def test_the_file_is_a_valid_notebook_below_one_megabyte_without_widgets_and_machine_paths(path):
    book = read(path)
    nbformat.validate(book)
    assert path.stat().st_size < 1_000_000 and "widgets" not in book.metadata
    stored = json.dumps([cell.get("outputs", []) for cell in book.cells])
    folders = r"/(home|root|Users|tmp|work|usr|opt)/|[A-Z]:\\\\Users|site-packages|ipykernel_\d"
    assert not re.search(folders, stored)


@each_executed
def test_cells_were_executed_in_order_from_a_fresh_kernel_without_an_error_that_is_not_meant(path):
    counts = [cell.execution_count for cell in code(path)]
    assert counts == list(range(1, len(counts) + 1))
    for cell in code(path):
        has_error = any(output.output_type == "error" for output in cell.outputs)
        assert not has_error or "raises-exception" in tags(cell), cell.source


@each_executed
def test_every_figure_is_followed_by_a_marked_cell_with_a_text_that_can_be_compared(path):
    cells = code(path)
    silent = [cell.source for cell in cells if marked(cell) and not text_output(cell)]
    assert not silent, silent
    assert not draws(cells[-1])
    pairs = zip(cells, cells[1:], strict=False)
    unchecked = [cell.source for cell, following in pairs if draws(cell) and not marked(following)]
    assert not unchecked, unchecked


@each_lesson
def test_a_lesson_has_its_headings_its_time_framework_and_memory_and_three_questions(path):
    found = re.findall(r"^## (.+)$", text(path), re.MULTILINE)
    assert [heading for heading in found if heading in SECTIONS] == SECTIONS
    first = read(path).cells[0].source
    assert first.startswith("# ")
    for word in ("You will", "You need", "minutes", "memory"):
        assert word in first
    assert re.search(r"xt\.framework\(|FRAMEWORK", code(path)[0].source)
    answers = re.findall(r"<details>(.*?)</details>", text(path), re.DOTALL)
    assert text(path).count("<details>") == text(path).count("</details>") == len(answers) >= 3
    assert all("empting" in answer for answer in answers), "each says why the wrong one is tempting"


@each_notebook
def test_code_is_short_does_nothing_a_lesson_must_not_and_has_tags_that_nbval_knows(path):
    unwanted = r"pip install|https?://|urlopen|verbose=[12]|;\s*$|#\s*(NBVAL|PYTEST_VALIDATE)"
    for cell in code(path):
        assert len(cell.source.splitlines()) <= 25, cell.source
        assert not re.search(unwanted, cell.source, re.MULTILINE), cell.source
        assert {tag for tag in tags(cell) if "nbval" in tag or "raises" in tag} <= set(metadata_tags)
