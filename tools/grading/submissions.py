"""What learners hand in comes into the teacher's notebook: their answers, and cells of their own."""

import re
from copy import deepcopy
from difflib import get_close_matches
from typing import NamedTuple

import nbformat
from hidden import mark_of, tests_of

NEW_CELL = {"code": nbformat.v4.new_code_cell, "markdown": nbformat.v4.new_markdown_cell}
ALIKE = 0.8  # of the words of a cell of ours that was changed
DEFINED = re.compile(r"^(?:def|class) +(\w+)|^(\w+) *=(?!=)|^(?:from .+ )?import .*?(\w+)$", re.MULTILINE)
CHANGED = "changed the tests (restored)"
MOVED = "cells in another order"
ELSEWHERE = "a text may stand in a cell of the learner's own"


class Unusable(Exception):
    """Says in a few words why a file can't be graded."""


class Given(NamedTuple):
    """A cell as it was handed in; `mark` is nbgrader's name for it, `attachments` are pictures that were pasted."""

    kind: str
    source: str
    mark: str
    id: str
    attachments: dict | None = None

    @classmethod
    def of(cls, cell):
        mark = cell.get("metadata", {}).get("nbgrader") or {}
        attachments = {name: dict(formats) for name, formats in (cell.get("attachments") or {}).items()}
        return cls(
            str(cell.cell_type), str(cell.source), str(mark.get("grade_id")), str(cell.get("id")), attachments
        )


def belongs(cells, frame):
    """Whether a test, or a longer text, of a release is in what was handed in."""
    tests = tests_of(frame)
    texts = {
        cell.source.strip() for cell in frame.cells if cell.cell_type == "markdown" and len(cell.source) > 99
    }
    return any(cell.mark in tests or cell.source.strip() in texts.union(tests.values()) for cell in cells)


def is_begun(cells, frame):
    """Whether a cell is not as it was released."""
    return not {cell.source.strip() for cell in cells} <= {"", *(cell.source.strip() for cell in frame.cells)}


def rebuild(cells, frame):
    """The released notebook with the learner's answers, and remarks for the teacher.

    Each cell of the release is there once, in its order, and the tests are as they were released. Cells of the
    learner's own stay behind the cell that they stood behind.

    Args:
        cells: as `collecting.read` gives them.
        frame: the notebook that was released.

    Raises:
        Unusable: where it is the notebook of another lesson.
    """
    if not belongs(cells, frame):
        raise Unusable("another notebook: no test and no text of this exercise is in it")
    places = _places(cells, frame)
    answers = {place: cell for place, cell in zip(places, cells, strict=True) if place is not None}
    is_moved, own = list(answers) != sorted(answers), _own(cells, places, frame)
    is_unclear = _place_texts(answers, own, frame)
    remarks = {CHANGED: _is_tampered(cells, frame), MOVED: is_moved, ELSEWHERE: is_unclear}
    return _filled(frame, answers, own), [remark for remark, applies in remarks.items() if applies]


def _filled(frame, answers, own):
    """A copy of the frame; a stub that the learner deleted is left out, for the answer may be in an own cell."""
    filled = deepcopy(frame)
    filled.cells = [_new(cell) for cell in own[-1]]
    for place, cell in enumerate(deepcopy(frame.cells)):
        mark = mark_of(cell)
        if place in answers and not mark.get("locked"):
            _fill(cell, answers[place])
        if place in answers or not mark or mark["grade"]:
            filled.cells.append(cell)
        filled.cells += [_new(given) for given in own[place]]
    return filled


