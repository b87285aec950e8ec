"""What a checker is: a function that looks at an answer and says, a line a property, what is right and what is not.

    @exercise("Build Grad-CAM from its formula", hints=[nudge, code, figure])
    def build_grad_cam(answer, seed=0):
        maps, gradients = …
        got = yield from result(answer, maps, gradients, shape=(7, 7))
        yield alike("the map", got, wanted, within=1e-4, mistakes={"The ReLU is missing.": …})

The learner calls `xt.check.build_grad_cam(their_function)`. Whatever the answer is, a checker never raises, and it ends
within five seconds. Only what holds the whole of Python, such as `9**9**9`, can't be stopped.
"""

import ctypes
import functools
import io
import threading
from contextlib import redirect_stdout
from typing import NamedTuple

import numpy as np

from xaiteach.files.errors import short
from xaiteach_course.check import progress

LIMIT = 4  # seconds for one answer; what comes after takes less than one more
DRAWS = 3  # how many times the data are drawn anew for an answer that is right
PRINTED = 2000  # characters of what an answer prints
REGISTER = {}


class Line(NamedTuple):
    """One property of an answer: is it right, and if not, why not."""

    what: str
    right: bool
    why: str = ""

    def __str__(self):
        return f"right  {self.what}" if self.right else f"wrong  {self.what}\n       → {self.why}"


class Wrong(Exception):
    """Raised with a `Line` when there is nothing left to look at."""

    def __init__(self, what, why):
        super().__init__(Line(what, False, why))


class Verdict(tuple):
    """The lines about one answer; true where all of them are right."""

    def __bool__(self):
        return len(self) > 0 and all(line.right for line in self)

    def __repr__(self):
        return f"{'done' if self else 'not yet'}: {sum(line.right for line in self)} of {len(self)} right"


def exercise(title, hints, draws=DRAWS):
    """Make a checker of a generator of lines, `check(answer, seed)`, and register it under its name.

    Args:
        title: what is to be done, in a few words.
        hints: three: a nudge, partial code, and a function that draws the figure one should see.
        draws: how many seeds a right answer is tried with, from the given one on; 1 where no data are drawn.
    """

    def register(check):
        @functools.wraps(check)
        def checker(answer, seed=0):
            verdict = Verdict(judge(check, answer, range(seed, seed + draws)))
            print(*verdict, sep="\n")
            progress.remember(check.__name__, done=bool(verdict))
            return verdict

        checker.title, checker.hints = title, hints
        checker.lesson = check.__module__.rpartition("lesson_")[2].partition(".")[0]
        REGISTER[check.__name__] = checker
        return checker

    return register


def judge(check, answer, seeds=(0,), limit=None):
    """The lines of `check` about an answer, and where all are right, what is wrong with further seeds.

    It works in a thread of its own, that is left behind when time is over.
    """
    if isinstance(threading.current_thread(), _Worker):
        raise RuntimeError("the check is called inside of what it checks. Give it a cell of its own.")
    lines, limit = [], limit or LIMIT
    worker = _Worker(check, answer, seeds, lines)
    with redirect_stdout(worker.printed):
        try:
            worker.start()
            worker.over.wait(limit)
        finally:
            seen, late = list(dict.fromkeys(lines)), not worker.over.is_set()
            worker.end()
    print(worker.printed.getvalue(), end="")
    if late:
        why = "It was stopped. Is there a loop without end? If it loads a library: restart, and run it once before."
        seen.append(Line(f"ready within {limit:g} seconds", False, why))
    return seen


class _Worker(threading.Thread):
    """A thread that looks at an answer; `over` is set at its end. (`is_alive` errs where Ctrl-C came before.)

    What is `printed` lives as long as the thread: Python may crash where a thread prints to what is no more.
    """

    def __init__(self, *given):
        super().__init__(target=_collect, args=given, daemon=True)
        self.over, self.printed = threading.Event(), _Beginning()

    def run(self):
        try:
            super().run()
        finally:
            self.over.set()

    def end(self):
        """Ask what still runs to end, again where it refuses. What waits inside a library goes on unseen."""
        for _ in range(20):
            if self.over.wait(0.01):
                return self.join()
            ctypes.pythonapi.PyThreadState_SetAsyncExc(
                ctypes.c_ulong(self.ident), ctypes.py_object(SystemExit)
            )
        return None


class _Beginning(io.StringIO):
    """Keeps the first characters of what is printed: a loop without end may print without end."""

    def write(self, text):
        super().write(text[: max(0, PRINTED - self.tell())])
        return len(text)


def _collect(check, answer, seeds, lines):
    try:
        if answer is None or answer is ...:
            raise NotImplementedError
        with np.errstate(all="ignore"):
            lines.extend(check(answer, seeds[0]))
            for seed in seeds[1:]:
                if all(line.right for line in lines):
                    lines.extend(line for line in check(answer, seed) if not line.right)
    except Wrong as wrong:
        lines.append(wrong.args[0])
    except BaseException as error:  # sys.exit() in an answer must not end the check either
        is_stub = type(error) is NotImplementedError and not error.args
        raised = Line("it runs", False, f"It raised {type(error).__name__}: {_said(error)}")
        begun = Line("begun", False, "Not begun: write your answer in place of the stub.")
        lines.append(begun if is_stub else raised)


def _said(error):
    try:
        return short(error)
    except Exception:
        return "…"
