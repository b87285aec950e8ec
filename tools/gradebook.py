"""What is asked of nbgrader: a release, the points of a notebook that was run, the page for the learner."""

import logging
import os
import re
import secrets
import sys
import warnings
from contextlib import contextmanager
from copy import deepcopy
from html import escape
from pathlib import Path

import nbformat
from exercises import STUBS
from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters import Autograde, GenerateAssignment, GenerateFeedback
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import CheckCellMetadata, GetGrades, LimitOutput, OverwriteCells, SaveAutoGrades
from traitlets.config import Config
from traitlets.log import get_logger

from xaiteach.writing import write_whole

COURSE_ID = "xaiteach"
HIDDEN = re.compile(r"\n### BEGIN HIDDEN TESTS.*?### END HIDDEN TESTS", re.DOTALL)
SCRIPT = re.compile(r"<script.*?</script>", re.DOTALL)
NO_REQUESTS = (
    '<meta http-equiv="Content-Security-Policy" '
    "content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'; font-src data:\">"
)
# nbgrader calls `alembic`, which lies beside this Python.
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])


def notebook_path(course, step, name, student="."):
    """Where nbgrader keeps a notebook: course/step/student/name/name.ipynb."""
    return course / step / student / name / f"{name}.ipynb"


def seed_of(course):
    """The teacher's secret, drawn once: the hidden tests ask about data of this seed."""
    path = course / "seed.txt"
    if not path.exists():
        write_whole(path, str(10**8 + secrets.randbelow(9 * 10**8)).encode())
        path.chmod(0o600)
    return int(path.read_text())


def make_release(course, name):
    """Make release/name of source/name, and note its tasks in the gradebook."""
    with _quiet():
        GenerateAssignment(coursedir=_coursedir(course, name), config=STUBS, force=True).start()


def is_submitted(course, name):
    """Whether the gradebook has a submission of an exercise."""
    with _gradebook(course) as gradebook:
        try:
            return bool(gradebook.find_assignment(name).submissions)
        except MissingEntry:
            return False


def save(course, name, student, handed_in, executed):
    """Put a submission, and the points that its run gives, into the gradebook. Points given by hand stay."""
    path = notebook_path(course, "submitted", name, student)
    write_whole(path, nbformat.writes(handed_in).encode())
    executed = _graded_by_errors(executed)
    converter = Autograde(coursedir=_coursedir(course, name, student), force=True)
    converter.sanitize_preprocessors = [OverwriteCells, CheckCellMetadata]
    converter.autograde_preprocessors = [
        lambda notebook, resources: (executed, resources),
        LimitOutput,
        SaveAutoGrades,
        CheckCellMetadata,
    ]
    with _quiet():
        converter.start()


def with_tests(handed_in, source):
    """A copy of a submission whose tests are the teacher's, with the hidden ones."""
    tests = {mark["grade_id"]: cell.source for cell in source.cells if (mark := _mark(cell)).get("locked")}
    notebook = deepcopy(handed_in)
    for cell in notebook.cells:
        cell.source = tests.get(_mark(cell).get("grade_id"), cell.source)
    return notebook


def _graded_by_errors(notebook):
    """A test is passed where it raised nothing; nbgrader would also look at warnings, and at values like points."""
    for cell in notebook.cells:
        if _mark(cell).get("locked"):
            errors = [output for output in cell.outputs if output.output_type == "error"]
            streams = [output for output in cell.outputs if output.output_type == "stream"]
            for output in streams:
                output.name = "stdout"
            cell.outputs = [*streams, *errors]
    return notebook


def points(course, name, student):
    """{task: (points, whether a person still has to read it)}."""
    with _gradebook(course) as gradebook:
        grades = gradebook.find_submission_notebook(name, name, student).grades
        return {grade.name: (grade.score, grade.needs_manual_grade) for grade in grades}


def tasks(course, name):
    """{task: most points}, in the order of the notebook."""
    notebook = nbformat.read(notebook_path(course, "release", name), 4)
    marks = map(_mark, notebook.cells)
    return {mark["grade_id"]: mark["points"] for mark in marks if mark.get("grade")}


def write_feedback(course, name, student):
    """The page for the learner, in feedback/student/name: it needs no request, runs no script, keeps tests hidden."""
    config = Config()
    config.HTMLExporter.template_name = "feedback"
    converter = GenerateFeedback(coursedir=_coursedir(course, name, student), config=config, force=True)
    converter.preprocessors = [GetGrades, _without_hidden_tests, CSSHTMLHeaderPreprocessor]
    with _quiet():
        converter.start()
    path = feedback_path(course, name, student)
    page = SCRIPT.sub("", path.read_text("utf-8")).replace(str(seed_of(course)), "…")
    write_whole(path, page.replace("<head>", f"<head>\n{NO_REQUESTS}", 1).encode())


def write_notice(course, name, student, words):
    """The page for a learner whose file can't be graded."""
    page = f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">{NO_REQUESTS}<title>{name}</title></head>'
    page += f"<body><h1>{name}</h1><p>Not graded: {escape(words)}.</p></body></html>"
    write_whole(feedback_path(course, name, student), page.encode())


def feedback_path(course, name, student):
    return notebook_path(course, "feedback", name, student).with_suffix(".html")


def _without_hidden_tests(notebook, resources):
    """Tracebacks of tests show their source too; the name of the error and its words stay."""
    for cell in notebook.cells:
        if _mark(cell).get("locked"):
            cell.source = HIDDEN.sub("", cell.source)
            for output in cell.get("outputs", []):
                if output.output_type == "error":
                    words = output.evalue or "asked again about other data, not all is right"
                    output.traceback = [f"{output.ename}: {words}"]
    return notebook, resources


def _mark(cell):
    return cell.metadata.get("nbgrader", {})


def _coursedir(course, name="", student="*"):
    return CourseDirectory(root=str(course), course_id=COURSE_ID, assignment_id=name, student_id=student)


def _gradebook(course):
    return Gradebook(_coursedir(course).db_url, COURSE_ID)


@contextmanager
def _quiet():
    """nbgrader tells each of its steps; errors alone are passed on."""
    log = get_logger()
    before = log.level
    log.setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
    log.setLevel(before)
