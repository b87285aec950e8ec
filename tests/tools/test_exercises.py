"""The exercises: made of their solutions, without a word of these; begun by nobody, they run to their end."""

import json
import re

import exercises
import nbformat
import pytest
import warm
from run_apart import Limits, run_apart
from test_notebooks import code, read

import xaiteach as xt

SOLUTIONS = exercises.solutions()
REGION = re.compile(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", re.DOTALL)
each = pytest.mark.parametrize("solution", SOLUTIONS, ids=[path.stem for path in SOLUTIONS])


def _learners(solution):
    return read(exercises.exercise_path(solution))


def _kinds(cell):
    """What its tags make of a cell: [("check", "4")], [("text", "5")], [("solution", None)] or nothing."""
    found = map(exercises.TAG.fullmatch, cell.metadata.get("tags", []))
    return [(match[1] or "solution", match[2]) for match in found if match]


def test_lessons_01_to_10_have_exercises_and_12_a_report():
    assert [path.name[:2] for path in SOLUTIONS] == [f"{number:02}" for number in (*range(1, 11), 12)]
    folder = exercises.NOTEBOOKS / "exercises"
    found = {path.name for path in folder.iterdir() if path.name != ".ipynb_checkpoints"}
    assert found == {exercises.exercise_path(solution).name for solution in SOLUTIONS}


@each
def test_the_learners_copy_is_what_the_solution_makes_without_outputs_and_marks(solution):
    assert _learners(solution) == exercises.learner_copy(read(solution)), "run `make exercises`"
    for cell in _learners(solution).cells:
        assert not _kinds(cell) and "nbgrader" not in cell.metadata
        assert not cell.get("outputs") and not cell.get("execution_count")


@each
def test_no_line_of_a_solution_is_in_the_learners_copy(solution):
    """But lines that the solution has outside of its regions too."""
    cells = read(solution).cells
    text = "\n".join(cell.source for cell in cells)
    hidden = {line.strip() for region in REGION.findall(text) for line in region.splitlines()}
    shown = {line.strip() for line in REGION.sub("", text).splitlines()}
    copy = _learners(solution)
    lines = {line.strip() for cell in copy.cells for line in cell.source.splitlines()}
    everything = json.dumps(copy, ensure_ascii=False)
    assert hidden - shown
    assert not (hidden - shown) & lines
    assert not [line for line in hidden - shown if len(line) > 20 and json.dumps(line)[1:-1] in everything]


@each
def test_there_are_four_to_six_tasks_each_with_a_check_of_its_lesson_or_a_text(solution):
    tasks, names = [], []
    for cell in read(solution).cells:
        kinds = dict(_kinds(cell))
        assert len(_kinds(cell)) <= 1
        assert all(int(points) > 0 for kind, points in kinds.items() if kind != "solution")
        assert bool(REGION.search(cell.source)) == bool(kinds.keys() & {"solution", "text"})
        assert cell.source.startswith("xt.check.") == ("check" in kinds)
        numbers = exercises.TASK.findall(cell.source) if cell.cell_type == "markdown" else []
        tasks += [(number, set()) for number in numbers]
        if tasks:
            tasks[-1][1].update(kinds)
        if "check" in kinds:
            names.append(exercises.CALL.search(cell.source)[1])
    assert [number for number, _ in tasks] == [str(number) for number in range(1, len(tasks) + 1)]
    assert 4 <= len(tasks) <= 6 and all(kinds & {"check", "text"} for _, kinds in tasks)
    assert len(set(names)) == len(names)
    assert {xt.check.exercises()[name].lesson for name in names} == {solution.name[:2]}


def test_every_exercise_of_the_package_is_set_in_a_notebook():
    notebooks = [*SOLUTIONS, *exercises.NOTEBOOKS.glob("[0-9][0-9]_*.ipynb")]
    text = "\n".join(path.read_text("utf-8") for path in notebooks)
    assert [name for name in xt.check.exercises() if f"xt.check.{name}(" not in text] == []


@each
def test_a_copy_that_nobody_began_runs_and_stops_at_its_stubs_alone(solution):
    _look_at_stubs(solution, warm.run(_learners(solution), exercises.exercise_path(solution).parent))


def test_one_of_them_does_so_in_a_kernel_of_its_own():
    solution = next(path for path in SOLUTIONS if path.name.startswith("05"))
    ran = run_apart(_learners(solution), Limits(seconds=600))
    _look_at_stubs(solution, [_of_a_kernel(cell) for cell in ran.cells if cell.cell_type == "code"])


def _of_a_kernel(cell):
    text = "".join(output.get("text", "") for output in cell.outputs)
    errors = [output for output in cell.outputs if output.output_type == "error"]
    assert all(error.ename == "NotImplementedError" for error in errors), errors
    return warm.Ran(text, NotImplementedError(errors[0].evalue) if errors else None)


def _look_at_stubs(solution, ran):
    """Cells to be written stop at their stubs, the checks say so, and all others run to their end."""
    for cell, (text, error) in zip(code(solution), ran, strict=True):
        kinds = dict(_kinds(cell))
        is_stub = type(error) is NotImplementedError and not str(error)
        assert is_stub if "solution" in kinds else error is None, cell.source
        assert "check" not in kinds or "Not begun" in text, cell.source


def test_a_second_asking_does_not_forget_what_is_done():
    checks = ['xt.check.read_the_map("bd")', 'xt.check.read_confidence("ad")']
    asked = [check + exercises._hidden(check, seed=5) for check in checks]
    cells = map(nbformat.v4.new_code_cell, ["import xaiteach as xt", *asked, 'xt.progress("03")'])
    ran = run_apart(nbformat.v4.new_notebook(cells=list(cells)), Limits(seconds=120)).cells
    assert "asked again:" in ran[1].outputs[0].text
    assert ran[3].outputs[0].text.startswith("03  1 of 5 done")
