"""What learners hand in comes into the teacher's notebook: their answers, and cells of their own.

nbgrader knows a cell by its mark alone, and stops where a test was deleted. Here a copy without marks is
welcome too: a cell is known by its mark, by its words, or by its id.
"""

import re
from copy import deepcopy
from difflib import get_close_matches
from typing import NamedTuple

import nbformat
from marks import is_answer, is_test, is_text, mark_of, name_of, tests_of

NEW_CELL = {"code": nbformat.v4.new_code_cell, "markdown": nbformat.v4.new_markdown_cell}
LONG = 100  # characters of a text that no other exercise has
ALIKE = 0.8  # of the words of a cell of ours that was changed
DEFINITIONS = ("def ", "class ", "import ", "from ")
CHANGED = "changed the tests (restored)"
MOVED = "cells in another order"
ELSEWHERE = "a text may stand in a cell of the learner's own"


class Unusable(Exception):
    """Says in a few words why a file can't be graded."""


class Cell(NamedTuple):
    """As it was handed in; `mark` is its name in the gradebook, `attachments` are pasted pictures."""

    kind: str
    source: str
    mark: str
    id: str
    attachments: dict

    @classmethod
    def of(cls, cell):
        mark = cell.get("metadata", {}).get("nbgrader") or {}
        attachments = {name: dict(formats) for name, formats in (cell.get("attachments") or {}).items()}
        name = str(mark.get("grade_id") or "")
        return cls(str(cell.cell_type), str(cell.source), name, str(cell.get("id")), attachments)


def belongs(cells, frame):
    """Whether a test or a longer text of a release is in what was handed in, or its marks and no others."""
    tests = tests_of(frame)
    texts = {cell.source.strip() for cell in frame.cells if cell.cell_type == "markdown"}
    known = {text for text in texts if len(text) >= LONG}.union(tests.values())
    marks = {cell.mark for cell in cells} - {""}
    ours = set(map(name_of, frame.cells))
    is_marked = marks & set(tests) or (marks and marks <= ours)
    return bool(is_marked) or any(cell.source.strip() in known for cell in cells)


def is_begun(cells, frame):
    """Whether a cell is not as it was released."""
    released = {cell.source.strip() for cell in frame.cells}
    return any(cell.source.strip() not in {"", *released} for cell in cells)


def changed_tests(cells, frame):
    """The names of tests whose lines are in no cell any more."""
    code = [cell.source for cell in cells if cell.kind == "code"]
    tests = tests_of(frame).items()
    return [name for name, test in tests if not any(map(_lines(test).search, code))]


def rebuild(cells, frame):
    """The released notebook with the learner's answers, and remarks for the teacher.

    Each cell of the release, `frame`, is there once, in its order, and the tests are as they were released. A
    stub that the learner deleted is left out, for the answer may be in a cell of their own. The notebook of
    another lesson is `Unusable`.
    """
    if not belongs(cells, frame):
        raise Unusable("another notebook: no test and no text of this exercise is in it")
    places = _places(cells, frame)
    answers = {place: cell for place, cell in zip(places, cells, strict=True) if place is not None}
    remarks = [CHANGED] if changed_tests(cells, frame) else []
    if list(answers) != sorted(answers):
        remarks.append(MOVED)
    own = _own_cells(cells, places, frame)
    if _adopt_texts(answers, own, frame):
        remarks.append(ELSEWHERE)

    notebook = deepcopy(frame)
    notebook.cells = [_new(cell) for cell in own[-1]]
    for place, cell in enumerate(deepcopy(frame.cells)):
        is_answered = place in answers
        if is_answered and not is_test(cell):
            _fill(cell, answers[place])
        if is_answered or is_text(cell) or not is_answer(cell):
            notebook.cells.append(cell)
        notebook.cells += [_new(cell) for cell in own[place]]
    return notebook, remarks


def _places(cells, frame):
    """The place in the frame of each cell; None for one of the learner's own, such as a second copy."""
    by_mark = {name_of(cell): place for place, cell in enumerate(frame.cells) if mark_of(cell)}
    by_words = {cell.source.strip(): place for place, cell in enumerate(frame.cells) if not is_answer(cell)}
    by_id = {cell.id: place for place, cell in enumerate(frame.cells)}
    words = [by_words.get(cell.source.strip()) for cell in cells]
    for cell, place in zip(cells, words, strict=True):
        if place is not None and by_id.get(cell.id, place) != place:
            by_id = {}  # of another version of this exercise
    places = []
    for cell, place in zip(cells, words, strict=True):
        if cell.mark in by_mark:
            place = by_mark[cell.mark]
        elif place is None:
            place = by_id.get(cell.id)
        places.append(None if place in places else place)
    # Where a cell of ours is still missing, it is the learner's own cell that is most like it.
    for place, ours in enumerate(frame.cells):
        if place not in places and not mark_of(ours):
            own = {cell.source: index for index, cell in enumerate(cells) if places[index] is None}
            for source in get_close_matches(ours.source, own, 1, ALIKE):
                places[own[source]] = place
    return places


def _own_cells(cells, places, frame):
    """{place: the learner's own cells behind it}; what was typed into a test stands before it."""
    own = {place: [] for place in range(-1, len(frame.cells))}
    stubs = {cell.source.strip() for cell in frame.cells if is_text(cell)}
    behind = -1
    for index, (cell, place) in enumerate(zip(cells, places, strict=True)):
        if place is None and cell.source.strip() in stubs:
            continue
        if place is None:
            before = behind + 1
            if cell.source.startswith(DEFINITIONS):
                # Where tasks are in another order, a helper stands before all that may use it.
                before = min([before, *(later for later in places[index:] if later is not None)])
            own[before - 1].append(cell)
            continue
        behind = place
        if is_test(frame.cells[place]):
            typed = _lines(frame.cells[place].source.strip()).sub("", cell.source).strip()
            if typed:
                own[place - 1].append(cell._replace(source=typed))
    return own


def _adopt_texts(answers, own, frame):
    """Put a text that stands beside its stub in the stub's place: there it is read, and gets points.

    Returns whether a stub is left, and a text of the learner's own that may belong there.
    """
    stubs = {place: cell.source.strip() for place, cell in enumerate(frame.cells) if is_text(cell)}
    untouched = {"", *stubs.values()}

    def texts_in(cells):
        return [cell for cell in cells if cell.kind == "markdown" and cell.source.strip() not in untouched]

    is_stub_left = False
    for place in stubs:
        if place in answers and answers[place].source.strip() not in untouched:
            continue
        behind, before = texts_in(own[place]), texts_in(own[place - 1])
        if behind:
            answers[place] = behind[0]
            own[place].remove(behind[0])
        elif before:
            answers[place] = before[-1]
            own[place - 1].remove(before[-1])
        else:
            is_stub_left = True
    return is_stub_left and any(map(texts_in, own.values()))


def _lines(test):
    return re.compile(rf"^{re.escape(test)}[ ;]*(#.*)?$", re.MULTILINE)


def _new(cell):
    new = NEW_CELL.get(cell.kind, nbformat.v4.new_raw_cell)("")
    _fill(new, cell)
    return new


def _fill(cell, answer):
    cell.source = answer.source
    if cell.cell_type == "markdown" and answer.attachments:
        cell.attachments = deepcopy(answer.attachments)
