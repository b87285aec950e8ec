"""Exercises that check themselves: `xt.check.build_grad_cam(my_function)`, one function an exercise.

The checkers of a lesson are in the file of its number. They need neither framework.
"""

import importlib
import pkgutil
from difflib import get_close_matches

from xaiteach_course.check.exercise import REGISTER


def exercises():
    """{name: checker} of all exercises, in the order of the lessons."""
    for module in sorted(module.name for module in pkgutil.iter_modules(__path__, f"{__name__}.")):
        if ".lesson_" in module:
            importlib.import_module(f"{module}.exercises")
    return dict(sorted(REGISTER.items(), key=lambda pair: pair[1].lesson))


def find_exercise(name):
    """The checker of an exercise.

    Raises:
        ValueError: for a name that is none, naming those that are near, or all.
    """
    known, name = exercises(), str(name)
    if name in known:
        return known[name]
    near = get_close_matches(name, known) or known
    raise ValueError(f"There is no exercise {name!r}; there are {', '.join(near)}.")


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    try:
        return find_exercise(name)
    except ValueError as error:
        raise AttributeError(str(error)) from None


def __dir__():
    return [*globals(), *exercises()]
