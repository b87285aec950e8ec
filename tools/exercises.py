"""Make the learner's copies of the exercises out of the solutions: `make exercises`.

A solution notebook, `notebooks/solutions/NN_topic_solution.ipynb`, is the one source. Its cells carry tags:

    solution    code between "### BEGIN SOLUTION" and "### END SOLUTION" is the learner's to write
    check-3     a call such as `xt.check.build_grad_cam(my_grad_cam)`, worth three points
    text-5      a free text to write, worth five points, read by a person

nbgrader takes out what is marked; what is left goes to `notebooks/exercises/NN_topic.ipynb`, without outputs.
"""

import re
from copy import deepcopy
from pathlib import Path

import nbformat
from nbgrader.preprocessors import ClearHiddenTests, ClearSolutions
from traitlets.config import Config

NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"
SUFFIX = "_solution.ipynb"
STUBS = Config()
STUBS.ClearSolutions.code_stub = {"python": "# your code here\nraise NotImplementedError"}
STUBS.ClearSolutions.text_stub = "*Write your answer here.*"
TAG = re.compile(r"solution|(check|text)-(\d+)")
TASK = re.compile(r"^## (\d+)\. ", re.MULTILINE)
CALL = re.compile(r"xt\.check\.(\w+)\((.*)\)", re.DOTALL)
HIDDEN = """
### BEGIN HIDDEN TESTS
import sys
# All anew, whatever the cells did to it, but for where results go. The name _ takes none of the learner's.
[
    sys.modules.pop(_) for _ in [*sys.modules]
    if "xaiteach_course.check" in _ and not _.endswith(".progress")
]
from xaiteach_course.check import find_exercise
print("asked again:")
assert find_exercise("{name}")({answer}, seed={seed})
### END HIDDEN TESTS"""


def solutions(folder=NOTEBOOKS):
    return sorted((folder / "solutions").glob(f"[0-9][0-9]_*{SUFFIX}"))


def exercise_path(solution):
    """Where the learner's copy of a solution is."""
    return solution.parents[1] / "exercises" / solution.name.replace(SUFFIX, ".ipynb")


def marked(notebook, seed=None):
    """A copy with nbgrader's own marks in place of our tags; with a seed, each check has its hidden test."""
    notebook, task, taken = deepcopy(notebook), 0, set()
    for cell in notebook.cells:
        heading = TASK.search(cell.source) if cell.cell_type == "markdown" else None
        task = heading[1] if heading else task
        tags = map(TAG.fullmatch, cell.metadata.get("tags", []))
        for found in filter(None, tags):
            kind, points = found[1], int(found[2] or 0)
            name = CALL.search(cell.source)[1] if kind == "check" else f"{kind or 'solution'}_{task}"
            while name in taken:
                name += "_"
            taken.add(name)
            cell.metadata["nbgrader"] = _mark(name, points, grade=kind is not None, solution=kind != "check")
            if seed is not None and kind == "check":
                cell.source += _hidden(cell.source, seed)
    return notebook


def _mark(name, points, grade, solution):
    mark = {"schema_version": 3, "grade_id": name, "grade": grade, "solution": solution, "task": False}
    return {**mark, "locked": not solution, **({"points": points} if grade else {})}


def _hidden(source, seed):
    """The same question about other data, put by a checker that is imported anew.

    What was written down for the open data does not answer it, and what was put in the checker's place is not
    asked.
    """
    name, answer = CALL.search(source).groups()
    return HIDDEN.format(name=name, answer=answer, seed=seed)


def learner_copy(notebook):
    """The notebook without solutions, outputs and marks."""
    copy = marked(notebook)
    for step in (ClearSolutions(config=STUBS), ClearHiddenTests()):
        copy, _ = step.preprocess(copy, {})
    for cell in copy.cells:
        cell.metadata.pop("nbgrader", None)
    return bare(copy)


def bare(notebook):
    """The notebook, changed in place: without outputs, and without the tags that are for its makers."""
    for cell in notebook.cells:
        tags = [tag for tag in cell.metadata.pop("tags", []) if "nbval" not in tag and not TAG.fullmatch(tag)]
        if tags:
            cell.metadata["tags"] = tags
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return notebook


def main():
    for solution in solutions():
        path = exercise_path(solution)
        path.parent.mkdir(exist_ok=True)
        nbformat.write(learner_copy(nbformat.read(solution, 4)), path)
        print(path.relative_to(NOTEBOOKS))


if __name__ == "__main__":
    main()
