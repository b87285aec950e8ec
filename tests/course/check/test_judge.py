"""A checker on answers that misbehave: it reports, ends, and leaves all around it as it was."""

import inspect
import signal
import sys
import threading
import warnings
from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib import pyplot

from xaiteach_course import check
from xaiteach_course.check import exercise as exercise_module
from xaiteach_course.check import exercises, find_exercise
from xaiteach_course.check.exercise import exercise
from xaiteach_course.check.judge import PRINTED, is_late, judge
from xaiteach_course.check.verdict import Line, Verdict


def calling(look, answer, seed):
    """The simplest check: what the answer returns is right."""
    look.that("it was asked", True)
    look.that("it is right", answer(), "It is not.")


def as_text(lines):
    return "\n".join(map(str, lines))


def test_a_verdict_is_true_where_there_are_lines_and_all_are_right():
    right, wrong = Line("a", True), Line("b", False, "no")
    assert Verdict([right]) and not Verdict([right, wrong]) and not Verdict([])
    assert repr(Verdict([right, wrong])) == "not yet: 1 of 2 right"


def test_a_right_answer_is_right_on_other_data_too():
    def check(look, answer, seed):
        look.that(f"data {seed}", answer == "right" or seed < 4, "wrong here")

    assert as_text(judge(check, "right", seeds=(3, 4, 5))) == "right  data 3"
    lucky = as_text(judge(check, "lucky", seeds=(3, 4, 5)))
    assert lucky == "right  data 3\nwrong  data 4\n       → wrong here"


class Unwritable(Exception):
    def __str__(self):
        raise ValueError


@pytest.mark.parametrize("error", [SystemExit, KeyboardInterrupt, MemoryError, StopIteration, Unwritable])
def test_whatever_an_answer_raises_is_a_line_after_those_that_were_found(error):
    def raises():
        raise error

    first, last = judge(calling, raises)
    assert first.right and not last.right
    assert last.why.startswith(f"It raised {error.__name__}: ")


def test_only_a_bare_not_implemented_error_is_a_stub():
    def stub():
        raise NotImplementedError

    def unsupported():
        raise NotImplementedError("no input here")

    assert "Not begun" in as_text(judge(calling, stub))
    assert "no input here" in as_text(judge(calling, unsupported))


def test_the_logarithm_of_zero_is_no_error_where_warnings_are():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert all(line.right for line in judge(calling, lambda: np.log(np.zeros(1)) < 0))


def test_what_an_answer_prints_is_heard_and_a_flood_is_cut(capsys):
    def prints():
        print("here I am")
        return True

    given_up = threading.Event()

    def floods():
        while not given_up.is_set():
            print("again and again")

    assert all(line.right for line in judge(calling, prints))
    assert capsys.readouterr().out == "here I am\n"
    before = sys.stdout
    lines = judge(calling, floods, limit=0.2)
    given_up.set()
    assert "stopped" in lines[-1].why
    assert len(capsys.readouterr().out) == PRINTED and sys.stdout is before


def test_time_is_over_where_clock_and_processor_say_so_or_the_clock_alone_for_long():
    assert is_late(passed=4.1, worked=4.1, limit=4)
    assert not is_late(passed=12, worked=3, limit=4), "a busy machine"
    assert not is_late(passed=1, worked=12, limit=4), "many cores"
    assert is_late(passed=20.1, worked=0, limit=4), "what sleeps"


def test_what_catches_all_that_ends_it_or_waits_in_a_library_is_left_behind():
    given_up = threading.Event()

    def stubborn():
        while not given_up.is_set():
            try:
                sum(range(9))
            except BaseException:
                continue

    for answer in (stubborn, given_up.wait):
        lines = judge(calling, answer, limit=0.1)
        assert [line.right for line in lines] == [True, False]
        assert "within 0.1 seconds" in lines[-1].what and "loop without end" in lines[-1].why
    given_up.set()


@pytest.fixture
def ctrl_c():
    """A process in the background may ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield lambda: signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
    signal.signal(signal.SIGINT, before)


def test_an_interrupted_cell_ends_the_answer_too(ctrl_c):
    ended, given_up = threading.Event(), threading.Event()

    def endless():
        ctrl_c()
        try:
            while not given_up.is_set():
                sum(range(9))
        finally:
            ended.set()

    with pytest.raises(KeyboardInterrupt):
        judge(calling, endless)
    in_time = ended.wait(30)
    given_up.set()
    assert in_time


def test_a_check_inside_of_what_it_checks_is_refused():
    def recursive():
        return judge(calling, recursive)

    last = judge(calling, recursive)[-1]
    assert not last.right and "a cell of its own" in last.why


def test_an_answer_may_draw_and_start_threads():
    def draws():
        worker = threading.Thread(target=pyplot.subplots)
        worker.start()
        worker.join()
        pyplot.close()
        return True

    assert all(line.right for line in judge(calling, draws))


def test_an_exercise_prints_its_lines_and_notes_whether_it_is_done(monkeypatch, capsys):
    notes = []
    monkeypatch.setattr(exercise_module, "REGISTER", {})
    monkeypatch.setattr(exercise_module.progress, "remember", lambda name, done: notes.append((name, done)))

    @exercise("a nudge", "code", figure=None)
    def be_right(look, answer, seed=0):
        look.that(f"seed {seed}", answer <= seed, "no")

    assert be_right(3, seed=3) and not be_right(3)
    assert capsys.readouterr().out == "right  seed 3\nwrong  seed 0\n       → no\n"
    assert notes == [("be_right", True), ("be_right", False)]
    assert exercise_module.REGISTER["be_right"].hints == ("a nudge", "code", None)
    assert list(inspect.signature(be_right).parameters) == ["answer", "seed"]


def test_exercises_come_in_the_order_of_the_lessons_whichever_was_loaded_first(monkeypatch):
    lessons = {"z": "10", "b": "03", "a": "03"}
    register = {name: SimpleNamespace(lesson=lesson) for name, lesson in lessons.items()}
    monkeypatch.setattr(check, "REGISTER", register)
    assert list(exercises()) == ["b", "a", "z"]


def test_for_an_exercise_its_own_lesson_is_loaded_and_no_other(monkeypatch):
    known, loaded = exercises(), []
    monkeypatch.setattr(check.importlib, "import_module", loaded.append)
    assert [find_exercise(name) for name in known] == list(known.values())
    assert loaded == [f"xaiteach_course.check.lesson_{one.lesson}.exercises" for one in known.values()]


@pytest.mark.parametrize("name", ["build_grad_kam", "?", None, ["build_grad_cam"]])
def test_a_name_that_is_none_gets_names_that_are(name):
    with pytest.raises(ValueError, match="build_grad_cam"):
        find_exercise(name)
    with pytest.raises(AttributeError, match="There is no exercise"):
        getattr(check, str(name))
