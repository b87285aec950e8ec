"""The teacher's tests in a submission: put there, judged, and taken out of what a learner sees."""

import re
from copy import deepcopy

from marks import is_test, name_of, tests_of
from nbformat.v4 import new_output

HIDDEN = re.compile(r"\s*### BEGIN HIDDEN TESTS.*?### END HIDDEN TESTS", re.DOTALL)
BLOCK = "### BEGIN HIDDEN TESTS\n{}\n### END HIDDEN TESTS"
ASKED, REPLACED = "text/x-asked", "text/x-replaced"
SHOW = "__import__('IPython').display.display({{{kind!r}: {word!r}}}, raw=True)"
# A function is printed with the file of its code: a checker of the course comes from the course.
LOOK = "'xaiteach_course' in str(getattr({checker}, '__code__', '')) or {show}"
CHECKER = re.compile(r"xt\.check\.\w+")


def with_tests(handed_in, source, word):
    """A copy of a submission whose tests are the teacher's, with the hidden ones.

    Each looks first whether its checker is still the course's, and shows a word at its end, drawn for this
    run: a test that is passed over does not show it.
    """
    tests = tests_of(source)
    notebook = deepcopy(handed_in)
    asked, replaced = (SHOW.format(kind=kind, word=word) for kind in (ASKED, REPLACED))
    for cell in filter(is_test, notebook.cells):
        test = tests[name_of(cell)]
        look = LOOK.format(checker=CHECKER.search(test)[0], show=replaced)
        cell.source = "\n".join([BLOCK.format(look), test, BLOCK.format(asked)])
    return notebook


def judge(notebook, word):
    """Leave of each test's outputs what counts, and return remarks for the teacher.

    Passed is what raised nothing and was asked to its end. nbgrader would also look at warnings and values.
    """
    remarks = set()
    for cell in filter(is_test, notebook.cells):
        shown = []
        for output in cell.outputs:
            shown += output.get("data", {}).items()
        streams = [output for output in cell.outputs if output.output_type == "stream"]
        errors = [output for output in cell.outputs if output.output_type == "error"]
        for output in streams:
            output.name = "stdout"
        if (REPLACED, word) in shown:
            remarks.add("a checker was replaced (the course's was asked)")
        if not errors and (ASKED, word) not in shown:
            errors.append(new_output("error", ename="NotAsked", evalue="the test was passed over"))
            remarks.add("a test was passed over (0 points)")
        cell.outputs = streams + errors
    return sorted(remarks)


def without_tracebacks(notebook, resources):
    """For nbconvert: of a test's error the name and the words stay. A traceback shows hidden lines."""
    for cell in filter(is_test, notebook.cells):
        for output in cell.outputs:
            if output.output_type == "error":
                words = output.evalue or "asked again, not all is right"
                output.traceback = [f"{output.ename}: {words}"]
    return notebook, resources
