"""An answer and a checker, brought together: whatever the answer is or does, lines come out, and soon."""

import ctypes
import io
import threading
import time
from contextlib import redirect_stdout

import numpy as np

from xaiteach.files.errors import short
from xaiteach_course.check.look import Look
from xaiteach_course.check.verdict import Line

LIMIT = 4  # seconds of work for one answer
SLEEP = 5  # how many times as long an answer may take that does not work, but waits
PRINTED = 2000  # characters of what an answer prints
STOPPED = (
    "It was stopped. Is there a loop without end? If it loads a library: restart, and run it once before."
)


def judge(check, answer, seeds=(0,), limit=None):
    """The lines of `check(look, answer, seed)`: all for the first seed, for the others what is wrong.

    The work is done in a thread of its own, since only a thread can be left behind: an answer may catch all
    that interrupts it, or wait inside of a library. What holds the whole of Python (`9**9**9`) can't be left.
    """
    if isinstance(threading.current_thread(), _Worker):
        raise RuntimeError("the check is called inside of what it checks. Give it a cell of its own.")
    limit = limit or LIMIT
    worker = _Worker(check, answer, seeds)
    with redirect_stdout(worker.printed):
        try:
            worker.start()
            in_time = worker.wait(limit)
        finally:
            lines = list(worker.look.lines)
            worker.end()
    print(worker.printed.getvalue(), end="")
    if not in_time:
        lines.append(Line(f"ready within {limit:g} seconds", False, STOPPED))
    return lines


def is_late(passed, worked, limit):
    """Whether time is over: so many seconds on the clock, so many of the processor's.

    Both must have counted `limit` seconds, for on a busy machine the clock is ahead, with several cores the
    processor. What sleeps needs no processor: there the clock alone decides, later.
    """
    return min(passed, worked) > limit or passed > SLEEP * limit


class _Worker(threading.Thread):
    """A thread that collects lines.

    What is `printed` lives as long as the thread: Python may crash where a thread prints to what is no more.
    """

    def __init__(self, check, answer, seeds):
        super().__init__(daemon=True)
        self.task = check, answer, seeds
        self.look, self.printed = Look(), _Beginning()
        self.over = threading.Event()  # `is_alive` errs where Ctrl-C came before

    def run(self):
        try:
            _collect(self.look, *self.task)
        finally:
            self.over.set()

    def wait(self, limit):
        """Whether it is over in time."""
        clock, processor = time.perf_counter(), time.process_time()
        while not self.over.wait(0.02):
            if is_late(time.perf_counter() - clock, time.process_time() - processor, limit):
                return False
        return True

    def end(self):
        """Ask what still runs to end, again where it refuses. What waits inside a library goes on unseen."""
        for _ in range(20):
            if self.over.wait(0.01):
                self.join()
                return
            thread = ctypes.c_ulong(self.ident)
            ctypes.pythonapi.PyThreadState_SetAsyncExc(thread, ctypes.py_object(SystemExit))


class _Beginning(io.StringIO):
    """Keeps the first characters of what is printed: a loop without end may print without end."""

    def write(self, text):
        super().write(text[: max(0, PRINTED - self.tell())])
        return len(text)


def _collect(look, check, answer, seeds):
    try:
        if answer is None or answer is ...:
            raise NotImplementedError
        with np.errstate(all="ignore"):  # log(0) is what the lines are about, neither a warning nor an error
            check(look, answer, seeds[0])
            for seed in seeds[1:]:
                if not look.wrong:
                    check(look.quietly(), answer, seed)
    except BaseException as error:  # sys.exit() in an answer must not end the check either
        if type(error) is NotImplementedError and not error.args:
            look.refuse("begun", "Not begun: write your answer in place of the stub.")
        else:
            look.refuse("it runs", f"It raised {type(error).__name__}: {_message(error)}")


def _message(error):
    try:
        return short(error)
    except Exception:
        return "…"
