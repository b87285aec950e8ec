"""A learner's own copy of the lessons: what was delivered, what the learner changed, what is new.

A file that is missing is delivered; so whoever wants to begin a lesson again deletes it and calls `start`. A
file that the learner changed is never touched: its new version comes beside it, once, as `NAME.new.ipynb`.

Notebooks come without outputs, so that no answer stands below its question. To run one is not to change it:
versions are told apart by the sources of the cells.
"""

import hashlib
import json
import os
import re
import sys
from contextlib import suppress
from pathlib import Path

from xaiteach.files.whole import FULL, write_whole

ROOT = Path(__file__).resolve().parent.parent
LESSONS = ROOT / "notebooks"
KEPT_BACK = re.compile(r"(^|/)(\.|__|template\.ipynb$)")
MANIFEST = ".xaiteach.json"
SCRIPT = Path("tools", "course.py")
IN_VENV = Path(sys.prefix).resolve() == ROOT / ".venv"


class WorkspaceError(Exception):
    """A sentence for the learner: what is wrong with the folder, and what to do."""


def start(folder, lessons=LESSONS):
    """Bring each lesson that is not in `folder` yet; what is there is left alone. Returns {file: outcome}."""
    return _deliver(folder, lessons, replace=False)


def update(folder, lessons=LESSONS):
    """Bring new versions too: in place of files that were not changed, beside files that were.

    Returns {file: outcome}: "same", or "waiting" (for an `update`), or what the command has a sentence for.
    """
    if not (Path(folder) / MANIFEST).is_file():
        make = course_command("lab", folder)
        raise WorkspaceError(f"{folder} is no workspace yet; make it one with: {make}")
    return _deliver(folder, lessons, replace=True)


def lesson_files(lessons=LESSONS):
    """The files a learner gets, relative to `lessons`."""
    files = (path.relative_to(lessons) for path in sorted(lessons.rglob("*")) if path.is_file())
    return [file for file in files if not KEPT_BACK.search(file.as_posix())]


def course_command(word, folder=None):
    """What to type, in the course's folder, for one of its commands, as this machine is set up."""
    is_default = folder is None or Path(folder).resolve() == ROOT / "my-course"
    own_copy = "" if is_default else f'"{Path(folder).resolve()}"'
    if not IN_VENV:
        return f"python {SCRIPT} {word} --no-setup {own_copy}".rstrip()
    if os.name == "nt":
        return f"py {SCRIPT} {word} {own_copy}".rstrip()
    return f"make {word}" + (own_copy and f" WORKSPACE={own_copy}")


def _deliver(folder, lessons, replace):
    folder = Path(folder)
    _check(folder, lessons)
    records, outcomes = {}, {}
    # What was delivered. Without a readable record every file that differs may be the learner's.
    with suppress(OSError, ValueError, TypeError):
        records = dict(json.loads((folder / MANIFEST).read_text(encoding="utf-8")))
    for file in lesson_files(lessons):
        name, lesson = file.as_posix(), (lessons / file).read_bytes()
        outcomes[name] = _deliver_one(folder / file, lesson, records.get(name), replace)
        if outcomes[name] not in ("waiting", "blocked"):
            records[name] = fingerprint(lesson)
    _write(folder / MANIFEST, json.dumps(records, indent=1, sort_keys=True).encode())
    return outcomes


def _deliver_one(target, lesson, record, replace):
    """Bring one file up to date, without touching the learner's work; `record` is of the last version."""
    shipped = without_outputs(lesson)
    if not target.exists():
        _write(target, shipped)
        return "new"
    theirs = target.read_bytes()
    is_same = fingerprint(theirs) == fingerprint(lesson) or _is_of(record, lesson)
    shows_answers = record == _sha256(theirs) and theirs != without_outputs(theirs)
    if is_same and not shows_answers:
        return "same"
    if not replace:
        return "waiting"
    if _is_of(record, theirs):
        _write(target, shipped)
        return "replaced"
    beside = beside_name(target)
    earlier = beside.read_bytes() if beside.exists() else shipped
    if not _is_of(record, earlier) and fingerprint(earlier) != fingerprint(shipped):
        return "blocked"
    _write(beside, shipped)
    return "beside" if record else "unrecorded"


def _is_of(record, content):
    """Whether this content was recorded. The first edition recorded whole files, outputs included."""
    return record in (fingerprint(content), _sha256(content))


def beside_name(path):
    """Where the new version of a changed file goes: `03_x.ipynb` → `03_x.new.ipynb`."""
    path = Path(path)
    return path.with_name(f"{path.stem}.new{path.suffix}")


def without_outputs(content):
    """A notebook's bytes without outputs and execution counts; what has none stays as it is."""
    notebook = as_notebook(content)
    run = [cell for cell in notebook["cells"] if cell.get("outputs") or cell.get("execution_count")]
    if not run:
        return content
    for cell in run:
        cell.update(outputs=[], execution_count=None)
    return (json.dumps(notebook, indent=1, ensure_ascii=False) + "\n").encode()


def fingerprint(content):
    """A hash of what the cells of a notebook say, whatever they put out; of other bytes, a hash of the bytes.

    An empty cell says nothing: JupyterLab adds one when the last cell is run.
    """
    cells = [(cell["cell_type"], "".join(cell["source"])) for cell in as_notebook(content)["cells"]]
    words = [cell for cell in cells if cell[1].strip()]
    return "cells " + _sha256(json.dumps(words).encode()) if words else _sha256(content)


def as_notebook(content):
    """The notebook in these bytes; one without cells where there is none."""
    with suppress(ValueError, KeyError, TypeError, RecursionError):
        notebook = json.loads(content)
        if all(cell["cell_type"] and "".join(cell["source"]) is not None for cell in notebook["cells"]):
            return notebook
    return {"cells": []}


def _check(folder, lessons):
    if not lessons.is_dir():
        raise WorkspaceError(
            f"There are no lessons in {lessons}; install xaiteach from the course's own folder."
        )
    if folder.exists() and not folder.is_dir():
        raise WorkspaceError(f"{folder} is a file; name a folder for your copy of the lessons.")
    if lessons in (folder.resolve(), *folder.resolve().parents):
        raise WorkspaceError(f"{folder} belongs to the course itself; name another folder for your own copy.")


def _write(path, content):
    try:
        write_whole(path, content)
    except OSError as error:
        elsewhere = course_command("lab", Path.home() / "my-course")
        cure = "" if error.errno in FULL else f" For example: {elsewhere}"
        raise WorkspaceError(f"{error}{cure}") from None


def _sha256(content):
    return hashlib.sha256(content).hexdigest()
