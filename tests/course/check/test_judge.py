"""A checker on answers that misbehave: it reports, ends, and leaves all around it as it was."""

import importlib
import signal
import sys
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

from xaiteach_course import check
from xaiteach_course.check import exercise as base
from xaiteach_course.check import exercises, find_exercise
from xaiteach_course.check.exercise import Line, Verdict, Wrong, exercise, judge


def calling(answer, seed):
    """The simplest check: what the answer returns is right."""
    yield Line("it was asked", True)
    yield Line("it is right", bool(answer()), "It is not.")


def said(lines):
    return "\n".join(map(str, lines))


@pytest.fixture
def register(monkeypatch):
    monkeypatch.setattr(base, "REGISTER", {})
    monkeypatch.setattr(base.progress, "remember", lambda name, done: None)
    return base.REGISTER


def test_a_line_says_right_or_wrong_and_why_not():
    assert said(judge(calling, lambda: True)) == "right  it was asked\nright  it is right"
    assert said(judge(calling, lambda: False)).endswith("wrong  it is right\n       → It is not.")


def test_a_verdict_is_true_where_there_are_lines_and_all_are_right():
    right, wrong = Line("a", True), Line("b", False, "no")
    assert Verdict([right]) and not Verdict([right, wrong]) and not Verdict([])
    assert repr(Verdict([right, wrong])) == "not yet: 1 of 2 right"


def test_a_right_answer_is_right_on_other_data_too():
    def check(answer, seed):
        yield Line(f"data {seed}", answer == "right" or seed < 5, "wrong here")

    assert said(judge(check, "right", seeds=(3, 4, 5))) == "right  data 3"
    assert said(judge(check, "lucky", seeds=(3, 4, 5))) == "right  data 3\nwrong  data 5\n       → wrong here"


def test_the_same_is_said_once():
    def check(answer, seed):
        yield from [Line("in place", False, "no")] * 2

    assert said(judge(check, 1)) == "wrong  in place\n       → no"


def test_what_was_found_before_a_mistake_that_ends_all_is_kept():
    def check(answer, seed):
        yield Line("first", True)
        raise Wrong("second", "why")

    assert said(judge(check, 1)) == "right  first\nwrong  second\n       → why"


@pytest.mark.parametrize(
    "error", [SystemExit(3), KeyboardInterrupt(), MemoryError(), StopIteration(), GeneratorExit()]
)
def test_whatever_an_answer_raises_is_a_line(error):
    def raises():
        raise error

    last = judge(calling, raises)[-1]
    assert not last.right and "It raised" in last.why


def test_an_error_that_can_not_be_written_down_is_a_line_too():
    class Unsaid(Exception):
        def __str__(self):
            raise ValueError

    def raises():
        raise Unsaid

    assert judge(calling, raises)[-1].why == "It raised Unsaid: …"


def test_only_a_bare_not_implemented_error_is_a_stub():
    def stub():
        raise NotImplementedError

    def unsupported():
        raise NotImplementedError("no input here")

    assert "Not begun" in said(judge(calling, stub))
    assert "no input here" in said(judge(calling, unsupported))


def test_what_an_answer_prints_is_heard_and_a_flood_is_cut(capsys):
    def prints():
        print("here I am")
        return True

    over = threading.Event()

    def floods():
        while not over.is_set():
            print("again and again")

    assert all(line.right for line in judge(calling, prints))
    assert set(capsys.readouterr().out.splitlines()) == {"here I am"}
    before = sys.stdout
    lines = judge(calling, floods, limit=0.2)
    over.set()
    assert "stopped" in lines[-1].why
    assert len(capsys.readouterr().out) == base.PRINTED and sys.stdout is before


def test_what_waits_in_a_library_is_left_behind():
    event = threading.Event()
    lines = judge(calling, event.wait, limit=0.1)
    event.set()
    assert [line.right for line in lines] == [True, False] and "loop without end" in lines[-1].why


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
    in_time = ended.wait(10)
    given_up.set()
    assert in_time


def test_a_check_inside_of_what_it_checks_is_refused():
    def recursive():
        return judge(calling, recursive)

    last = judge(calling, recursive)[-1]
    assert not last.right and "a cell of its own" in last.why


def test_answers_that_start_threads_or_run_in_one_are_checked():
    def threaded():
        worker = threading.Thread(target=print)
        worker.start()
        return worker.join() is None

    verdicts = []
    outer = threading.Thread(target=lambda: verdicts.append(judge(calling, threaded)))
    outer.start()
    outer.join()
    assert all(line.right for line in verdicts[0])


def test_an_answer_may_draw(capsys):
    from matplotlib import pyplot

    def draws():
        figure, axes = pyplot.subplots()
        axes.plot([1, 2])
        pyplot.close(figure)
        return True

    assert all(line.right for line in judge(calling, draws))


def test_an_exercise_prints_its_lines_and_notes_whether_it_is_done(register, monkeypatch, capsys):
    notes = []
    monkeypatch.setattr(base.progress, "remember", lambda name, done: notes.append((name, done)))

    @exercise("Be right", hints=["a", "b", None])
    def be_right(answer, seed=0):
        yield Line(f"seed {seed}", answer <= seed, "no")

    assert be_right(3, seed=3) and not be_right(3)
    assert capsys.readouterr().out == "right  seed 3\nwrong  seed 0\n       → no\n"
    assert notes == [("be_right", True), ("be_right", False)]
    assert register["be_right"].title == "Be right"


def test_exercises_come_in_the_order_of_the_lessons_whichever_was_loaded_first(monkeypatch):
    listed = {"z": "10", "b": "03", "a": "03"}
    register = {name: SimpleNamespace(lesson=lesson) for name, lesson in listed.items()}
    monkeypatch.setattr(check, "REGISTER", register)
    assert list(exercises()) == ["b", "a", "z"]


def test_no_two_lessons_have_an_exercise_of_one_name():
    files = sorted(Path(__file__).parent.glob("gallery_*.py"))
    assert sum(len(importlib.import_module(file.stem).GALLERY) for file in files) == len(exercises())


@pytest.mark.parametrize("name", ["build_grad_kam", "?", None, ["build_grad_cam"]])
def test_a_name_that_is_none_gets_names_that_are(name):
    with pytest.raises(ValueError, match="build_grad_cam"):
        find_exercise(name)
    with pytest.raises(AttributeError, match="There is no exercise"):
        getattr(check, str(name))
