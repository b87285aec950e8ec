"""What is run again, what is no grade, and what comes of a test: without a course folder, and without a run."""

import sys
from concurrent.futures import Future
from copy import deepcopy
from threading import Event
from types import ModuleType, SimpleNamespace

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


def _test(name, source="xt.check.scale(mine)"):
    mark = {"grade_id": name, "grade": True, "locked": True, "points": 1}
    return CODE(source, metadata={"nbgrader": mark})


@pytest.fixture
def frame():
    """A given cell, an answer, a given cell, a test."""
    answer = CODE("mine = 1", metadata={"nbgrader": {"grade_id": "a", "locked": False, "grade": False}})
    return nbformat.v4.new_notebook(
        cells=[CODE("case = load(29)"), answer, CODE("show(mine)"), _test("scale")]
    )


@pytest.mark.parametrize("stopped", [1, 2, 3])
def test_a_stop_in_an_answer_or_behind_it_is_the_learners(frame, stopped):
    executed = deepcopy(frame)
    executed.cells[stopped].outputs = [SLOW]
    attempts.check_beginning(executed, frame)


def test_a_stop_before_anything_of_the_learners_is_no_grade(frame):
    executed = deepcopy(frame)
    executed.cells[0].update(source="case = load(31)", outputs=[SLOW])
    executed.cells.insert(0, nbformat.v4.new_markdown_cell("My name"))
    with pytest.raises(Unusable, match="could not be run: took too long in the course's own cells"):
        attempts.check_beginning(executed, frame)


def test_a_stop_in_a_given_cell_that_the_learner_changed_is_the_learners(frame):
    executed = deepcopy(frame)
    executed.cells[0].update(source="while True: pass", outputs=[SLOW])
    attempts.check_beginning(executed, frame)


@pytest.mark.parametrize("outputs, again", [([], False), ([SLOW], True)])
def test_what_took_too_long_is_run_again_with_other_limits_only(frame, monkeypatch, outputs, again):
    runs = []

    def run_apart(notebook, limits):
        notebook.cells[1].outputs = outputs
        runs.append(limits.seconds)
        return notebook

    monkeypatch.setattr(attempts, "run_apart", run_apart)
    monkeypatch.setattr(collecting, "choose", lambda files, frame: ("x.ipynb", []))
    monkeypatch.setattr(submissions, "rebuild", lambda cells, frame: (deepcopy(frame), []))
    known = {}
    for seconds in (60, 60, 300):
        done = attempts.attempt(frame, frame, Limits(seconds), ["x"], known)
        known = {"digest": done.digest, "state": done.state}
    assert runs == ([60, 300] if again else [60])


def test_a_test_counts_only_where_it_was_asked_to_its_end(frame):
    word = OUTPUT("display_data", {hidden.ASKED: "word of this run"})
    fails, other = (
        OUTPUT("error", ename="AssertionError"),
        OUTPUT("display_data", {hidden.ASKED: "of another"}),
    )
    replaced = OUTPUT("display_data", {hidden.REPLACED: "word of this run"})
    for outputs, expected, remark in (
        ([word], [], []),
        ([fails], ["AssertionError"], []),
        ([], ["NotAsked"], ["a test was passed over (0 points)"]),
        ([other], ["NotAsked"], ["a test was passed over (0 points)"]),
        ([replaced, word], [], ["a checker was replaced (the course's was asked)"]),
    ):
        frame.cells[3].outputs = outputs
        assert hidden.judge(frame, "word of this run") == remark
        assert [output.ename for output in frame.cells[3].outputs] == expected


@pytest.fixture
def shown(monkeypatch):
    """What the cell of a test shows, {kind: words}; it runs here."""
    kinds = {}
    monkeypatch.setattr("IPython.display.display", lambda data, raw: kinds.update(data))
    return kinds


@pytest.mark.parametrize(
    "harm",
    [
        lambda patch: patch.setitem(vars(xt.check), "case_maps", print),
        lambda patch: patch.setitem(vars(xt.check), "find_exercise", lambda name: print),
        lambda patch: patch.setattr(xt, "check", SimpleNamespace(case_maps=print)),
        lambda patch: patch.setitem(
            sys.modules, "xaiteach_course.check", ModuleType("xaiteach_course.check")
        ),
    ],
)
def test_a_checker_in_anothers_place_is_seen(frame, shown, monkeypatch, harm):
    source = nbformat.v4.new_notebook(cells=[_test("scale", "1")])
    (test,) = [
        cell.source
        for cell in hidden.with_tests(frame, source, "w").cells
        if hidden.mark_of(cell).get("grade")
    ]
    names = {}
    exec(test, names)
    assert set(shown) == {hidden.ASKED} and set(names) == {"__builtins__"}
    harm(monkeypatch)
    exec(test, names)
    assert set(shown) == {hidden.ASKED, hidden.REPLACED}


def test_what_waits_is_not_run_after_ctrl_c(monkeypatch, tmp_path, frame):
    begun, end = [], Event()

    def interrupted(*_):
        raise KeyboardInterrupt

    for step in ("source", "release"):
        (tmp_path / step / "x").mkdir(parents=True)
        nbformat.write(frame, tmp_path / step / "x" / "x.ipynb")
    monkeypatch.setattr(collecting, "find", lambda *_: {str(number): ["x"] for number in range(9)})
    monkeypatch.setattr(commands, "attempt", lambda *_: begun.append(1) or end.wait(60))
    monkeypatch.setattr(commands, "finish", interrupted)
    with pytest.raises(KeyboardInterrupt):
        commands.grade(tmp_path, "x", "y", Limits())
    end.set()
    assert len(begun) <= commands.AT_ONCE


def test_names_and_words_of_any_kind_end_nothing(monkeypatch, tmp_path):
    """A byte of another encoding in a file's name, and a page that can't be written."""
    monkeypatch.setattr(gradebook, "tasks", lambda *_: {"scale": 3})
    monkeypatch.setattr(gradebook, "points", lambda *_: {})
    monkeypatch.setattr(gradebook, "write_notice", lambda *_: 1 / 0)
    running = Future()
    running.set_exception(Unusable("not a notebook: l\udcf6sung"))
    known = {"ann": attempts.finish(tmp_path, "x", "ann", running, None)}
    row = tables.write_points(tmp_path, "x", known, known).read_text("utf-8-sig").splitlines()[1]
    assert row.startswith("ann,x,,,3,not a notebook: l?sung; the page could not be written: ")
