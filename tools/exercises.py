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
CALL = re.compile(r"xt\.check\.(\w+)\((.*)\)", re.DOTALL)


def solutions(folder=NOTEBOOKS):
    return sorted((folder / "solutions").glob(f"[0-9][0-9]_*{SUFFIX}"))


def exercise_path(solution):
    """Where the learner's copy of a solution is."""
    return solution.parents[1] / "exercises" / solution.name.replace(SUFFIX, ".ipynb")


def marked(notebook, seed=None):
    """A copy with nbgrader's own marks in place of our tags; with a seed, each check has its hidden test."""
    notebook = deepcopy(notebook)
    for number, cell in enumerate(notebook.cells):
        found = next(filter(None, map(TAG.fullmatch, cell.metadata.get("tags", []))), None)
        if found:
            kind, points = found[1], int(found[2] or 0)
            name = CALL.search(cell.source)[1] if kind == "check" else f"{kind or 'solution'}_{number}"
            cell.metadata["nbgrader"] = _mark(name, points, grade=kind is not None, solution=kind != "check")
            if seed is not None and kind == "check":
                cell.source += _hidden(cell.source, seed)
    return notebook


def _mark(name, points, grade, solution):
    mark = {"schema_version": 3, "grade_id": name, "grade": grade, "solution": solution, "task": False}
    return {**mark, "locked": not solution, **({"points": points} if grade else {})}


def _hidden(source, seed):
    """The same question about other data: what was written down for the open ones does not answer it."""
    name, answer = CALL.search(source).groups()
    return f"\n### BEGIN HIDDEN TESTS\nassert xt.check.{name}({answer}, seed={seed})\n### END HIDDEN TESTS"


def learner_copy(notebook):
    """The notebook without solutions, outputs and marks."""
    copy = marked(notebook)
    for step in (ClearSolutions(config=STUBS), ClearHiddenTests()):
        copy, _ = step.preprocess(copy, {})
    for cell in copy.cells:
        cell.metadata.pop("nbgrader", None)
        tags = [tag for tag in cell.metadata.get("tags", []) if "nbval" not in tag and not TAG.fullmatch(tag)]
        cell.metadata["tags"] = tags
        if not tags:
            del cell.metadata["tags"]
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return copy


def main():
    for solution in solutions():
        path = exercise_path(solution)
        path.parent.mkdir(exist_ok=True)
        nbformat.write(learner_copy(nbformat.read(solution, 4)), path)
        print(path.relative_to(NOTEBOOKS))


if __name__ == "__main__":
    main()
