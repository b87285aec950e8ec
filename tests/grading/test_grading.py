"""A class is graded: a small exercise, and submissions of every kind that a teacher meets."""

import csv
import os
import re
import shutil
import zipfile
from copy import deepcopy

import attempts
import commands
import exercises
import gradebook
import nbformat
import pytest
from example_class import FIRST, GRAD_CAM, NAME, SUBMISSIONS, answered, solution
from nbgrader.api import Gradebook
from run_apart import Limits

LIMITS = Limits(seconds=300)
ZOE = "Zoë van _D_"


@pytest.fixture(scope="module")
def course(fresh, tmp_path_factory):
    return shutil.copytree(fresh, tmp_path_factory.mktemp("graded") / "course of a teacher")


@pytest.fixture(scope="module")
def released(course):
    return nbformat.read(course / "release" / NAME / f"{NAME}.ipynb", 4)


@pytest.fixture(scope="module")
def handed_in(course, released, tmp_path_factory):
    folder = tmp_path_factory.mktemp("handed in")
    for student, (content, *_) in SUBMISSIONS.items():
        (folder / student).mkdir()
        content = content(released) if callable(content) else content
        if content is not None:
            text = content if isinstance(content, str) else nbformat.writes(content)
            (folder / student / "my homework.ipynb").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def table(course, handed_in):
    """The table of points, as it is when all were graded once."""
    return _rows(commands.grade(course, NAME, handed_in, LIMITS))


def _rows(path):
    return {row["student"]: row for row in csv.DictReader(path.open(encoding="utf-8-sig"))}


@pytest.mark.parametrize("student", SUBMISSIONS)
def test_a_submission_gets_the_points_it_deserves_and_a_state_in_words(table, student):
    _, points, state = SUBMISSIONS[student]
    row = table[re.sub(r"[][]", "_", student)]
    expected = [str(number) for number in (*points, sum(points))] if points else [""] * 4
    columns = ["build_grad_cam (4)", "scale_a_map (3)", "read_the_map (2)", "total"]
    assert [row[column] for column in columns] == expected
    assert (row["most"], row["state"]) == ("14", state)


def test_what_was_handed_out_is_the_learners_copy_but_for_nbgraders_marks(released):
    unmarked = deepcopy(released)
    for cell in unmarked.cells:
        for mark in ("nbgrader", "deletable", "editable"):
            cell.metadata.pop(mark, None)
    assert unmarked == exercises.learner_copy(solution())
    locked = [cell.metadata["nbgrader"]["locked"] for cell in released.cells if "nbgrader" in cell.metadata]
    assert locked == [False, True, False, True, False, False, True]


def test_hidden_tests_and_the_seed_are_in_nothing_that_a_learner_gets(course, table):
    seed = (course / "seed.txt").read_text()
    assert seed in (course / "source" / NAME / f"{NAME}.ipynb").read_text()
    with zipfile.ZipFile(course / "release" / f"{NAME}.zip") as archive:
        assert archive.namelist() == [f"{NAME}.ipynb"]
        pages = [archive.read(f"{NAME}.ipynb").decode()]
    for folder in ("release", "feedback"):
        pages += [path.read_text("utf-8") for path in (course / folder).rglob("*.*") if path.suffix != ".zip"]
    assert len(pages) == 2 + len(SUBMISSIONS)
    for page in pages:
        text = re.sub("<[^>]+>", "", page)
        assert seed not in text and "HIDDEN" not in text and "assert find_exercise" not in text
    assert os.name != "posix" or (course / "seed.txt").stat().st_mode & 0o77 == 0


def test_feedback_asks_for_nothing_and_says_what_was_taken_how_it_went_and_the_points(course, table):
    pages = {path.parts[-3]: path.read_text("utf-8") for path in (course / "feedback").rglob("*.html")}
    for page in pages.values():
        head, _, body = page.partition("</head>")
        assert "default-src 'none'" in head and "form-action 'none'" in head
        assert not re.search("<(script|meta|base|form)", body, re.IGNORECASE)
        assert not re.search(r'(src|href)="?(http|//)|url\("?http', page)
    page = pages["spy"]
    assert "It is the right one times" in page
    assert "<p>my homework.ipynb: kernel died at task 4. Read this</p>" in page
    assert '<a href="#scale_a_map">2. Change this</a> (Score: 0.0 / 3.0)' in page and "Test cell" not in page
    assert "nothing handed in" in pages["nothing"]


