"""What is asked of nbgrader: a release, the points of a notebook that was run, the page for the learner.

Its preprocessors are called one by one. Its converters would do the same for a whole folder, with names as
patterns, and log what went wrong instead of raising it.
"""

import logging
import os
import re
import secrets
import sys
import warnings
from contextlib import suppress
from html import escape
from operator import itemgetter
from pathlib import Path

import hidden
import nbformat
from exercises import STUBS
from marks import headings, mark_of, name_of
from nbconvert.exporters import HTMLExporter
from nbgrader import preprocessors
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters import GenerateAssignment, GenerateFeedback
from nbgrader.coursedir import CourseDirectory

from xaiteach.files.whole import write_whole

COURSE_ID = "xaiteach"
SCRIPT = re.compile(r"<script.*?</script>", re.DOTALL)
NO_REQUESTS = (
    '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; img-src data:; '
    "style-src 'unsafe-inline'; font-src data:; form-action 'none'; base-uri 'none'\">"
)
ACTIVE = re.compile(r"<(?=/?(meta|base|link|form|script|iframe|object|embed)\b)", re.IGNORECASE)
LISTED = re.compile(r'(<a href="#(\w+)">)(Test cell|Written response|Coding free-response)</a>')
# nbgrader calls `alembic`, which lies beside this Python, and tells each of its steps.
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
logging.getLogger("traitlets").setLevel(logging.ERROR)


def notebook_path(course, step, name, student="."):
    """Where nbgrader keeps a notebook: course/step/student/name/name.ipynb."""
    return course / step / student / name / f"{name}.ipynb"


def page_path(course, name, student):
    return notebook_path(course, "feedback", name, student).with_suffix(".html")


def seed_of(course):
    """The teacher's secret, drawn once: the hidden tests ask about data of this seed."""
    path = course / "seed.txt"
    if not path.exists():
        write_whole(path, str(10**8 + secrets.randbelow(9 * 10**8)).encode())
        path.chmod(0o600)
    return int(path.read_text())


def released(course, name, source):
    """The notebook to hand out; its tasks are noted in the gradebook."""
    with _gradebook(course) as gradebook:
        gradebook.update_or_create_assignment(name)
    return _preprocessed(source, GenerateAssignment.preprocessors.default(), course, name)


def is_submitted(course, name):
    """Whether the gradebook has a submission of an exercise."""
    with _gradebook(course) as gradebook, suppress(MissingEntry):
        return bool(gradebook.find_assignment(name).submissions)
    return False


def save(course, name, student, handed_in, executed):
    """Put a submission, and the points that its run gives, into the gradebook. Points given by hand stay."""
    with _gradebook(course) as gradebook, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its database, about nothing that is done here
        gradebook.update_or_create_student(student)
        gradebook.update_or_create_submission(name, student)
    steps = [preprocessors.OverwriteCells, preprocessors.LimitOutput, preprocessors.SaveAutoGrades]
    graded = _preprocessed(executed, steps, course, name, student)
    for step, notebook in (("submitted", handed_in), ("autograded", graded)):
        write_whole(notebook_path(course, step, name, student), nbformat.writes(notebook).encode())


def grades(course, name, student):
    """What a person can change: [(task, points, whether they are still to be given, comment)].

    Empty where nothing of the student was ever graded.
    """
    found = []
    with _gradebook(course) as gradebook, suppress(MissingEntry):
        notebook = gradebook.find_submission_notebook(name, name, student)
        comments = {comment.name: comment.comment for comment in notebook.comments}
        for grade in notebook.grades:
            found.append((grade.name, grade.score, grade.needs_manual_grade, comments.get(grade.name)))
    return sorted(found, key=itemgetter(0))


def term(course):
    """{exercise: most points} of all that were graded, and {student: {exercise: points}}."""
    most, points = {}, {}
    with _gradebook(course) as gradebook:
        for assignment in gradebook.assignments:
            for submission in assignment.submissions:
                most[assignment.name] = assignment.max_score
                points.setdefault(submission.student.id, {})[assignment.name] = submission.score
    return most, points


def tasks(course, name):
    """{task: most points}, in the order of the notebook."""
    marks = map(mark_of, nbformat.read(notebook_path(course, "release", name), 4).cells)
    return {mark["grade_id"]: mark["points"] for mark in marks if mark.get("grade")}


def write_page(course, name, student, words):
    """The page for the learner, in feedback/student/name, that begins with `words`, and names the tasks.

    It needs no request, runs no script, sends no form, and keeps tests hidden.
    """
    notebook = nbformat.read(notebook_path(course, "autograded", name, student), 4)
    exporter = HTMLExporter(config=GenerateFeedback(coursedir=_course_directory(course)).config)
    exporter.register_preprocessor(preprocessors.GetGrades, enabled=True)
    exporter.register_preprocessor(hidden.without_tracebacks, enabled=True)
    page, _ = exporter.from_notebook_node(notebook, _resources(course, name, student))
    page = hidden.HIDDEN.sub("", SCRIPT.sub("", page)).replace(str(seed_of(course)), "…")
    head, mark, body = page.partition("</head>")
    titles = dict(zip(map(name_of, notebook.cells), headings(notebook), strict=True))

    def link(found):
        return f"{found[1]}{escape(titles.get(found[2]) or found[3])}</a>"

    body = LISTED.sub(link, ACTIVE.sub("&lt;", body))
    body = body.replace('<div id="toc">', f'<div id="toc"><p>{escape(words)}</p>', 1)
    head = head.replace("<head>", f"<head>\n{NO_REQUESTS}", 1)
    write_whole(page_path(course, name, student), (head + mark + body).encode("utf-8", "replace"))


def write_notice(course, name, student, words):
    """The page for a learner whose file can't be graded."""
    head = f'<meta charset="utf-8">{NO_REQUESTS}<title>{name}</title>'
    body = f"<h1>{name}</h1><p>{escape(words)}.</p>"
    page = f'<!DOCTYPE html><html lang="en"><head>{head}</head><body>{body}</body></html>'
    write_whole(page_path(course, name, student), page.encode("utf-8", "replace"))


def _preprocessed(notebook, steps, course, name, student="."):
    resources = _resources(course, name, student)
    for step in steps:
        notebook, resources = step(config=STUBS).preprocess(notebook, resources)
    return notebook


def _resources(course, name, student):
    names = {"notebook": name, "assignment": name, "student": student}
    return {"nbgrader": {**names, "db_url": _course_directory(course).db_url}}


def _course_directory(course):
    return CourseDirectory(root=str(course), course_id=COURSE_ID)


def _gradebook(course):
    return Gradebook(_course_directory(course).db_url, COURSE_ID)
