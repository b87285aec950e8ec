"""The teacher's tests in a submission: how they are put there, what came of them, and what a learner sees of them."""

import re
from copy import deepcopy

import nbformat

HIDDEN = re.compile(r"\s*### BEGIN HIDDEN TESTS.*?### END HIDDEN TESTS", re.DOTALL)
BLOCK = "### BEGIN HIDDEN TESTS\n{}\n### END HIDDEN TESTS"
ASKED, REPLACED = "text/x-asked", "text/x-replaced"
SHOW = "__import__('IPython').display.display({{{kind!r}: {word!r}}}, raw=True)"
LOOK = """
import sys
from xaiteach_course import check
try:
    names = vars(sys.modules["xaiteach_course.check"])
    ours = vars(check) is names and names["__spec__"] and check.find_exercise.__globals__ is names
    ours = ours and not set(names).intersection(check.exercises())
except Exception:
    ours = False
if not ours:
    {show}
"""


def with_tests(handed_in, source, word):
    """A copy of a submission whose tests are the teacher's, with the hidden ones.

    Each looks first whether the checkers are still the course's, and shows a word at its end, drawn for this run: a
    test that is passed over does not show it. Both bind no name.
    """
    tests = tests_of(source)
    look = f"exec({LOOK.format(show=SHOW.format(kind=REPLACED, word=word))!r}, {{}})"
    end = BLOCK.format(SHOW.format(kind=ASKED, word=word))
    notebook = deepcopy(handed_in)
    for cell in notebook.cells:
        if test := tests.get(mark_of(cell).get("grade_id")):
            cell.source = "\n".join([BLOCK.format(look), test, end])
    return notebook


def judge(notebook, word):
    """Leave of each test's outputs what counts: it is passed where it raised nothing and was asked to its end.

    nbgrader would also look at warnings, and at values that are like points.

    Returns:
        Remarks for the teacher.
    """
    remarks = []
    for cell in notebook.cells:
        if mark_of(cell).get("locked"):
            shown = {kind: words for output in cell.outputs for kind, words in output.get("data", {}).items()}
            streams = [output for output in cell.outputs if output.output_type == "stream"]
            errors = [output for output in cell.outputs if output.output_type == "error"]
            for output in streams:
                output.name = "stdout"
            if not errors and shown.get(ASKED) != word:
                errors = [
                    nbformat.v4.new_output("error", ename="NotAsked", evalue="the test was passed over")
                ]
                remarks.append("a test was passed over (0 points)")
            remarks += ["a checker was replaced (the course's was asked)"] * (REPLACED in shown)
            cell.outputs = [*streams, *errors]
    return list(dict.fromkeys(remarks))


def without(notebook, resources):
    """For nbconvert: the hidden tests are gone. Tracebacks show them too; an error's name and words stay."""
    for cell in notebook.cells:
        if mark_of(cell).get("locked"):
            cell.source = HIDDEN.sub("", cell.source).strip()
            for output in cell.get("outputs", []):
                if output.output_type == "error":
                    words = output.evalue or "asked again, not all is right"
                    output.traceback = [f"{output.ename}: {words}"]
    return notebook, resources


def tests_of(notebook):
    """{name in the gradebook: the test}."""
    marked = ((mark_of(cell), cell.source.strip()) for cell in notebook.cells)
    return {mark["grade_id"]: test for mark, test in marked if mark.get("locked")}


def mark_of(cell):
    return cell.metadata.get("nbgrader", {})
