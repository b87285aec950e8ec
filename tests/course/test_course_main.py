"""The command line of the course: what it prints, and its exit codes."""

import re

import pytest

from xaiteach.__main__ import main as old_main
from xaiteach_course import __main__ as command
from xaiteach_course.doctor import Finding, Report
from xaiteach_course.workspace import ROOT, course_command


def test_start_by_its_old_name_too_and_update_say_what_they_did(tmp_path, capsys):
    mine = str(tmp_path / "my course")
    for main in (command.main, old_main):
        assert main(["start", mine]) == 0
        assert "new lesson files" in capsys.readouterr().out
    assert command.main(["update", mine]) == 0
    assert capsys.readouterr().out == f"Every lesson is as in {ROOT}. A newer course comes with: git pull\n"


def test_start_says_how_newer_versions_are_brought_and_an_error_is_one_line(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(command, "start", lambda folder: {"a.ipynb": "waiting", "b.ipynb": "same"})
    assert command.main(["start", "/mine"]) == 0
    line = capsys.readouterr().out.splitlines()[-1]
    assert line == f"/mine: 1 files have a newer version. To bring them: {course_command('update', '/mine')}"
    assert command.main(["update", str(tmp_path / "nowhere")]) == 1
    assert re.fullmatch("xaiteach: .+\n", capsys.readouterr().err)


def test_every_outcome_of_an_update_has_a_sentence(monkeypatch, capsys):
    outcomes = ["new", "replaced", "beside", "blocked", "unrecorded", "same"]
    monkeypatch.setattr(command, "update", lambda folder: {f"{word}.ipynb": word for word in outcomes})
    assert command.main(["update", "mine"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines] == [f"{word}.ipynb" for word in outcomes[:-1]]
    for word, line in list(zip(outcomes, lines, strict=False))[2:]:
        assert f"{word}.new.ipynb" in line


@pytest.mark.parametrize(
    "found, words, code",
    [
        ({"03": [], "04": None}, [], 0),
        ({"03": [], "04": ["it was not run"]}, [], 1),
        ({"03": None, "04": None}, [], 1),
        ({"04": None}, ["04"], 1),
        ({"03": [], "04": None}, ["03", "04"], 1),
        ({"03": []}, ["03"], 0),
    ],
)
def test_a_check_in_ends_well_where_all_that_is_begun_is_ready(monkeypatch, capsys, found, words, code):
    asked = []
    monkeypatch.setattr(command, "check_in", lambda *given: asked.append(given) or found)
    assert command.main(["check-in", "mine", *words]) == code
    assert asked == [("mine", words)]
    said = {
        "None": "not begun",
        "[]": "ready to hand in",
        "['it was not run']": "not ready\n  - it was not run",
    }
    lines = [f"{name}: {said[str(sentences)]}\n" for name, sentences in found.items()]
    assert capsys.readouterr().out == "".join(lines)


@pytest.mark.parametrize("remedy, code", [("", 0), ("mend it", 1)])
def test_doctor_has_the_exit_code_of_its_report(monkeypatch, remedy, code):
    asked = []
    report = Report([Finding("a", "found", remedy)])
    monkeypatch.setattr(command, "doctor", lambda folder: asked.append(folder) or report)
    assert command.main(["doctor"]) == command.main(["doctor", "mine"]) == code
    assert asked == [".", "mine"]
