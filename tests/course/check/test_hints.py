"""Hints come one at a time, and progress a line a lesson."""

import pytest

import xaiteach as xt
from xaiteach_course import check
from xaiteach_course.check import exercises, progress
from xaiteach_course.check import hints as helping


@pytest.fixture(autouse=True)
def beginner(monkeypatch, tmp_path):
    solution = tmp_path / "solutions" / "03_grad_cam_solution.ipynb"
    solution.parent.mkdir()
    solution.touch()
    monkeypatch.setattr(helping, "LESSONS", tmp_path)
    monkeypatch.setattr(helping, "_given", {})
    monkeypatch.setattr(progress, "_here", {})
    monkeypatch.setenv("XAITEACH_PROGRESS", "off")


def test_a_ladder_goes_up_and_stays_at_the_figure(capsys):
    nudge, code, _ = xt.check.build_grad_cam.hints
    assert xt.hint("build_grad_cam") is None
    assert capsys.readouterr().out == f"Hint 1 of 3.\n\n{nudge}\n"
    assert xt.hint("build_grad_cam") is None
    assert capsys.readouterr().out == f"Hint 2 of 3.\n\n{code}\n"
    for _ in range(2):
        assert xt.hint("build_grad_cam").axes
        assert "solutions/03_grad_cam_solution.ipynb" in capsys.readouterr().out


def test_without_the_notebooks_the_folder_is_named(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(helping, "LESSONS", tmp_path / "none")
    xt.hint("build_grad_cam", step=3)
    assert "the folder solutions" in capsys.readouterr().out


def test_each_exercise_has_a_ladder_of_its_own_and_a_checker_has_that_of_its_name(capsys):
    for exercise in ("build_grad_cam", "mend_grad_cam", xt.check.build_grad_cam):
        xt.hint(exercise)
    out = capsys.readouterr().out
    assert out.count("Hint 1 of 3") == 2 and out.count("Hint 2 of 3") == 1


def test_a_step_may_be_chosen_and_the_ladder_goes_on_from_there(capsys):
    xt.hint("build_grad_cam", step=2)
    assert xt.hint("build_grad_cam").axes
    xt.hint("build_grad_cam", step=1)
    assert capsys.readouterr().out.split(".")[0] == "Hint 2 of 3"


def test_a_step_out_of_range_and_what_is_no_exercise_are_refused():
    for step in (0, 4, -1, "2"):
        with pytest.raises(ValueError, match="1, 2 and 3"):
            xt.hint("build_grad_cam", step=step)
    for name in ("build_grad_kam", None, ["build_grad_cam"], lambda: 0):
        with pytest.raises(ValueError, match="There is no exercise"):
            xt.hint(name)


def test_progress_counts_what_is_done_and_names_what_is_open(capsys):
    names = [name for name, checker in exercises().items() if checker.lesson == "03"]
    progress.remember(names[0], done=True)
    progress.remember(names[1], done=False)
    xt.progress("03")
    assert capsys.readouterr().out == f"03  1 of {len(names)} done; open: {', '.join(names[1:])}\n"
    for name in names:
        progress.remember(name, done=True)
    xt.progress("03")
    assert capsys.readouterr().out == f"03  {len(names)} of {len(names)} done\n"


def test_progress_has_a_line_for_each_lesson_that_has_exercises(capsys):
    xt.progress()
    out = capsys.readouterr().out
    assert [line[:2] for line in out.splitlines()] == [f"{n:02}" for n in (*range(1, 11), 12)]
    xt.progress(3)
    assert capsys.readouterr().out == out.splitlines(keepends=True)[2]


@pytest.mark.parametrize("lesson", ["99", 99, 0, -3, "3", 3.0, True, ["03"]])
def test_progress_of_a_lesson_without_exercises_is_refused(lesson):
    with pytest.raises(ValueError, match="want one of '01', '02', '03'"):
        xt.progress(lesson)


@pytest.mark.parametrize("number", ["03", 3])
def test_a_hint_for_the_number_of_a_lesson_names_the_exercises_of_this_lesson(number):
    with pytest.raises(ValueError) as refusal:
        xt.hint(number)
    names = [name for name, checker in exercises().items() if checker.lesson == "03"]
    assert str(refusal.value) == f"{number!r} is a lesson; its exercises are {', '.join(names)}."


def test_an_exercise_that_is_not_found_by_its_first_line_is_found_all_the_same(monkeypatch):
    known, found = exercises(), {}
    monkeypatch.setattr(check, "REGISTER", found)
    monkeypatch.setattr(check, "_load", lambda line="": None if line else found.update(known))
    assert check.find_exercise("scale_a_map") is known["scale_a_map"]
