"""What lessons that are not yet converted to `look` need. Goes with the bridge in exercise.py."""

import re
from copy import copy

import numpy as np

from xaiteach.figures.words import rounded
from xaiteach_course.check.verdict import Line


class Wrong(Exception):
    """Raised with a `Line` when there is nothing left to look at."""

    def __init__(self, what, why):
        super().__init__(Line(what, False, why))


def explained(lines, known):
    try:
        return (yield from lines)
    except Wrong as wrong:
        what, _, why = wrong.args[0]
        more = next((words for begins, words in known.items() if why.startswith(begins)), "")
        raise Wrong(what, f"{why} {more}".rstrip()) from None


ROW = "It is shifted by one row: where does the counting begin?"
COLUMN = "It is shifted by one column: where does the counting begin?"
# Mistakes that happen with every map: what is said of it, and what it makes of the right map.
COMMON = [
    ("It is transposed: rows and columns are exchanged.", lambda right: right.T),
    ("Its sign is turned round.", lambda right: -right),
    (
        "The negative values are missing: is there a ReLU or a maximum too many?",
        lambda right: np.maximum(right, 0),
    ),
    ("The sign is lost: are these absolute values?", np.abs),
    (ROW, lambda right: np.roll(right, 1, axis=0)),
    (ROW, lambda right: np.roll(right, -1, axis=0)),
    (COLUMN, lambda right: np.roll(right, 1, axis=-1)),
    (COLUMN, lambda right: np.roll(right, -1, axis=-1)),
]


def result(function, *given, shape):
    """What a function of the learner makes of `given`, after looking whether it is a function, leaves what it gets as
    it is, and returns finite numbers of this shape. Arrays and lists are handed over as copies."""
    if not callable(function):
        raise Wrong(
            "it is a function", f"Given {_kind(function)}; hand over the function itself, without calling it."
        )
    copies = [copy(one) if isinstance(one, (np.ndarray, list)) else one for one in given]
    returned = function(*copies)
    if returned is None:
        raise Wrong("it returns something", "It returned None. Does it end in `return …`?")
    found = yield from array(returned, shape)
    changed = [i for i, (a, b) in enumerate(zip(given, copies, strict=True)) if not _same(a, b)]
    why = f"Argument {changed[0] + 1} is changed in place. Work on a copy: `x = x.copy()`." if changed else ""
    yield Line("what it is given stays as it was", not changed, why)
    return found


def _same(before, after):
    return after is before or np.array_equal(before, after)


def again(function, *given, shape):
    """As `result`, for a second question: without lines where all is right."""
    return quietly(result(function, *given, shape=shape))


def quietly(lines, what=None):
    """What a generator of lines returns, where all lines are right; else the wrong one is raised, called `what`."""
    try:
        while (line := next(lines)).right:
            pass
    except StopIteration as end:
        return end.value
    except Wrong as wrong:
        line = wrong.args[0]
    raise Wrong(what or line.what, line.why)


def array(answer, shape):
    """An answer as an array of floats, after looking at its kind, its shape, and whether all of it is finite."""
    found = numbers(answer)
    if found.shape != tuple(shape):
        raise Wrong(f"its shape is {_words(shape)}", _why_shape(found.shape, tuple(shape)))
    yield Line(f"its shape is {_words(shape)}", True)
    if not np.isfinite(found).all():
        bad = int((~np.isfinite(found)).sum())
        raise Wrong(
            "all values are finite", f"{bad} of {found.size} are NaN or infinite. Is something divided by 0?"
        )
    return found.astype(float)


def number(answer):
    """An answer as one finite float."""
    found = numbers(answer)
    if found.size != 1:
        raise Wrong("it is one number", f"Given shape {_words(found.shape)}.")
    if not np.isfinite(found).all():
        raise Wrong("it is a finite number", f"Given {found.item()}.")
    return float(found.item())


def between(what, got, low, high, *, below, above):
    """Whether a number lies between two others; `below` and `above` say why it may not."""
    why = below if got < low else above
    return Line(
        f"{what} is between {low:g} and {high:g}", low <= got <= high, f"Yours is {rounded(got, 3)}. {why}"
    )


