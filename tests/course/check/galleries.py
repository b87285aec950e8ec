"""What learners may hand in for an exercise: what is right, what is wrong, and the words that must be said of it."""

from typing import NamedTuple


class Gallery(NamedTuple):
    """Answers to one exercise.

    Attributes:
        right: at least two, written differently.
        wrong: pairs of an answer and words that the report must hold; among them one that is nearly right.
    """

    right: list
    wrong: list
