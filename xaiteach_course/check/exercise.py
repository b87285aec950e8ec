"""What a checker is: a function that looks at an answer, a line a property.

The learner calls `xt.check.build_grad_cam(their_function)`. It never raises, whatever the answer is, and a
loop without end is stopped after four seconds.
"""

import functools

from xaiteach_course.check import progress
from xaiteach_course.check.judge import judge
from xaiteach_course.check.verdict import Verdict

DRAWS = 3  # how many times the data are drawn anew for an answer that is right
REGISTER = {}


def exercise(nudge, code, figure, draws=DRAWS):
    """Make a checker of `check(look, answer, seed)`, and register it under its name.

    Args:
        nudge, code, figure: the hints: words, partial code, a function that draws what one should see.
        draws: how many seeds a right answer is tried with, from the given one on; 1 where no data are drawn.
    """

    def register(check):
        @functools.wraps(check)
        def checker(answer, seed=0):
            verdict = Verdict(judge(check, answer, range(seed, seed + draws)))
            print(*verdict, sep="\n")
            progress.remember(check.__name__, done=bool(verdict))
            return verdict

        del checker.__wrapped__  # or help() would show the look, that a learner does not hand over
        checker.hints = nudge, code, figure
        checker.lesson = check.__module__.rpartition("lesson_")[2].partition(".")[0]
        REGISTER[check.__name__] = checker
        return checker

    return register