def chosen(answer, right, why):
    """A line for each statement, by its letter: is it rightly chosen, or rightly left out?

    Args:
        answer: the letters the learner takes for true, as a string "ac" or a set, list or tuple {"a", "c"}.
        right: the letters that are true, as a string.
        why: {letter: what is to be said where the learner is wrong about it}, for all letters.
    """
    answer = answer.tolist() if isinstance(answer, np.ndarray) else answer
    kinds = str, set, frozenset, list, tuple
    if not isinstance(answer, kinds) or not all(isinstance(letter, str) for letter in answer):
        raise Wrong(
            "it is a choice of letters", f'Given {_kind(answer)}; want letters such as "{"".join(why)[:2]}".'
        )
    words = answer if isinstance(answer, str) else " ".join(answer)
    words = re.sub(r"\band\b", "", words.lower())
    letters = {letter for letter in words if letter.isalnum()}
    if not letters:
        raise Wrong("something is chosen", "At least one of the sentences is true.")
    if letters - set(why):
        unknown = ", ".join(sorted(letters - set(why))[:5])
        raise Wrong("the letters are known", f"{unknown}: want some of {', '.join(why)}.")
    for letter in why:
        yield Line(f"statement {letter}", (letter in letters) == (letter in right), why[letter])


def alike(what, got, wanted, *, within, mistakes=None):
    """Whether an array is the wanted one, everywhere within a tolerance; if not, which known mistake gives it.

    Args:
        what: its name.
        got, wanted: arrays of one shape.
        within: the largest difference that is right, in the units of the array.
        mistakes: {a sentence about a mistake: the array that the mistake gives}. They are tried before `COMMON`.
    """
    wanted, what = np.asarray(wanted, float), f"{what}, within {within:g}"
    if _near(got, wanted, within):
        return Line(what, True)
    known = [*(mistakes or {}).items(), *((why, change(wanted)) for why, change in COMMON if wanted.ndim)]
    fitting = (why for why, other in known if _is_mistake(got, np.asarray(other, float), wanted, within))
    return Line(what, False, next(fitting, None) or _factor(got, wanted, within) or _largest(got, wanted))


def _is_mistake(got, other, wanted, within):
    return other.shape == got.shape and not _near(other, wanted, within) and _near(got, other, within)


def _near(a, b, within):
    return a.shape == b.shape and bool((np.abs(a - b) <= within).all())


def _factor(got, wanted, within):
    """The same array times a number: the usual sign of a missing mean, or of a norm too many."""
    norm = (wanted * wanted).sum()
    factor = (got * wanted).sum() / norm if norm else 0
    if (
        wanted.size < 2
        or factor <= 0
        or abs(factor - 1) < 0.01
        or not _near(got, factor * wanted, within * max(1, factor))
        or not np.any(np.abs(got) > within)
    ):
        return None
    return f"It is the right one times {rounded(factor, 3)}: a sum for a mean, or a division too many or too few?"


def _largest(got, wanted):
    place = np.unravel_index(np.abs(got - wanted).argmax(), wanted.shape)
    digits = next((n for n in range(3, 6) if rounded(got[place], n) != rounded(wanted[place], n)), 6)
    yours, right = rounded(got[place], digits), rounded(wanted[place], digits)
    if not place:
        return f"Yours is {yours}, wanted {right}."
    return f"The largest difference is at {', '.join(map(str, place))}: yours {yours}, wanted {right}."


def numbers(answer):
    """An answer as an array of numbers, not yet copied: it may be far too large."""
    try:
        found = np.asarray(answer.detach().cpu() if hasattr(answer, "detach") else answer)
        masked = np.ma.is_masked(answer)
    except Exception:
        raise Wrong("it is an array", f"Given {_kind(answer)}, that can't be made an array.") from None
    if found.dtype.kind not in "fiub":
        raise Wrong(
            "it is an array of numbers", f"Given {_kind(answer)}; as an array it holds {found.dtype}."
        )
    if masked:
        raise Wrong("no value is masked", "Some are masked out. Fill them: np.ma.filled(values, 0).")
    return found


def _why_shape(got, wanted):
    if got == wanted[::-1] and len(got) == 2:
        return f"Yours is {_words(got)}: rows and columns are exchanged."
    if len(got) > 2 and sorted(got) == sorted(wanted):
        return f"Yours is {_words(got)}: the axes are in another order."
    if len(got) == len(wanted) + 1 and got[0] == 1:
        return f"Yours is {_words(got)}: a batch of one. Take the first with [0]."
    if got[:-1] == wanted and got[-1] == 1:
        return f"Yours is {_words(got)}: one axis too many at the end. Take it away with [..., 0]."
    if len(wanted) == 1 and got == 2 * wanted:
        return f"Yours is {_words(got)}: one for each PAIR. Is it `x[np.arange(N), labels]` that you want?"
    if got[:-1] == wanted:
        return f"Yours is {_words(got)}: the last axis is still to be summed or averaged, or one of it to be picked."
    return f"Yours is {_words(got)}."


def _words(shape):
    return "×".join(map(str, shape)) if len(shape) else "one number"


def _kind(answer):
    name = type(answer).__name__
    return f"{'an' if name[0] in 'aeio' else 'a'} {name}"
