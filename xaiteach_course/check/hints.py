"""A hint at a time, and what is done."""

from pathlib import Path

from xaiteach_course.check import exercises, find_exercise
from xaiteach_course.check.progress import recall
from xaiteach_course.workspace import LESSONS

_given = {}


def hint(exercise, step=None):
    """The next hint for an exercise: a nudge, then a part of the code, then a figure of what one should see.

    Args:
        exercise: its name, such as "build_grad_cam", or the checker itself.
        step: 1, 2 or 3 for a certain hint; None for the next one.

    Returns:
        None for words and code, which are printed; the figure for the third.

    Raises:
        ValueError: for a name or a step that is none; for the number of a lesson it names the lesson's.
    """
    checker = _checker(exercise)
    if step not in (None, 1, 2, 3):
        raise ValueError(f"step={step!r}; there are three hints: 1, 2 and 3.")
    step = step or min(3, _given.get(checker.__name__, 0) + 1)
    _given[checker.__name__] = step
    content = checker.hints[step - 1]
    if step < 3:
        print(f"Hint {step} of 3.\n\n{content}")
        return None
    found = [path.name for path in Path(LESSONS, "solutions").glob(f"{checker.lesson}_*.ipynb")]
    where = f"solutions/{found[0]}." if found else "the folder solutions."
    print(f"Hint 3 of 3: what you should see. The whole solution is in {where}")
    return content()


def _checker(exercise):
    """The checker of that name; for the number of a lesson a refusal that names those of this lesson."""
    if str(exercise).isdigit():
        here = [name for name, checker in exercises().items() if checker.lesson == _lesson(exercise)]
        if here:
            raise ValueError(f"{exercise!r} is a lesson; its exercises are {', '.join(here)}.")
    return find_exercise(getattr(exercise, "__name__", exercise))


def _lesson(given):
    return f"{given:02}" if type(given) is int else given


def progress(lesson=None):
    """Print a line a lesson: how many of its exercises are done, and which are open.

    The record is a file on this machine, see `xaiteach_course.check.progress`; nothing leaves it.

    Args:
        lesson: its number, "03" or 3, for a line of this lesson alone.

    Raises:
        ValueError: for a lesson that has no exercises.
    """
    days, checkers = recall(), exercises()
    lessons = sorted({checker.lesson for checker in checkers.values()})
    lesson = _lesson(lesson)
    if lesson not in (None, *lessons):
        raise ValueError(f"lesson={lesson!r}; want one of {', '.join(map(repr, lessons))}.")
    for number in [lesson] if lesson else lessons:
        names = [name for name, checker in checkers.items() if checker.lesson == number]
        undone = [name for name in names if not days.get(name)]
        rest = f"; open: {', '.join(undone)}" if undone else ""
        print(f"{number}  {len(names) - len(undone)} of {len(names)} done{rest}")
