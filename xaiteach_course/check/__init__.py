"""Exercises that check themselves: `xt.check.build_grad_cam(my_function)`, one function an exercise.

The checkers of a lesson are in the folder of its number. They need neither framework.
"""

import importlib
from difflib import get_close_matches
from pathlib import Path

from xaiteach_course.check.exercise import REGISTER


def _load(text=""):
    """Import the exercises of the lessons that have this text in them: of one lesson it takes a moment."""
    for path in sorted(Path(__file__).parent.glob("lesson_*/exercises.py")):
        if text in path.read_text(encoding="utf-8"):
            importlib.import_module(f"{__name__}.{path.parent.name}.exercises")


def exercises():
    """{name: checker} of all exercises, in the order of the lessons."""
    _load()
    return dict(sorted(REGISTER.items(), key=lambda pair: pair[1].lesson))


def find_exercise(name):
    """The checker of an exercise.

    Raises:
        ValueError: for a name that is none, naming those that are near, or all.
    """
    name = str(name)
    _load(f"def {name}(look, ")
    if name in REGISTER:
        return REGISTER[name]
    known = exercises()
    if name in known:
        return known[name]
    near = get_close_matches(name, known) or known
    raise ValueError(f"There is no exercise {name!r}; there are {', '.join(near)}.")


def __getattr__(name):
    if name.startswith("_"):
        raise AttributeError(name)
    try:
        return find_exercise(name)
    except ValueError as error:
        raise AttributeError(str(error)) from None


def __dir__():
    return [*globals(), *exercises()]
