"""The command line of the course: what it prints, and its exit codes."""

import subprocess
import sys

import pytest

from xaiteach.__main__ import main as old_main
from xaiteach_course import __main__ as command
from xaiteach_course.doctor import Finding, Report
from xaiteach_course.workspace import ROOT, course_command


def test_start_and_update_say_what_they_did(tmp_path, capsys):
    mine = str(tmp_path / "my course")
    assert command.main(["start", mine]) == 0
    assert "new lesson files" in capsys.readouterr().out
    assert command.main(["update", mine]) == 0
    assert capsys.readouterr().out == f"Every lesson is as in {ROOT}. A newer course comes with: git pull\n"


def test_start_says_how_newer_versions_are_brought(monkeypatch, capsys):
    monkeypatch.setattr(command, "start", lambda folder: {"a.ipynb": "waiting", "b.ipynb": "same"})
    assert command.main(["start", "/mine"]) == 0
    line = capsys.readouterr().out.splitlines()[-1]
    assert line == f"/mine: 1 files have a newer version. To bring them: {course_command('update', '/mine')}"


def test_the_commands_still_have_their_old_name(tmp_path, capsys):
    assert old_main(["start", str(tmp_path)]) == 0
    assert "new lesson files" in capsys.readouterr().out


def test_every_outcome_of_an_update_has_a_sentence(monkeypatch, capsys):
    outcomes = {"a.ipynb": "new", "b.ipynb": "replaced", "c.ipynb": "beside", "d.ipynb": "blocked"}
    outcomes |= {"e.ipynb": "same", "f.ipynb": "unrecorded"}
    monkeypatch.setattr(command, "update", lambda folder: outcomes)
    assert command.main(["update", "mine"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines] == ["a.ipynb", "b.ipynb", "c.ipynb", "d.ipynb", "f.ipynb"]
    assert "c.new.ipynb" in lines[2] and "d.new.ipynb" in lines[3] and "f.new.ipynb" in lines[4]


@pytest.mark.parametrize(
    "found, words, code",
    [
        ({"03.ipynb": [], "04.ipynb": None}, [], 0),
        ({"03.ipynb": [], "04.ipynb": ["it was not run"]}, [], 1),
        ({"03.ipynb": None, "04.ipynb": None}, [], 1),
        ({"04.ipynb": None}, ["04"], 1),
        ({"03.ipynb": [], "04.ipynb": None}, ["03", "04"], 1),
        ({"03.ipynb": []}, ["03"], 0),
    ],
)
def test_a_check_in_ends_well_where_all_that_is_begun_is_ready(monkeypatch, capsys, found, words, code):
    asked = []
    monkeypatch.setattr(command, "check_in", lambda *given: asked.append(given) or found)
    assert command.main(["check-in", "mine", *words]) == code
    assert asked == [("mine", words)]
    said = {None: "not begun", (): "ready to hand in"}
    verdicts = [said.get(value if value is None else tuple(value), "not ready") for value in found.values()]
    lines = [line for line in capsys.readouterr().out.splitlines() if not line.startswith("  - ")]
    assert lines == [f"{name}: {verdict}" for name, verdict in zip(found, verdicts, strict=True)]


def test_an_error_is_one_line_and_exit_code_1(tmp_path, capsys):
    assert command.main(["update", str(tmp_path / "nowhere")]) == 1
    error = capsys.readouterr().err
    assert error.startswith("xaiteach: ") and error.count("\n") == 1


@pytest.mark.parametrize("remedy, code", [("", 0), ("mend it", 1)])
def test_doctor_has_the_exit_code_of_its_report(monkeypatch, remedy, code):
    asked = []
    report = Report([Finding("a", "found", remedy)])
    monkeypatch.setattr(command, "doctor", lambda folder: asked.append(folder) or report)
    assert command.main(["doctor"]) == command.main(["doctor", "mine"]) == code
    assert asked == [".", "mine"]


def test_the_doctor_itself_loads_no_framework(tmp_path):
    script = (
        "import sys; from xaiteach_course import doctor; doctor.IMPORTS = (); doctor.doctor(); "
        "sys.exit(bool({'tensorflow', 'torch'} & set(sys.modules)))"
    )
    command = [sys.executable, "-c", script]
    assert subprocess.run(command, cwd=tmp_path, stdout=subprocess.DEVNULL).returncode == 0
