"""A class is graded: a small exercise, and submissions of every kind that a teacher meets."""

import csv
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
from example_class import GRAD_CAM, SUBMISSIONS, _handed_in, _solution
from nbgrader.api import Gradebook
from run_apart import Limits, run_apart

NAME = "03_small"
LIMITS = Limits(seconds=12)


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course with the small exercise released."""
    folder = tmp_path_factory.mktemp("course of a teacher")
    solution = folder / "solutions" / f"{NAME}_solution.ipynb"
    solution.parent.mkdir()
    nbformat.write(_solution(), solution)
    commands.release(folder, solution)
    return folder


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
    return _rows(commands.grade(course, NAME, handed_in, LIMITS))


def _rows(path):
    return {row["student"]: row for row in csv.DictReader(path.open(encoding="utf-8-sig"))}


@pytest.mark.parametrize("student", SUBMISSIONS)
def test_a_submission_gets_the_points_it_deserves_and_a_state_in_words(table, student):
    _, points, state = SUBMISSIONS[student]
    row = table[re.sub(r"[][]", "_", student)]
    expected = [str(number) for number in (*points, sum(points))] if points else ["", "", ""]
    assert [row[column] for column in ("build_grad_cam (4)", "scale_a_map (3)", "total", "most")] == [
        *expected,
        "12",
    ]
    assert row["state"].startswith(state)


def test_a_text_waits_for_a_person_and_a_blank_one_has_no_points(table):
    assert table["right"]["state"].endswith("; 1 to be read by you")
    assert table["blank"]["state"] == "graded" and table["blank"]["text_3 (5)"] == "0"


def test_what_was_handed_out_is_the_learners_copy_but_for_nbgraders_marks(released):
    unmarked = deepcopy(released)
    for cell in unmarked.cells:
        for mark in ("nbgrader", "deletable", "editable"):
            cell.metadata.pop(mark, None)
    assert unmarked == exercises.learner_copy(_solution())
    locked = [cell.metadata["nbgrader"]["locked"] for cell in released.cells if "nbgrader" in cell.metadata]
    assert locked == [False, True, False, True, False]


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
        assert seed not in page and "HIDDEN" not in page and "modules" not in page


def test_feedback_is_read_without_a_request_or_a_script(course, table):
    for path in (course / "feedback").rglob("*.html"):
        page = path.read_text("utf-8")
        head, _, body = page.partition("</head>")
        assert "default-src 'none'" in head and "form-action 'none'" in head
        assert not re.search("<(script|meta|base|form)", body, re.IGNORECASE)
        assert not re.search(r'(src|href)="?(http|//)|url\("?http', page)
    page = gradebook.feedback_path(course, NAME, "partly").read_text("utf-8")
    assert "It is divided by the sum, not by the largest value." in page
    assert "<p>my homework.ipynb: graded</p>" in page
    assert '<a href="#scale_a_map">2. Change this</a>' in page and "Test cell" not in page


@pytest.fixture
def runs(monkeypatch):
    """Counts what is run."""
    counted = []

    def counting(notebook, limits):
        counted.append(notebook)
        return run_apart(notebook, limits)

    monkeypatch.setattr(attempts, "run_apart", counting)
    return counted


def test_what_is_new_is_graded_again_and_points_given_by_hand_stay(course, table, released, runs, tmp_path):
    for student, first in (("right", GRAD_CAM), ("partly", GRAD_CAM + "  # mended")):
        (tmp_path / student).mkdir()
        nbformat.write(_handed_in(released, first), tmp_path / student / f"{NAME}.ipynb")
    with Gradebook(f"sqlite:///{course}/gradebook.db", gradebook.COURSE_ID) as book:
        for student, points in (("right", 5), ("partly", 2)):
            grade = book.find_grade("text_3", NAME, NAME, student)
            grade.manual_score, grade.needs_manual_grade = points, False
        book.db.commit()
    rows = _rows(commands.grade(course, NAME, tmp_path, LIMITS))
    assert [float(rows[student]["total"]) for student in ("partly", "right")] == [9, 12]
    assert len(runs) == 1
    assert rows["right"]["state"] == "graded" and "to be read" in rows["partly"]["state"]
    assert len(rows) == len(SUBMISSIONS) and rows["loop"]["state"].endswith("not in this folder")
    assert _term(course)["right"] == {"student": "right", f"{NAME} (12)": "12", "total": "12", "most": "12"}


def _term(course):
    return _rows(course / "term.csv")


def test_a_broken_file_takes_no_points_of_before(course, table, tmp_path):
    (tmp_path / "exit").mkdir()
    (tmp_path / "exit" / f"{NAME}.ipynb").write_text("{")
    row = _rows(commands.grade(course, NAME, tmp_path, LIMITS))["exit"]
    assert row["total"] == _term(course)["exit"]["total"] == "3"
    assert row["state"].startswith("not a notebook; points of what was handed in before")


def test_a_page_is_made_once_and_one_that_fails_takes_no_points(
    course, table, handed_in, runs, monkeypatch, tmp_path
):
    made = []
    monkeypatch.setattr(gradebook, "write_feedback", lambda *given: made.append(given) or 1 / 0)
    shutil.copytree(handed_in / "spy", tmp_path / "spy")
    state = _rows(commands.grade(course, NAME, tmp_path, LIMITS))["spy"]["state"]
    assert state.startswith("graded") and "page" not in state and not made
    gradebook.feedback_path(course, NAME, "spy").unlink()
    row = _rows(commands.grade(course, NAME, tmp_path, LIMITS))["spy"]
    assert (
        row["total"] == "7" and "the page could not be made: " in row["state"] and len(made) == 1 and not runs
    )


def test_a_release_is_renewed_only_on_demand_once_there_are_submissions(course, table, tmp_path):
    solution = course / "solutions" / f"{NAME}_solution.ipynb"
    archive = course / "release" / f"{NAME}.zip"
    before = archive.read_bytes()
    assert "as it was" in commands.release(course, solution)
    changed = _solution()
    changed.cells[-1].source = "The very end."
    nbformat.write(changed, solution)
    with pytest.raises(ValueError, match="--force"):
        commands.release(course, solution)
    assert archive.read_bytes() == before
    assert "is new" in commands.release(course, solution, force=True)
    assert archive.read_bytes() != before
    assert gradebook.points(course, NAME, "loop")["scale_a_map"][0] == 3
    del changed.cells[5:8]
    nbformat.write(changed, solution)
    with pytest.raises(ValueError, match="--course"):
        commands.release(course, solution, force=True)