@pytest.fixture
def graded(course, table, tmp_path):
    """A copy of the course, with all that was graded."""
    return shutil.copytree(course, tmp_path / "graded")


@pytest.fixture
def again(handed_in, tmp_path):
    """A folder that has what Zoë handed in before, and nobody else's."""
    shutil.copytree(handed_in / "Zoë van [D]", tmp_path / "again" / "Zoë van [D]")
    return tmp_path / "again"


@pytest.fixture
def runs(monkeypatch):
    """What would have been run: then no test is asked to its end."""
    noted = []
    monkeypatch.setattr(attempts, "run_apart", lambda notebook, limits: noted.append(notebook) or notebook)
    return noted


def test_what_is_new_or_forced_is_graded_again_and_points_given_by_hand_stay(graded, again, released, runs):
    mended = answered(released, GRAD_CAM + "  # mended")
    (again / "spy").mkdir()
    nbformat.write(mended, again / "spy" / f"{NAME}.ipynb")
    with Gradebook(f"sqlite:///{graded}/gradebook.db", gradebook.COURSE_ID) as book:
        for student, points in ((ZOE, 5), ("spy", 2)):
            grade = book.find_grade("text_3", NAME, NAME, student)
            grade.manual_score, grade.needs_manual_grade = points, False
        book.db.commit()
    rows = _rows(commands.grade(graded, NAME, again, LIMITS))
    assert [run.cells[FIRST].source for run in runs] == [mended.cells[FIRST].source]
    assert [rows[student]["total"] for student in (ZOE, "spy")] == ["14", "2"]
    assert "to be read" not in rows[ZOE]["state"] and "1 to be read by you" in rows["spy"]["state"]
    assert len(rows) == len(SUBMISSIONS) and rows["broken"]["state"] == "not a notebook; not in this folder"
    page = gradebook.page_path(graded, NAME, ZOE).read_text("utf-8")
    assert "(Score: 14.0 / 14.0)" in page
    commands.grade(graded, NAME, again, LIMITS)
    assert len(runs) == 1, "nothing is new"
    commands.grade(graded, NAME, again, LIMITS, force=True)
    assert len(runs) == 3


def test_the_term_has_a_line_for_each_student_and_a_column_for_each_lesson(course, table):
    assert table["tampered"]["text_3 (5)"] == "0", "it was not begun"
    rows = _rows(course / "term.csv")
    assert list(rows) == ["spy", "tampered", ZOE]
    assert rows[ZOE] == {"student": ZOE, f"{NAME} (14)": "9", "total": "9", "most": "14"}


def test_a_broken_file_takes_no_points_of_before(graded, again):
    (again / "Zoë van [D]" / "my homework.ipynb").write_text("{")
    row = _rows(commands.grade(graded, NAME, again, LIMITS))[ZOE]
    assert row["total"] == _rows(graded / "term.csv")[ZOE]["total"] == "9"
    assert row["state"] == "not a notebook; points of what was handed in before; 1 to be read by you"
    assert "Not graded: not a notebook" in gradebook.page_path(graded, NAME, ZOE).read_text("utf-8")


def test_a_page_is_made_once_and_one_that_fails_takes_no_points(graded, again, runs, monkeypatch):
    made = []
    monkeypatch.setattr(gradebook, "write_page", lambda *given: made.append(given) or 1 / 0)
    row = _rows(commands.grade(graded, NAME, again, LIMITS))[ZOE]
    assert "page" not in row["state"] and made == []
    gradebook.page_path(graded, NAME, ZOE).unlink()
    row = _rows(commands.grade(graded, NAME, again, LIMITS))[ZOE]
    assert "; the page could not be made: " in row["state"] and row["total"] == "9" and len(made) == 1
    assert runs == []
