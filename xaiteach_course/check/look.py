"""How checkers look at an answer: a `Look` collects lines, and knows whether one of them is wrong.

    @exercise(nudge, code, figure)
    def build_grad_cam(look, answer, seed=0):
        maps, gradients = …
        got = look.result(answer, maps, gradients, shape=(5, 7))
        look.same("the map", got, wanted, within=1e-4, mistakes={"The ReLU is missing.": …})
        if look.wrong:
            return

A checker reads from top to bottom, and returns as soon as there is nothing left to look at.
"""

import re
from copy import copy

import numpy as np

from xaiteach_course.check.reasons import kind, near, why_different, why_shape, written
from xaiteach_course.check.verdict import Line


class Look:
    """Lines about one answer. What returns a value returns None where it finds no such value and notes why.

    Attributes:
        lines: what was found, a `Line` each.
    """

    def __init__(self):
        self.lines = []
        self._quiet, self._name = False, None

    @property
    def wrong(self):
        """Whether a line is wrong."""
        return not all(line.right for line in self.lines)

    def quietly(self, what=None):
        """A look that adds to the same lines, but only what is wrong, and calls it `what`."""
        look = Look()
        look.lines = self.lines
        look._quiet, look._name = True, what or self._name
        return look

    def that(self, what, right, why=""):
        """Note whether a property is right, and why not."""
        if not (self._quiet and right):
            self.lines.append(Line(self._name or what, bool(right), "" if right else why))

    def refuse(self, what, why):
        """Note a wrong property."""
        self.that(what, False, why)

    def result(self, function, *given, shape, hints=None):
        """What a function of the learner makes of `given`: finite numbers of this shape, as floats.

        Arrays and lists are handed over as copies, and are to stay as they are. Where a line is wrong, no
        more is asked.

        Args:
            hints: {how a reason begins: a further sentence}, for reasons that mean more here than elsewhere.
        """
        if self.wrong:
            return None
        if not callable(function):
            why = f"Given {kind(function)}; hand over the function itself, without calling it."
            self.refuse("it is a function", why)
            return None
        copies = [copy(value) if isinstance(value, (np.ndarray, list)) else value for value in given]
        returned = function(*copies)
        if returned is None:
            self.refuse("it returns something", "It returned None. Does it end in `return …`?")
            return None
        found = self.array(returned, shape, hints)
        if found is not None:
            changed = [str(i + 1) for i in range(len(given)) if _differ(given[i], copies[i])]
            why = f"Argument {', '.join(changed)} is changed in place. Work on a copy: `x = x.copy()`."
            self.that("what it is given stays as it was", not changed, why)
        return found

    def again(self, function, *given, shape):
        """As `result`, for a second question: no lines where all is right."""
        return self.quietly().result(function, *given, shape=shape)

    def array(self, answer, shape, hints=None):
        """An answer as an array of finite floats of this shape, a copy; `hints` as for `result`."""
        found = self.numbers(answer)
        if found is None:
            return None
        right, why = found.shape == tuple(shape), why_shape(found.shape, tuple(shape))
        self.that(f"its shape is {written(shape)}", right, _further(why, hints))
        if not right:
            return None
        bad = int((~np.isfinite(found)).sum())
        if bad:
            why = f"{bad} of {found.size} are NaN or infinite. Is something divided by 0?"
            self.refuse("all values are finite", _further(why, hints))
            return None
        return found.astype(float)

    def numbers(self, answer):
        """An answer as an array of numbers of any shape, not copied: it may be huge."""
        try:
            found = np.asarray(answer.detach().cpu() if hasattr(answer, "detach") else answer)
            masked = np.ma.is_masked(answer)
        except Exception:
            self.refuse("it is an array", f"Given {kind(answer)}, that can't be made an array.")
            return None
        if found.dtype.kind not in "fiub":
            why = f"Given {kind(answer)}; as an array it holds {found.dtype}."
            self.refuse("it is an array of numbers", why)
            return None
        if masked:
            self.refuse("no value is masked", "Some are masked out. Fill them: np.ma.filled(values, 0).")
            return None
        return found

    def same(self, what, got, wanted, *, within, mistakes=None):
        """Note whether an array is the wanted one within a tolerance; if not, which mistake gives it.

        Args:
            what: its name.
            got: an array; None, of which a wrong line is there already, is passed over.
            wanted: an array of its shape.
            within: the largest difference that is right, in the units of the array.
            mistakes: {a sentence about a mistake: the array that it gives}, tried before those of any map.
        """
        if got is None:
            return
        got, wanted = np.asarray(got, float), np.asarray(wanted, float)
        right = near(got, wanted, within)
        why = "" if right else why_different(got, wanted, within, mistakes or {})
        self.that(f"{what}, within {within:g}", right, why)

    def choice(self, answer, right, why):
        """A line for each statement, by its letter: is it rightly chosen, or rightly left out?

        Args:
            answer: the letters the learner takes for true: "ac", or a set, list or tuple such as {"a", "c"}.
            right: the letters that are true, as a string.
            why: {letter: what is to be said where the learner is wrong about it}, for all letters.
        """
        letters = _letters(answer)
        if letters is None:
            self.refuse("it is a choice of letters", f'Given {kind(answer)}; want letters such as "ab".')
            return
        unknown = ", ".join(sorted(letters - set(why))[:5])
        if unknown or not letters:
            self.refuse("the letters are known", f"Given {unknown or 'none'}; want some of {', '.join(why)}.")
            return
        for letter in why:
            self.that(f"statement {letter}", (letter in letters) == (letter in right), why[letter])


def _differ(before, after):
    return after is not before and not np.array_equal(before, after)


def _further(why, hints):
    """A reason with the further sentence of the hint that knows how it begins."""
    for begins, sentence in (hints or {}).items():
        if why.startswith(begins):
            return f"{why} {sentence}"
    return why


def _letters(answer):
    """The letters of "a, c", ["a", "c"] or "a and c"; None for what is neither words nor a list of words."""
    answer = answer.tolist() if isinstance(answer, np.ndarray) else answer
    answer = [answer] if isinstance(answer, str) else answer
    if not isinstance(answer, (set, frozenset, list, tuple)):
        return None
    if not all(isinstance(word, str) for word in answer):
        return None
    words = re.sub(r"\band\b", "", " ".join(answer).lower())
    return {letter for letter in words if letter.isalnum()}
