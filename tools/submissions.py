"""What learners hand in: where it is found, how it is read, and how it comes into the teacher's notebook."""

import re
import unicodedata
import zipfile
from copy import deepcopy
from pathlib import Path
from typing import NamedTuple

import nbformat

LARGEST = 50_000_000  # bytes of one notebook
NEW_CELL = {"code": nbformat.v4.new_code_cell, "markdown": nbformat.v4.new_markdown_cell}
NOT_A_NOTEBOOK = "not a notebook"
REPLACED = re.compile(r"\bcheck(\.\w+)+\s*=(?!=)|setattr\(.*\bcheck\b")


class Unusable(Exception):
    """Says in a few words why a file can't be graded."""


class Given(NamedTuple):
    """A cell as it was handed in; `mark` is nbgrader's name for it."""

    kind: str
    source: str
    mark: str
    id: str


def find(folder, name, others=()):
    """The files of a class: {student: files, the one to be graded last}; no files where a student's folder is empty.

    Args:
        folder: a folder, or a zip of one, with a folder a student, or with files such as "ann_03_grad_cam.ipynb".
        name: of the exercise, such as "03_grad_cam".
        others: names of other exercises, whose files are passed over.

    Raises:
        FileNotFoundError: where there is no such folder.
        ValueError: where nothing in it can be a submission.
    """
    found = {}
    for entry in _visible(_open(folder)):
        files = [file for file in _files(entry) if not any(other in file.name for other in others)]
        if entry.is_dir():
            found.setdefault(entry.name, []).extend(files)
        elif files and (name in entry.name or entry.name.endswith(".ipynb")):
            found.setdefault(re.split(rf"[ _-]*{name}", Path(entry.name).stem)[0], []).extend(files)
    if not found:
        raise ValueError(f"{folder} has no submissions; want a folder a student, or files named STUDENT_{name}.ipynb.")
    students = {}
    for student, files in found.items():
        students[_safe(student, students)] = sorted(files, key=lambda file: (name in file.name, len(file.name)))
    return students


def _open(folder):
    folder = Path(folder).expanduser()
    if not folder.exists():
        raise FileNotFoundError(f"There is no {folder}; --submissions names the folder, or its zip, of a class.")
    if folder.is_dir():
        return folder
    if not zipfile.is_zipfile(folder):
        raise ValueError(f"{folder} is neither a folder nor a zip; give one of these.")
    inside = _visible(zipfile.Path(folder))
    is_wrapped = len(inside) == 1 and inside[0].is_dir() and any(entry.is_dir() for entry in _visible(inside[0]))
    return inside[0] if is_wrapped else zipfile.Path(folder)


def _visible(folder):
    entries = sorted(folder.iterdir(), key=lambda entry: entry.name)
    return [entry for entry in entries if not entry.name.startswith((".", "__MACOSX"))]


def _files(entry):
    """The notebooks in a folder and below, or whatever else is there; a file is its own only one."""
    if not entry.is_dir():
        return [entry]
    files = [file for inner in _visible(entry) for file in _files(inner)]
    return [file for file in files if file.name.endswith(".ipynb")] or files


def _safe(student, taken):
    """A name that a folder can have on every system, that is no pattern, and that no other student has."""
    name = re.sub(r"[^\w .@-]", "_", unicodedata.normalize("NFC", student)).strip(" .@-") or "unknown"
    while name.casefold() in map(str.casefold, taken):
        name += "_"
    return name


def read(file):
    """The cells of what was handed in.

    Raises:
        Unusable: where it is not a notebook.
    """
    try:
        size = file.root.getinfo(file.at).file_size if isinstance(file, zipfile.Path) else file.stat().st_size
        if size > LARGEST:
            raise Unusable(f"{NOT_A_NOTEBOOK}: {size / 1e6:.0f} MB")
        notebook = nbformat.reads(file.read_bytes().decode("utf-8-sig"), 4)
        return [_given(cell) for cell in notebook.cells]
    except Unusable:
        raise
    except Exception:  # a broken file breaks anything
        raise Unusable(NOT_A_NOTEBOOK) from None


def _given(cell):
    mark = cell.get("metadata", {}).get("nbgrader") or {}
    return Given(str(cell.cell_type), str(cell.source), str(mark.get("grade_id")), str(cell.get("id")))


def rebuild(cells, frame):
    """The released notebook with the learner's answers, and whether a test had been changed.

    Each cell of the release is there once, in its order, and the tests are as they were released. Cells of the
    learner's own stay behind the cell that they stood behind.

    Args:
        cells: as `read` gives them.
        frame: the notebook that was released.

    Raises:
        Unusable: where it is the notebook of another lesson.
    """
    tests = {mark["grade_id"]: cell.source.strip() for cell in frame.cells if (mark := _mark(cell)).get("locked")}
    texts = {cell.source.strip() for cell in frame.cells if cell.cell_type == "markdown" and len(cell.source) > 99}
    if not any(cell.mark in tests or cell.source.strip() in texts.union(tests.values()) for cell in cells):
        raise Unusable("another notebook: no test and no text of this exercise is in it")
    answers, own = _sorted(cells, frame)
    rebuilt = deepcopy(frame)
    rebuilt.cells = own[None]
    for place, cell in enumerate(deepcopy(frame.cells)):
        mark = _mark(cell)
        if place in answers and not mark.get("locked"):
            cell.source = answers[place]
        if place in answers or not mark or mark["grade"]:
            rebuilt.cells.append(cell)
        rebuilt.cells += own[place]
    found = {_mark(cell).get("grade_id"): answers.get(place, "").strip() for place, cell in enumerate(frame.cells)}
    is_changed = any(found[name] != test for name, test in tests.items())
    return rebuilt, is_changed or any(REPLACED.search(cell.source) for cell in cells if cell.kind == "code")


def _sorted(cells, frame):
    """{place in the frame: what the learner has there}, and {place: the learner's own cells behind it}.

    A cell is known by nbgrader's mark, by its words, or by its id, which is no help in a copy of another version.
    """
    frame_cells = list(enumerate(frame.cells))
    by_mark = {_mark(cell)["grade_id"]: place for place, cell in frame_cells if _mark(cell)}
    by_words = {cell.source.strip(): place for place, cell in frame_cells if _mark(cell).get("locked", True)}
    by_id = {cell.id: place for place, cell in frame_cells}
    known = [(by_words.get(cell.source.strip()), by_id.get(cell.id)) for cell in cells]
    if any(None not in places and len(set(places)) > 1 for places in known):
        by_id = {}
    answers, own, last = {}, {place: [] for place in [None, *range(len(frame.cells))]}, None
    for cell in cells:
        place = by_mark.get(cell.mark, by_words.get(cell.source.strip(), by_id.get(cell.id)))
        if place is None or place in answers:
            own[last].append(NEW_CELL.get(cell.kind, nbformat.v4.new_raw_cell)(cell.source))
        else:
            answers[place], last = cell.source, place
    return answers, own


def _mark(cell):
    return cell.metadata.get("nbgrader", {})
