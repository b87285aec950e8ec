"""Exercise `choose_the_steps` of lesson 07: what is asked, and what each mistake makes of it."""

from typing import NamedTuple

import numpy as np


class Question(NamedTuple):
    """Sums that miss the rise by these shares of it."""

    what: str
    gaps: list
    within: float = 0.05
    sign: int = 1

    def given(self, random):
        """Counts, sums, rise and tolerance. Counts begin at 12: none is mistaken for a place in the list."""
        counts = 10 + random.integers(2, 9, len(self.gaps)).cumsum()
        rise = self.sign * random.uniform(8, 20)
        return counts, rise * (1 + np.array(self.gaps)), rise, self.within

    def __str__(self):
        gaps = ", ".join(f"{100 * gap:g}".replace("-", "−") for gap in self.gaps)
        return f"The sums miss the rise by {gaps} % of it; {100 * self.within:g} % are near enough."


# What a question is the first to find differs from what other mistakes give there.
QUESTIONS = [
    Question("a lucky hit is passed over", [0.3, 0.02, -0.4, 0.2, 0.2, -0.01, 0.02, 0]),
    Question("two lucky hits in a row are passed over, too", [0.02, -0.01, 0.3, -0.2, 0.01, 0]),
    Question("too much is as bad as too little", [2, 1, 0.5, 0.2, 0.02, 0.01]),
    Question("too little is as bad as too much", [-0.9, -0.8, 0.02, -0.5, -0.2, -0.02, -0.01]),
    Question("a sum of the other sign is not near", [1, 0.5, -2, -2, 0.01, 0.02]),
    Question("a negative rise has its count, too", [0.5, 0.4, -0.01, 0.02, -0.01, 0], sign=-1),
    Question("a tolerance of 0.25", [1, 0.6, 0.3, -0.22, 0.1, 0], within=0.25),
    Question("a tolerance of 0.01", [0.5, 0.3, 0.08, 0.04, 0.002, 0.001], within=0.01),
    Question("the first count is enough where all sums are near", [0.02, -0.01, 0.01, 0]),
    Question("the last count is enough where only its sum is near", [1, 0.4, -0.2, 0.1, 0.01]),
    Question("0 where even the last sum is off", [0.01, 0.02, 0.01, 0.02, 0.01, 0.3]),
]


def enough(counts, near):
    """The count from which on all are near, or 0."""
    for k in range(len(counts)):
        if near[k:].all():
            return counts[k]
    return 0


def right_and_mistaken(counts, sums, rise, within):
    """The right count, and {what is to be said of a mistake: the count that it gives}.

    What a later question finds comes first: it passes the questions that find the others.
    """
    gaps, size = sums - rise, abs(rise)
    near = abs(gaps) <= within * size
    right = enough(counts, near)
    criteria = {
        "`within` is not used: here it is always 0.05.": abs(gaps) <= 0.05 * size,
        "`within` is a share of the RISE, not of the sum.": abs(gaps) <= within * abs(sums),
        "With a negative rise every gap passes as small. Divide by abs(rise).": abs(gaps) / rise <= within,
        "With a negative rise no gap is small enough. Compare with abs(rise).": abs(gaps) <= within * rise,
        "A sum that is too small passes as near. Take the size of the gap, abs(…).": gaps <= within * size,
        "A sum that is too large passes as near. Take the size of the gap, abs(…).": -gaps <= within * size,
        "`within` is a share of the rise: 0.1 is a tenth of it.": abs(gaps) <= within,
    }
    mistaken = {"Where even the last sum is off, return 0.": right or counts[-1]}
    mistaken |= {why: enough(counts, passes) for why, passes in criteria.items()}
    return right, mistaken | {
        "A sum that is near may be luck. From which count on are ALL sums near?": counts[near.argmax()],
        "This is the last count that is NOT near. Want the next, or 0.": [0, *counts[~near]][-1],
        "This is the place in the list. Return the count there.": enough(range(len(counts)), near),
    }
