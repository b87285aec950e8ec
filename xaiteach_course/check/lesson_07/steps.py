"""Exercise `choose_the_steps` of lesson 07: what is asked, and what each mistake makes of it."""

from typing import NamedTuple

import numpy as np


class Try(NamedTuple):
    """A question about numbers of steps: by which shares of the rise the sums miss it, and which place is right."""

    what: str
    gaps: list
    place: int | None
    within: float = 0.05
    turn: int = 1

    def given(self, random):
        """Counts, sums, rise and tolerance."""
        counts, rise = random.integers(2, 9, len(self.gaps)).cumsum(), self.turn * random.uniform(8, 20)
        return counts, rise * (1 + np.array(self.gaps)), rise, self.within

    def __str__(self):
        gaps = ", ".join(f"{100 * gap:g}".replace("-", "−") for gap in self.gaps)
        return f"The sums miss the rise by {gaps} % of it; {100 * self.within:g} % are near enough."


TRIES = [
    Try("a lucky hit is passed over", [0.3, 0.02, -0.4, 0.2, -0.01, 0.02], 4),
    Try("two lucky hits in a row are passed over, too", [0.02, -0.01, 0.3, -0.2, 0.01, 0], 4),
    Try("too much is as bad as too little", [2, 1, 0.5, 0.2, 0.02, 0.01], 4),
    Try("too little is as bad as too much", [-0.9, -0.8, 0.02, -0.5, -0.2, -0.02, -0.01], 5),
    Try("a sum of the other sign is not near", [1, 0.5, -2, 0.01, 0.02], 3),
    Try("a negative rise has its count, too", [0.5, 0.4, -0.01, 0.02, -0.01, 0], 2, turn=-1),
    Try("a tolerance of 0.25", [1, 0.6, 0.3, -0.22, 0.1, 0], 3, within=0.25),
    Try("a tolerance of 0.01", [0.5, 0.3, 0.08, 0.04, 0.002, 0.001], 4, within=0.01),
    Try("the first count is enough where all sums are near", [0.02, -0.01, 0.01, 0], 0),
    Try("the last count is enough where only its sum is near", [1, 0.4, -0.2, 0.1, 0.01], 4),
    Try("0 where even the last sum is off", [0.01, 0.02, 0.01, 0.02, 0.01, 0.3], None),
]


def enough(counts, near, otherwise=0):
    """The count from which on all are near."""
    return next((counts[k] for k in range(len(counts)) if near[k:].all()), otherwise)


def _beside(counts, near, step):
    """One place later or earlier than is right."""
    n = len(counts)
    return next((counts[min(n - 1, max(0, k + step))] for k in range(n) if near[k:].all()), 0)


# Mistakes in the choice: of counts and of which sums are near.
CHOICES = [
    (
        "This is the first sum that is near. It may be luck: want the count from which on ALL sums are near.",
        lambda counts, near: counts[near.argmax()] if near.any() else 0,
    ),
    (
        "Two near sums in a row may be luck, too: want the count from which on ALL sums are near.",
        lambda counts, near: next((counts[k] for k in range(len(counts)) if near[k : k + 2].all()), 0),
    ),
    (
        "This is one count too late: the sum before is near already, and so are all that come after it.",
        lambda counts, near: _beside(counts, near, 1),
    ),
    (
        "This is one count too early: its sum is not near. Want the next.",
        lambda counts, near: _beside(counts, near, -1),
    ),
    (
        "This is the last count whose sum is NOT near. Want the next; and if there is no next, 0.",
        lambda counts, near: counts[np.flatnonzero(~near)[-1]] if not near.all() else counts[0],
    ),
    (
        "This is the place in the list. Return the count that stands there.",
        lambda counts, near: enough(range(len(counts)), near),
    ),
    ("This is the last count. From which on are all sums near?", lambda counts, near: counts[-1]),
    ("This is the first count. From which on are all sums near?", lambda counts, near: counts[0]),
    (
        "No count is enough where even the last sum is off: return 0.",
        lambda counts, near: enough(counts, near, otherwise=counts[-1]),
    ),
    (
        "The first count is never looked at. If all sums are near, it is enough.",
        lambda counts, near: enough(counts[1:], near[1:]),
    ),
    (
        "The last count is never returned. If only its sum is near, it is the one.",
        lambda counts, near: enough(counts[:-1], near) if near[-1] else 0,
    ),
    ("The last sum is not looked at.", lambda counts, near: enough(counts[:-1], near[:-1])),
]

SMALL = "A sum that is too small passes as near. The gap may have both signs: abs(…)."
LARGE = "A sum that is too large passes as near. The gap may have both signs: abs(…)."
# Mistakes in what is near: of sums, rise and tolerance.
CRITERIA = [
    (SMALL, lambda sums, rise, within: sums - rise <= within * abs(rise)),
    (SMALL, lambda sums, rise, within: sums - rise <= within * rise),
    (SMALL, lambda sums, rise, within: (sums - rise) / rise <= within),
    (LARGE, lambda sums, rise, within: rise - sums <= within * abs(rise)),
    (LARGE, lambda sums, rise, within: rise - sums <= within * rise),
    (LARGE, lambda sums, rise, within: (rise - sums) / rise <= within),
    (
        "With a negative rise no gap is small enough. Compare with the size of the rise, abs(rise).",
        lambda sums, rise, within: abs(sums - rise) <= within * rise,
    ),
    (
        "With a negative rise every gap passes as small. Divide by the size of the rise, abs(rise).",
        lambda sums, rise, within: abs(sums - rise) / rise <= within,
    ),
    (
        "`within` is a share of the RISE. Here the gap is compared with a share of the sum.",
        lambda sums, rise, within: abs(sums - rise) <= within * abs(sums),
    ),
    (
        "`within` is a share of the rise: 0.1 is a tenth of it. Here the gap is compared with `within` itself.",
        lambda sums, rise, within: abs(sums - rise) <= within,
    ),
    (
        "`within` is not used: here it is always 0.05.",
        lambda sums, rise, _: abs(sums - rise) <= 0.05 * abs(rise),
    ),
    (
        "The sizes are compared, without their signs. A sum of −10 is not near a rise of 10.",
        lambda sums, rise, within: abs(abs(sums) - abs(rise)) <= within * abs(rise),
    ),
]


def mistaken(counts, sums, rise, within):
    """The count that each mistake gives, as pairs: what is to be said of it, the count."""
    near = abs(sums - rise) <= within * abs(rise)
    made = [(why, choose(counts, near)) for why, choose in CHOICES]
    return made + [(why, enough(counts, is_near(sums, rise, within))) for why, is_near in CRITERIA]
