"""What is said of an answer: lines, and whether all of them are right."""

from typing import NamedTuple


class Line(NamedTuple):
    """One property of an answer: is it right, and if not, why not."""

    what: str
    right: bool
    why: str = ""

    def __str__(self):
        return f"right  {self.what}" if self.right else f"wrong  {self.what}\n       → {self.why}"


class Verdict(tuple):
    """The lines about one answer; true where all of them are right."""

    def __bool__(self):
        return len(self) > 0 and all(line.right for line in self)

    def __repr__(self):
        return f"{'done' if self else 'not yet'}: {sum(line.right for line in self)} of {len(self)} right"
