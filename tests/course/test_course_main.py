"""The command line of the course: what it prints, and its exit codes."""

import subprocess
import sys

import pytest

from xaiteach.__main__ import main as old_main
from xaiteach_course import __main__ as command
from xaiteach_course.doctor import Finding, Report


def test_start_and_update_say_what_they_did(tmp_path, capsys):
    mine = str(tmp_path / "my course")
    assert command.main(["start", mine]) == 0
    assert "new lesson files" in capsys.readouterr().out
    assert command.main(["update", mine]) == 0
    assert capsys.readouterr().out == "Every lesson is up to date.\n"


def test_the_commands_still_have_their_old_name(tmp_path, capsys):
    assert old_main(["start", str(tmp_path)]) == 0
    assert "new lesson files" in capsys.readouterr().out


def test_every_outcome_of_an_update_has_a_sentence(monkeypatch, capsys):
    outcomes = {
        "a.ipynb": "new",
        "b.ipynb": "replaced",
        "c.ipynb": "beside",
        "d.ipynb": "blocked",
        "e.ipynb": "same",
    }
    monkeypatch.setattr(command, "update", lambda folder: outcomes)
    assert command.main(["update", "mine"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines] == ["a.ipynb", "b.ipynb", "c.ipynb", "d.ipynb"]
    assert "c.new.ipynb" in lines[2] and "d.new.ipynb" in lines[3]


def test_an_error_is_one_line_and_exit_code_1(tmp_path, capsys):
    assert command.main(["update", str(tmp_path / "nowhere")]) == 1
    error = capsys.readouterr().err
    assert error.startswith("xaiteach: ") and error.count("\n") == 1


@pytest.mark.parametrize("remedy, code", [("", 0), ("mend it", 1)])
def test_doctor_has_the_exit_code_of_its_report(monkeypatch, remedy, code):
    monkeypatch.setattr(command, "doctor", lambda: Report([Finding("a", "found", remedy)]))
    assert command.main(["doctor"]) == code


def test_the_doctor_loads_no_framework(tmp_path):
    script = (
        "import sys; from xaiteach_course.doctor import doctor; doctor(); "
        "sys.exit(bool({'tensorflow', 'torch'} & set(sys.modules)))"
    )
    assert (
        subprocess.run([sys.executable, "-c", script], cwd=tmp_path, stdout=subprocess.DEVNULL).returncode
        == 0
    )
