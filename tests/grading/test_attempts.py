"""What is run again, what is no grade, and what comes of a test: without a course folder or a run."""

from concurrent.futures import Future, ThreadPoolExecutor
from copy import deepcopy
from threading import Event
from types import SimpleNamespace

import attempts
import collecting
import commands
import gradebook
import hidden
import nbformat
import pytest
import submissions
import tables
from run_apart import Limits
from submissions import Unusable

import xaiteach as xt

CODE, OUTPUT = nbformat.v4.new_code_cell, nbformat.v4.new_output
SLOW = OUTPUT("error", ename="TookTooLong", evalue="", traceback=[])
TEST = "xt.check.scale_a_map(mine)"


@pytest.fixture
def frame():
    """A given cell, a heading, an answer, a test."""
    answer = CODE("mine = 1", metadata={"nbgrader": {"grade_id": "a", "locked": False, "grade": False}})
    mark = {"grade_id": "scale", "grade": True, "locked": True, "points": 1}
    heading = nbformat.v4.new_markdown_cell("## 1. Scale")
    test = CODE(TEST, metadata={"nbgrader": mark})
    return nbformat.v4.new_notebook(cells=[CODE("case = load(29)"), heading, answer, test])


@pytest.fixture
def run(frame, monkeypatch):
    """Attempts without files: `run(outputs, place)` is one with these outputs, `run.limits` says what ran."""

    def run_apart(notebook, limits):
        run.limits.append(limits)
        notebook.cells[run.place].outputs = run.outputs
        return notebook

    def run(outputs=(), place=2, limits=60, force=False, files=("x",), before=None):
        run.outputs, run.place = list(outputs), place
        before = run.before if before is None else before
        done = attempts.attempt(frame, frame, limits, files, before, force)
        run.before = {"digest": done.digest, "state": done.state}
        return done

    run.limits, run.before = [], {}
    monkeypatch.setattr(attempts, "run_apart", run_apart)
    monkeypatch.setattr(collecting, "choose", lambda files, frame: ("x.ipynb", []))
    monkeypatch.setattr(submissions, "rebuild", lambda cells, frame: (deepcopy(frame), []))
    return run


@pytest.mark.parametrize("outputs, expected", [([], [60]), ([SLOW], [60, 300])])
def test_what_took_too_long_is_run_again_with_other_limits_only(run, outputs, expected):
    for limits in (60, 60, 300):
        run(outputs, limits=limits)
    assert run.limits == expected
    run(outputs, limits=300, force=True)
    assert run.limits == [*expected, 300]
    with pytest.raises(Unusable, match="could not be run: took too long before the first task; try more"):
        run([SLOW], place=0, before={})


def test_a_state_that_is_remembered_is_told_again_and_of_several_files_which_was_taken(run):
    first = run([SLOW])
    again = run([SLOW])
    assert again.state == first.state and again.state.startswith("took too long at task 1. Scale")
    assert first.executed is not None and again.executed is None
    several = run(files=("x", "y"), before={})
    assert "taken" not in first.state and several.state.endswith("; 2 files, taken: x.ipynb")


@pytest.mark.parametrize(
    "outputs, expected, remarks",
    [
        (["word of this run"], [], []),
        (["error", "word of this run"], ["AssertionError"], []),
        ([], ["NotAsked"], ["a test was passed over (0 points)"]),
        (["word of another"], ["NotAsked"], ["a test was passed over (0 points)"]),
        (["replaced", "word of this run"], [], ["a checker was replaced (the course's was asked)"]),
        # nbgrader gives 0 for a warning, and as many points as a result says.
        (["warning", "result", "word of this run"], ["stdout"], []),
    ],
)
def test_a_test_counts_only_where_it_was_asked_to_its_end(frame, outputs, expected, remarks):
    known = {
        "word of this run": OUTPUT("display_data", {hidden.ASKED: "word"}),
        "word of another": OUTPUT("display_data", {hidden.ASKED: "other", "application/json": {}}),
        "replaced": OUTPUT("display_data", {hidden.REPLACED: "word"}),
        "error": OUTPUT("error", ename="AssertionError"),
        "warning": OUTPUT("stream", name="stderr", text="a warning"),
        "result": OUTPUT("execute_result", {"text/plain": "0"}),
    }
    frame.cells[3].outputs = [known[output] for output in outputs]
    assert hidden.judge(frame, "word") == remarks
    assert [output.get("ename") or output.name for output in frame.cells[3].outputs] == expected


@pytest.mark.parametrize(
    "harm, is_seen",
    [
        (lambda patch: None, False),
        (lambda patch: patch.setitem(vars(xt.check), "scale_a_map", lambda answer: True), True),
        (lambda patch: patch.setitem(vars(xt.check), "find_exercise", lambda name: print), True),
        (lambda patch: patch.setattr(xt, "check", SimpleNamespace(scale_a_map=print)), True),
    ],
)
def test_a_checker_in_anothers_place_is_seen(frame, monkeypatch, harm, is_seen):
    shown = {}
    monkeypatch.setattr("IPython.display.display", lambda data, raw: shown.update(data))
    test = hidden.with_tests(frame, frame, "w").cells[3].source
    harm(monkeypatch)
    exec(test, {"xt": xt, "mine": 1})
    assert shown == {hidden.ASKED: "w", **({hidden.REPLACED: "w"} if is_seen else {})}


def test_what_waits_is_not_run_after_ctrl_c(monkeypatch, tmp_path, frame):
    begun, end = [], Event()

    def interrupted(*_):
        raise KeyboardInterrupt

    for step in ("source", "release"):
        (tmp_path / step / "x").mkdir(parents=True)
        nbformat.write(frame, tmp_path / step / "x" / "x.ipynb")
    monkeypatch.setattr(collecting, "find", lambda *_: {str(number): ["x"] for number in range(9)})
    monkeypatch.setattr(commands, "attempt", lambda *_: begun.append(1) or end.wait())
    monkeypatch.setattr(commands, "finish", interrupted)
    with ThreadPoolExecutor(2) as pool:
        monkeypatch.setattr(commands, "ThreadPoolExecutor", lambda at_once: pool)
        with pytest.raises(KeyboardInterrupt):
            commands.grade(tmp_path, "x", "y", Limits())
        end.set()
    assert len(begun) <= 2


def test_names_errors_and_words_of_any_kind_end_nothing(monkeypatch, tmp_path):
    """A byte of another encoding in a file's name, an error of the grading, a page that can't be written."""
    monkeypatch.setattr(gradebook, "tasks", lambda *_: {"scale": 3})
    monkeypatch.setattr(gradebook, "grades", lambda *_: [])
    monkeypatch.setattr(gradebook, "write_notice", lambda *_: 1 / 0)
    known = {}
    for student, error in {"ann": Unusable("not a notebook: l\udcf6sung"), "bo": KeyError("scale")}.items():
        running = Future()
        running.set_exception(error)
        known[student] = attempts.finish(tmp_path, "x", student, running, None)
    _, ann, bo = tables.write_points(tmp_path, "x", known, known).read_text("utf-8-sig").splitlines()
    assert ann.startswith("ann,x,,,3,not a notebook: l?sung; the page could not be made: ")
    assert bo.startswith("bo,x,,,3,could not be graded: 'scale'; the page could not be made: ")
