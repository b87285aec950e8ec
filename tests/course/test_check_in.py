"""Before handing in: what is missing, what was changed, and what was not run, in sentences."""

import json

import pytest

from xaiteach_course.check_in import check_in
from xaiteach_course.workspace import LESSONS, WorkspaceError

CELLS = [
    ("markdown", "# Exercises"),
    ("code", "import xaiteach as xt"),
    ("markdown", "## 1. Build this\n\nWrite it."),
    ("code", "def half(x):\n    # your code here\n    raise NotImplementedError"),
    ("code", "xt.check.half(half)"),
    ("markdown", "## 2. Explain"),
    ("markdown", "*Write your answer here.*"),
]
ANSWERS = {3: "def half(x):\n    return x / 2", 6: "It is half."}


@pytest.fixture
def course(tmp_path):
    folder = tmp_path / "notebooks"
    write(folder / "exercises" / "03_halves.ipynb", notebook())
    write(folder / "exercises" / "04_thirds.ipynb", notebook())
    return folder


@pytest.fixture
def judged(tmp_path, course):
    """Hands in a notebook of lesson 03, and gives back what is said about it."""

    def judge(cells):
        write(tmp_path / "mine" / "exercises" / "03_halves.ipynb", cells)
        return check_in(tmp_path / "mine", ["03"], course)["03_halves.ipynb"]

    return judge


def notebook(answers=(), run=False):
    """The cells of an exercise, with answers, and counted from 1 where it was run."""
    cells, count = [], 0
    for index, (kind, source) in enumerate(CELLS):
        cell = {"cell_type": kind, "id": f"cell-{index}", "metadata": {}}
        cell["source"] = dict(answers).get(index, source)
        if kind == "code":
            count += 1
            cell.update(outputs=[], execution_count=count if run else None)
        cells.append(cell)
    return cells


def write(path, cells):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))


def counted(cells, counts):
    """Give the cells of code these numbers."""
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    for cell, count in zip(code, counts, strict=True):
        cell["execution_count"] = count
    return cells


def result(text):
    return {"output_type": "execute_result", "data": {"text/plain": text}}


def test_what_is_answered_and_run_is_ready(judged):
    assert judged(notebook(ANSWERS, run=True)) == []


def test_what_was_delivered_or_only_run_is_not_begun(judged):
    assert judged(notebook()) is None
    assert judged(notebook(run=True)) is None


def test_an_empty_stub_is_named_with_its_task(judged):
    (sentence,) = judged(notebook({3: ANSWERS[3]}, run=True))
    assert sentence.startswith("task 2 is not answered") and "Write your answer here" in sentence
    (sentence,) = judged(notebook({3: CELLS[3][1] + "\n# a beginning", 6: ANSWERS[6]}, run=True))
    assert sentence.startswith("task 1 is not answered")


@pytest.mark.parametrize("index, task", [(1, "the beginning"), (3, "task 1"), (4, "task 1"), (5, "task 2")])
def test_a_cell_that_is_gone_is_named_with_its_first_line(judged, index, task):
    cells = notebook(ANSWERS, run=True)
    kind, source = CELLS[index]
    del cells[index]
    counted(cells, [1, 2] if kind == "code" else [1, 2, 3])
    assert judged(cells) == [f"a cell of {task} is missing; it began with “{source.splitlines()[0]}”"]


def test_a_check_that_was_changed_is_quoted_as_it_was_but_a_line_of_ones_own_is_no_change(judged):
    (sentence,) = judged(notebook({**ANSWERS, 4: "print('done: 1 of 1 right')"}, run=True))
    assert sentence == "the check of task 1 was changed; it was “xt.check.half(half)”"
    assert judged(notebook({**ANSWERS, 4: "half(1)\nxt.check.half(half)"}, run=True)) == []


@pytest.mark.parametrize("counts", [(1, 2, None), (2, 3, 4), (1, 3, 2)])
def test_what_was_not_run_from_top_to_bottom_is_told(judged, counts):
    (sentence,) = judged(counted(notebook(ANSWERS), counts))
    assert "not run from top to bottom" in sentence


def test_an_empty_cell_need_not_be_run_and_a_cell_that_was_copied_is_there(judged):
    cells, unrun = notebook(ANSWERS, run=True), notebook()
    assert judged([*cells, unrun[3] | {"id": "x", "source": " "}]) == []
    cells[4]["id"] = "another"
    assert judged(cells) == []


def test_errors_and_verdicts_are_told_once_each(judged):
    cells = notebook(ANSWERS, run=True)
    error = {"output_type": "error", "ename": "NameError", "evalue": "x", "traceback": []}
    cells[3]["outputs"], cells[4]["outputs"] = [error] * 2, [result(["not yet: 2 of 5 right"])]
    assert judged(cells) == [
        "a cell of task 1 ended with NameError",
        "the check of task 1 says “not yet: 2 of 5 right”",
    ]
    own_words, done = result("not yet: 2 of 5 right"), result("done: 5 of 5 right")
    cells[3]["outputs"], cells[4]["outputs"] = [own_words], [done]
    assert judged(cells) == [], "what a learner prints is no verdict"


def test_what_is_no_notebook_is_said_so(tmp_path, course):
    mine = tmp_path / "mine" / "exercises"
    mine.mkdir(parents=True)
    (mine / "03_halves.ipynb").write_text("<html>")
    (sentences,) = check_in(tmp_path / "mine", ["03"], course).values()
    assert sentences == ["it can't be read as a notebook"]


def test_without_a_number_all_exercises_are_judged(tmp_path, course, judged):
    judged(notebook(ANSWERS, run=True))
    assert check_in(tmp_path / "mine", (), course) == {"03_halves.ipynb": [], "04_thirds.ipynb": None}


def test_what_can_not_be_judged_is_a_sentence(tmp_path, course):
    with pytest.raises(WorkspaceError, match="no folder .*; make your copy with"):
        check_in(tmp_path / "nowhere", (), course)
    (tmp_path / "mine" / "exercises").mkdir(parents=True)
    with pytest.raises(WorkspaceError, match="No exercise belongs to 77"):
        check_in(tmp_path / "mine", ["77"], course)


def test_the_solutions_of_the_course_are_ready_to_hand_in(tmp_path):
    mine = tmp_path / "exercises"
    mine.mkdir()
    for solution in LESSONS.glob("solutions/*.ipynb"):
        name = solution.name.replace("_solution", "")
        (mine / name).write_bytes(solution.read_bytes())
    found = check_in(tmp_path)
    assert len(found) == len(list(LESSONS.glob("exercises/*.ipynb")))
    assert {name: sentences for name, sentences in found.items() if sentences} == {}
