"""A small exercise, and what a class of every kind of learner hands in."""

from copy import deepcopy

import exercises
import nbformat

MARKDOWN, CODE = nbformat.v4.new_markdown_cell, nbformat.v4.new_code_cell
NAME = "03_small"
GRAD_CAM = "my_grad_cam = lambda maps, gradients: np.maximum((maps * gradients.mean((0, 1))).sum(-1), 0)"
SCALE = "scale = lambda cam: cam / (cam.max() or 1)"
TEXT = "Red says what speaks for a class."
LETTERS = 'true_ones = "bd"'
FIRST, SECOND, WORDS, THIRD = 3, 6, 9, 11  # where the answers are


def _tagged(cell, tag):
    cell.metadata["tags"] = [tag, "nbval-check-output"]
    return cell


def solution():
    """Two functions, four and three points, a text worth five, and letters worth two."""
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
        MARKDOWN("## 4. Read this"),
        _tagged(CODE(between(LETTERS)), "solution"),
        _tagged(CODE("xt.check.read_the_map(true_ones)"), "check-2"),
        MARKDOWN("The end."),
    ]
    for number, cell in enumerate(cells):
        cell.id = f"cell-{number:02}"
    return nbformat.v4.new_notebook(cells=cells)


def another_check():
    return _tagged(CODE("xt.check.mend_grad_cam(my_grad_cam)"), "check-1")


def answered(released, first=GRAD_CAM, second=SCALE, words=TEXT, third=LETTERS):
    """What a learner makes of the release; where an answer is None, its stub is left."""
    notebook = deepcopy(released)
    for place, source in ((FIRST, first), (SECOND, second), (WORDS, words), (THIRD, third)):
        notebook.cells[place].source = source or notebook.cells[place].source
    return notebook


def _tampered(released):
    """Tests emptied, deleted and passed over, checkers replaced in two ways, and no words."""
    fake = "xt.check.build_grad_cam = lambda *a, **k: True\nmy_grad_cam = 1"
    deeper = "xt.check.find_exercise = lambda name: lambda *a, **k: True\nscale = 1"
    notebook = answered(released, fake, deeper, None, SKIPS)
    notebook.cells[FIRST + 1].source = "pass"
    del notebook.cells[SECOND + 1]
    return notebook


def _unmarked(_):
    """The learner's own copy, without nbgrader's marks: tasks exchanged, a cell copied, cells that fail."""
    notebook = answered(exercises.learner_copy(solution()))
    top, first, second, rest = (notebook.cells[a:b] for a, b in ((0, 2), (2, 5), (5, 8), (8, 14)))
    fails = [CODE("import sys\nsys.exit()"), CODE("def ("), CODE("")]
    notebook.cells = [*top, *fails, *second, *first[:2], CODE(GRAD_CAM), *first[2:], *rest]
    return notebook


WARNS = f"""import warnings
right{GRAD_CAM[11:]}
def my_grad_cam(maps, gradients):
    warnings.warn("it is slow")
    return right(maps, gradients)
"""
SPIES = r"""from IPython.display import HTML, display
import re
print(In, re.findall(r"seed=(\d+)", str(In)))
display(HTML('<META http-equiv="refresh" content="0;url=http://x"><base href=x>'))
display(HTML('<form action="http://x">Click</form>'))
scale = lambda cam: cam / cam.sum()"""
SKIPS = f"""{LETTERS}
def skip(lines):
    return ["pass\\n"] if "check" in "".join(lines) else lines
get_ipython().input_transformers_post.append(skip)"""
SUBMISSIONS = {  # student: what is handed in, points of the three tests, what the state begins with
    "Zoë van [D]": (_unmarked, (4, 3, 2), "graded; cells in another order; 1 to be read by you"),
    "spy": (
        lambda notebook: answered(notebook, WARNS, SPIES, third="import os\nos._exit(0)"),
        (4, 0, 0),
        "kernel died at task 4. Read this; 1 to be read by you",
    ),
    "tampered": (
        _tampered,
        (0, 0, 0),
        "graded; a checker was replaced (the course's was asked); a test was passed over (0 points); "
        "changed the tests (restored)",
    ),
    "broken": ('{"cells": [', None, "not a notebook"),
    "other": (
        nbformat.v4.new_notebook(cells=[MARKDOWN("# My holidays")]),
        None,
        "another notebook: no test and no text of this exercise is in it",
    ),
    "nothing": (None, None, "nothing handed in"),
}
