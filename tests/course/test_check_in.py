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
    for name in ("03_halves.ipynb", "04_thirds.ipynb"):
        write(folder / "exercises" / name, notebook())
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
    cells = []
    for index, (kind, source) in enumerate(CELLS):
        source = dict(answers).get(index, source)
        cells.append({"cell_type": kind, "id": f"cell-{index}", "metadata": {}, "source": source})
        if kind == "code":
            cells[-1].update(outputs=[], execution_count=None)
    return counted(cells, [1, 2, 3]) if run else cells


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


def test_what_is_answered_and_run_is_ready_and_what_was_only_run_is_not_begun(judged):
    assert judged(notebook(ANSWERS, run=True)) == []
    assert judged(notebook()) is None
    assert judged(notebook(run=True)) is None


@pytest.mark.parametrize(
    "answers, words",
    [
        ({3: ANSWERS[3]}, "task 2 is not answered: the line “*Write your answer here.*” is still there"),
        (
            {**ANSWERS, 3: CELLS[3][1] + "\n# a beginning"},
            "task 1 is not answered: the line “raise NotImplementedError” is still there",
        ),
        (
            {**ANSWERS, 4: "print('done: 1 of 1 right')"},
            "the check of task 1 was changed; it was “xt.check.half(half)”",
        ),
    ],
)
def test_an_empty_stub_and_a_check_that_was_changed_are_named_with_their_task(judged, answers, words):
    assert judged(notebook(answers, run=True)) == [words]


@pytest.mark.parametrize("index, task", [(1, "the beginning"), (3, "task 1"), (4, "task 1"), (5, "task 2")])
def test_a_cell_that_is_gone_is_named_with_its_first_line(judged, index, task):
    cells = notebook(ANSWERS, run=True)
    kind, source = CELLS[index]
    del cells[index]
    counted(cells, [1, 2] if kind == "code" else [1, 2, 3])
    assert judged(cells) == [f"a cell of {task} is missing; it began with “{source.splitlines()[0]}”"]


@pytest.mark.parametrize("counts", [(1, 2, None), (2, 3, 4), (1, 3, 2)])
def test_what_was_not_run_from_top_to_bottom_is_told(judged, counts):
    (sentence,) = judged(counted(notebook(ANSWERS), counts))
    assert "not run from top to bottom" in sentence


def test_empty_and_copied_cells_and_lines_of_ones_own_are_no_change(judged):
    assert judged(notebook({**ANSWERS, 4: "half(1)\nxt.check.half(half)"}, run=True)) == []
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


def test_all_exercises_are_judged_and_what_can_not_be_is_a_sentence(tmp_path, course, judged):
    judged(notebook(ANSWERS, run=True))
    mine = tmp_path / "mine"
    assert check_in(mine, (), course) == {"03_halves.ipynb": [], "04_thirds.ipynb": None}
    (mine / "exercises" / "03_halves.ipynb").write_text("<html>")
    assert check_in(mine, ["03"], course) == {"03_halves.ipynb": ["it can't be read as a notebook"]}
    with pytest.raises(WorkspaceError, match="No exercise belongs to 77"):
        check_in(mine, ["77"], course)
    with pytest.raises(WorkspaceError, match="no folder .*; make your copy with"):
        check_in(tmp_path / "nowhere", (), course)


def test_the_solutions_of_the_course_are_ready_to_hand_in(tmp_path):
    for solution in LESSONS.glob("solutions/*.ipynb"):
        copy = tmp_path / "exercises" / solution.name.replace("_solution", "")
        copy.parent.mkdir(exist_ok=True)
        copy.write_bytes(solution.read_bytes())
    exercises = [path.name for path in LESSONS.glob("exercises/*.ipynb")]
    assert check_in(tmp_path) == {name: [] for name in exercises}
