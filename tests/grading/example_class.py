"""A small exercise, and what a class of every kind of learner hands in."""

from copy import deepcopy

import exercises
import nbformat

GRAD_CAM = "my_grad_cam = lambda maps, gradients: np.maximum((maps * gradients.mean((0, 1))).sum(-1), 0)"
SCALE = "scale = lambda cam: cam / (cam.max() or 1)"
TEXT = "Red says what speaks for a class."
MARKDOWN, CODE = nbformat.v4.new_markdown_cell, nbformat.v4.new_code_cell


def _tagged(cell, tag):
    cell.metadata["tags"] = [tag, "nbval-check-output"]
    return cell


def _solution():
    """Two functions, four and three points, and a text worth five."""
    between = "### BEGIN SOLUTION\n{}\n### END SOLUTION".format
    cells = [
        MARKDOWN("# Exercises: a small class\n\n" + "Words that are in no other exercise. " * 4),
        CODE("import numpy as np\nimport xaiteach as xt"),
        MARKDOWN("## 1. Build this"),
        _tagged(CODE(between(GRAD_CAM)), "solution"),
        _tagged(CODE("xt.check.build_grad_cam(my_grad_cam)"), "check-4"),
        MARKDOWN("## 2. Change this"),
        _tagged(CODE(between(SCALE)), "solution"),
        _tagged(CODE("xt.check.scale_a_map(scale)"), "check-3"),
        MARKDOWN("## 3. Explain this"),
        _tagged(MARKDOWN(between(TEXT)), "text-5"),
        MARKDOWN("The end."),
    ]
    for number, cell in enumerate(cells):
        cell.id = f"cell-{number:02}"
    return nbformat.v4.new_notebook(cells=cells)


def _handed_in(released, first=GRAD_CAM, second=SCALE, text=TEXT):
    """What a learner makes of the release."""
    notebook = deepcopy(released)
    for place, source in ((3, first), (6, second), (9, text)):
        notebook.cells[place].source = source or notebook.cells[place].source
    return notebook


def _tampered(released):
    """Tests emptied or deleted, and the checkers replaced in two ways, on top of two wrong answers."""
    fake = "xt.check.build_grad_cam = lambda *a, **k: True\nmy_grad_cam = 1"
    deeper = "xt.check.find_exercise = lambda name: lambda *a, **k: True\nscale = 1"
    notebook = _handed_in(released, fake, deeper)
    notebook.cells[4].source = "pass"
    del notebook.cells[7]
    return notebook


def _unmarked(released):
    """The learner's own copy, without nbgrader's marks: a cell copied, tasks exchanged, an empty cell."""
    notebook = _handed_in(exercises.learner_copy(_solution()))
    notebook.cells[3].source = released.cells[3].source
    top, first, second = notebook.cells[:2], notebook.cells[2:5], notebook.cells[5:8]
    notebook.cells = [*top, *second, *first[:2], CODE(GRAD_CAM), *first[2:], CODE("")]
    return notebook


WARNS = f"""import warnings
right{GRAD_CAM[11:]}
def my_grad_cam(maps, gradients):
    warnings.warn("it is slow")
    return right(maps, gradients)
"""
SPIES = f"""from IPython.display import HTML, display
print(In)
display(HTML('<META http-equiv="refresh" content="0;url=http://x"><base href=x><form action="http://x">Click</form>'))
{SCALE}"""
SKIPS = """def skip(lines):
    return ["pass\\n"] if "check" in "".join(lines) else lines
get_ipython().input_transformers_post.append(skip)"""
SUBMISSIONS = {  # student: what is handed in, points of the two tests, what the state begins with
    "right": (_handed_in, (4, 3), "graded"),
    "partly": (lambda nb: _handed_in(nb, second="scale = lambda cam: cam / cam.sum()"), (4, 0), "graded"),
    "blank": (lambda nb: nb, (0, 0), "graded"),
    "tampered": (
        _tampered,
        (0, 0),
        "graded; a checker was replaced (the course's was asked); changed the tests (restored)",
    ),
    "skipper": (lambda nb: _handed_in(nb, SKIPS), (0, 0), "graded; a test was passed over (0 points)"),
    "loop": (lambda nb: _handed_in(nb, "while True: pass"), (0, 3), "took too long at task 1. Build this"),
    "exit": (lambda nb: _handed_in(nb, "import sys\nsys.exit()"), (0, 3), "graded"),
    "death": (
        lambda nb: _handed_in(nb, second="import os\nos._exit(0)"),
        (4, 0),
        "kernel died at task 2. Change this",
    ),
    "syntax": (lambda nb: _handed_in(nb, "def ("), (0, 3), "graded"),
    "spy": (lambda nb: _handed_in(nb, WARNS, SPIES), (4, 3), "graded"),
    "Zoë van [D]": (_unmarked, (4, 3), "graded"),
    "broken": ('{"cells": [', None, "not a notebook"),
    "other": (nbformat.v4.new_notebook(cells=[MARKDOWN("# My holidays")]), None, "another notebook"),
    "nothing": (None, None, "nothing handed in"),
}