def _places(cells, frame):
    """The place in the frame of each cell; None for one of the learner's own, such as a second copy.

    A cell is known by nbgrader's mark, by its words, or by its id, which is no help in a copy of another version. One
    of ours that is still missing is the learner's cell that is most like it.
    """
    frame_cells = list(enumerate(frame.cells))
    by_mark = {mark_of(cell)["grade_id"]: place for place, cell in frame_cells if mark_of(cell)}
    by_words = {
        cell.source.strip(): place for place, cell in frame_cells if mark_of(cell).get("locked", True)
    }
    by_id = {cell.id: place for place, cell in frame_cells}
    known = [(by_words.get(cell.source.strip()), by_id.get(cell.id)) for cell in cells]
    if any(None not in pair and len(set(pair)) > 1 for pair in known):
        by_id = {}
    places = []
    for cell in cells:
        place = by_mark.get(cell.mark, by_words.get(cell.source.strip(), by_id.get(cell.id)))
        places.append(None if place in places else place)
    for place, ours in frame_cells:
        if place not in places and not mark_of(ours):
            unknown = {cell.source: at for at, cell in enumerate(cells) if places[at] is None}
            for source in get_close_matches(ours.source, unknown, 1, ALIKE):
                places[unknown[source]] = place
    return places


def _own(cells, places, frame):
    """{place: cells of the learner's own that stand behind it}; what was typed into a test stands before it."""
    own, tests, last = {place: [] for place in range(-1, len(frame.cells))}, tests_of(frame), -1
    known = [(at, place) for at, place in enumerate(places) if place is not None]
    stubs = {cell.source.strip() for cell in frame.cells if _is_text(cell)}
    for at, (cell, place) in enumerate(zip(cells, places, strict=True)):
        if place is None and cell.source.strip() not in stubs:
            needed = [
                there for later, there in known if later > at and there < last and _uses(cells[later], cell)
            ]
            own[min([last, *(there - 1 for there in needed)])].append(cell)
        if place is None:
            continue
        last, test = place, tests.get(mark_of(frame.cells[place]).get("grade_id"))
        typed = _lines(test).sub("", cell.source).strip() if test else ""
        if typed:
            own[place - 1].append(cell._replace(source=typed))
    return own


def _uses(user, cell):
    """Whether a cell has a name that another defines: that one is needed first, where tasks are in another order."""
    names = {name for line in DEFINED.findall(cell.source) for name in line if name and cell.kind == "code"}
    return bool(names & set(re.findall(r"\w+", user.source)))


def _lines(test):
    return re.compile(rf"^{re.escape(test)}[ ;]*(#.*)?$", re.MULTILINE)


def _place_texts(answers, own, frame):
    """Put a text that the learner wrote beside its stub in the stub's place: there it is read, and gets points.

    Returns:
        Whether a stub is left, and a text of the learner's own that may belong there.
    """
    stubs = []
    for place, cell in enumerate(frame.cells):
        if _is_text(cell):
            answer = answers[place].source.strip() if place in answers else ""
            if answer in ("", cell.source.strip()) and not _adopt(place, answers, own):
                stubs.append(place)
    return bool(stubs) and any(
        cell.kind != "code" and cell.source.strip() for cells in own.values() for cell in cells
    )


def _is_text(cell):
    return mark_of(cell).get("solution", False) and mark_of(cell)["grade"]


def _adopt(place, answers, own):
    for cells, order in ((own[place], 1), (own[place - 1], -1)):
        for cell in cells[::order]:
            if cell.kind == "markdown" and cell.source.strip():
                cells.remove(cell)
                answers[place] = cell
                return True
    return False


def _fill(cell, answer):
    cell.source = answer.source
    if cell.cell_type == "markdown" and answer.attachments:
        cell.attachments = deepcopy(answer.attachments)


def _new(given):
    cell = NEW_CELL.get(given.kind, nbformat.v4.new_raw_cell)("")
    _fill(cell, given)
    return cell


def _is_tampered(cells, frame):
    """Whether the lines of a test are in no cell any more. (That a checker was replaced is seen in the run.)"""
    code = [cell.source for cell in cells if cell.kind == "code"]
    tests = map(_lines, tests_of(frame).values())
    return any(not any(map(test.search, code)) for test in tests)
