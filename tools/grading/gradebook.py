"""What is asked of nbgrader: a release, the points of a notebook that was run, the page for the learner."""

import hashlib
import logging
import os
import re
import secrets
import sys
import warnings
from contextlib import contextmanager
from html import escape
from pathlib import Path

import hidden
import nbformat
from exercises import STUBS, TASK
from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters import Autograde, GenerateAssignment, GenerateFeedback
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import CheckCellMetadata, GetGrades, LimitOutput, OverwriteCells, SaveAutoGrades
from traitlets.config import Config
from traitlets.log import get_logger

from xaiteach.files.whole import write_whole

COURSE_ID = "xaiteach"
SCRIPT = re.compile(r"<script.*?</script>", re.DOTALL)
NO_REQUESTS = (
    '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; img-src data:; '
    "style-src 'unsafe-inline'; font-src data:; form-action 'none'; base-uri 'none'\">"
)
ACTIVE = re.compile(r"<(?=/?(meta|base|link|form|script|iframe|object|embed)\b)", re.IGNORECASE)
LISTED = re.compile(r'(<a href="#(\w+)">)(Test cell|Written response|Coding free-response)</a>')
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


def points(course, name, student):
    """{task: (points, whether a person still has to read it)}; empty where nothing was ever graded."""
    with _gradebook(course) as gradebook:
        try:
            grades = gradebook.find_submission_notebook(name, name, student).grades
        except MissingEntry:
            return {}
        return {grade.name: (grade.score, grade.needs_manual_grade) for grade in grades}


def term(course):
    """{exercise: most points} of all that were graded, and {student: {exercise: points}}."""
    most, got = {}, {}
    with _gradebook(course) as gradebook:
        for assignment in gradebook.assignments:
            for submission in assignment.submissions:
                most[assignment.name] = assignment.max_score
                got.setdefault(submission.student.id, {})[assignment.name] = submission.score
    return most, got


def shown(course, name, student):
    """A digest of what a person can change on a learner's page: points and comments."""
    with _gradebook(course) as gradebook:
        notebook = gradebook.find_submission_notebook(name, name, student)
        grades = sorted((grade.name, grade.score, grade.needs_manual_grade) for grade in notebook.grades)
        comments = sorted((comment.name, comment.comment or "") for comment in notebook.comments)
    return hashlib.sha256(repr((grades, comments)).encode()).hexdigest()


def tasks(course, name):
    """{task: most points}, in the order of the notebook."""
    notebook = nbformat.read(notebook_path(course, "release", name), 4)
    marks = map(hidden.mark_of, notebook.cells)
    return {mark["grade_id"]: mark["points"] for mark in marks if mark.get("grade")}


def write_feedback(course, name, student, words):
    """The page for the learner, in feedback/student/name, that begins with `words`, and names the tasks.

    It needs no request, runs no script, sends no form, and keeps tests hidden.
    """
    config = Config()
    config.HTMLExporter.template_name = "feedback"
    converter = GenerateFeedback(coursedir=_coursedir(course, name, student), config=config, force=True)
    converter.preprocessors = [GetGrades, hidden.without, CSSHTMLHeaderPreprocessor]
    with _quiet():
        converter.start()
    path = feedback_path(course, name, student)
    page = hidden.HIDDEN.sub("", SCRIPT.sub("", path.read_text("utf-8"))).replace(str(seed_of(course)), "…")
    head, mark, body = page.partition("</head>")
    titles = _titles(course, name)
    body = LISTED.sub(
        lambda found: f"{found[1]}{escape(titles.get(found[2], found[3]))}</a>", ACTIVE.sub("&lt;", body)
    )
    body = body.replace('<div id="toc">', f'<div id="toc"><p>{escape(words)}</p>', 1)
    write_whole(
        path, (head.replace("<head>", f"<head>\n{NO_REQUESTS}", 1) + mark + body).encode("utf-8", "replace")
    )


def _titles(course, name):
    """{task's name in the gradebook: the heading that it stands below, or that name}."""
    titles, title = {}, ""
    for cell in nbformat.read(notebook_path(course, "release", name), 4).cells:
        if cell.cell_type == "markdown" and (found := TASK.search(cell.source)):
            title = cell.source[found.start() :].splitlines()[0].strip("# ")
        if grade_id := hidden.mark_of(cell).get("grade_id"):
            titles[grade_id] = title or grade_id
    return titles


def write_notice(course, name, student, words):
    """The page for a learner whose file can't be graded, or whose page can't be made."""
    page = f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">{NO_REQUESTS}<title>{name}</title></head>'
    page += f"<body><h1>{name}</h1><p>{escape(words)}.</p></body></html>"
    write_whole(feedback_path(course, name, student), page.encode("utf-8", "replace"))


def feedback_path(course, name, student):
    return notebook_path(course, "feedback", name, student).with_suffix(".html")


def _coursedir(course, name="", student="*"):
    return CourseDirectory(root=str(course), course_id=COURSE_ID, assignment_id=name, student_id=student)


def _gradebook(course):
    return Gradebook(_coursedir(course).db_url, COURSE_ID)


@contextmanager
def _quiet():
    """nbgrader tells each of its steps, and logs what went wrong in one: that is raised."""
    log, said = get_logger(), []
    level, handlers = log.level, log.handlers
    listener = logging.Handler(logging.ERROR)
    listener.emit = lambda record: said.append(record.getMessage().strip())
    log.setLevel(logging.ERROR)
    log.handlers = [listener]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except NbGraderException as error:
        reasons = [words.splitlines()[-1] for words in said if words.startswith("Traceback")]
        raise RuntimeError(reasons[0] if reasons else str(error)) from error
    finally:
        log.setLevel(level)
        log.handlers = handlers
