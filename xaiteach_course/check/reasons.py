"""Why an array is not the wanted one: in words that help to find the mistake."""

import numpy as np

from xaiteach.figures.words import rounded

ROW = "It is shifted by one row: where does the counting begin?"
COLUMN = "It is shifted by one column: where does the counting begin?"
RELU = "The negative values are missing: is there a ReLU or a maximum too many?"
# Mistakes that happen with every map: what is said of each, and what it makes of the right map.
COMMON = [
    ("It is transposed: rows and columns are exchanged.", np.transpose),
    ("Its sign is turned round.", np.negative),
    (RELU, lambda right: np.maximum(right, 0)),
    ("The sign is lost: are these absolute values?", np.abs),
    (ROW, lambda right: np.roll(right, 1, axis=0)),
    (ROW, lambda right: np.roll(right, -1, axis=0)),
    (COLUMN, lambda right: np.roll(right, 1, axis=-1)),
    (COLUMN, lambda right: np.roll(right, -1, axis=-1)),
]


def near(a, b, within):
    return a.shape == b.shape and bool((np.abs(a - b) <= within).all())


def why_different(got, wanted, within, mistakes):
    """The first mistake that gives what was got; else by what it is multiplied, or where it differs."""
    common = [(why, change(wanted)) for why, change in COMMON if wanted.ndim]
    for why, other in [*mistakes.items(), *common]:
        other = np.asarray(other, float)
        # What gives the right array as well does not explain a wrong one.
        if near(got, other, within) and not near(other, wanted, within):
            return why
    factor = _factor(got, wanted, within)
    if factor:
        times = f"It is the right one times {rounded(factor, 3)}"
        return f"{times}: a sum for a mean, or a division too many or too few?"
    return _largest_difference(got, wanted)


def _factor(got, wanted, within):
    """The number that makes the wanted array what was got, or None: a missing mean, or a norm too many."""
    if wanted.size < 2 or not wanted.any() or near(got, 0 * wanted, within):
        return None
    factor = (got * wanted).sum() / (wanted * wanted).sum()
    if factor <= 0 or abs(factor - 1) < 0.01:
        return None
    return factor if near(got, factor * wanted, within * max(1, factor)) else None


def _largest_difference(got, wanted):
    place = np.unravel_index(np.abs(got - wanted).argmax(), wanted.shape)
    for digits in range(3, 7):  # so many that the two are written differently
        yours, right = rounded(got[place], digits), rounded(wanted[place], digits)
        if yours != right:
            break
    if not place:
        return f"Yours is {yours}, wanted {right}."
    return f"The largest difference is at {', '.join(map(str, place))}: yours {yours}, wanted {right}."


def why_shape(got, wanted):
    yours = f"Yours is {written(got)}"
    if got == wanted[::-1] and len(got) == 2:
        return f"{yours}: rows and columns are exchanged."
    if len(got) > 2 and sorted(got) == sorted(wanted):
        return f"{yours}: the axes are in another order."
    if len(got) == len(wanted) + 1 and got[0] == 1:
        return f"{yours}: a batch of one. Take the first with [0]."
    if got == (*wanted, 1):
        return f"{yours}: one axis too many at the end. Take it away with [..., 0]."
    if len(wanted) == 1 and got == 2 * wanted:
        return f"{yours}: one for each PAIR. Is it `x[np.arange(N), labels]` that you want?"
    if got[:-1] == wanted:
        return f"{yours}: the last axis is still to be summed or averaged, or one of it to be picked."
    return f"{yours}."


def written(shape):
    return "×".join(map(str, shape)) if len(shape) else "one number"


def kind(answer):
    name = type(answer).__name__
    return f"{'an' if name[0] in 'aeio' else 'a'} {name}"
