"""A learner's own copy of the lessons: what was delivered, what the learner changed, what is new.

A file that is missing is delivered; so whoever wants to begin a lesson again deletes it and calls `start`. A file
that the learner changed is never touched: its new version comes beside it, once, as `NAME.new.ipynb`.
"""

import hashlib
import json
from pathlib import Path

from xaiteach.files.whole import write_whole

LESSONS = Path(__file__).resolve().parent.parent / "notebooks"
MANIFEST = ".xaiteach.json"


class WorkspaceError(Exception):
    """A sentence for the learner: what is wrong with the folder, and what to do."""


def start(folder, lessons=LESSONS):
    """Bring every lesson that is not in `folder` yet; nothing that is there is touched. Returns {file: outcome}."""
    return _deliver(folder, lessons, replace=False)


def update(folder, lessons=LESSONS):
    """Bring new versions too: in place of files as they were delivered, beside files that were changed.

    Returns {file: outcome}: "new", "same", "replaced", "beside", "waiting" (for an `update`), or "blocked" (an
    earlier `NAME.new.ipynb` holds changes as well).
    """
    if not (Path(folder) / MANIFEST).is_file():
        raise WorkspaceError(
            f"{folder} is no workspace yet; make it one with: python -m xaiteach_course start {folder}"
        )
    return _deliver(folder, lessons, replace=True)


def lesson_files(lessons=LESSONS):
    """The files a learner gets, relative to `lessons`: all but the template and hidden ones."""
    files = (path.relative_to(lessons) for path in sorted(lessons.rglob("*")) if path.is_file())
    return [file for file in files if file.name != "template.ipynb" and not _is_hidden(file)]


def _is_hidden(file):
    return any(part.startswith((".", "__")) for part in file.parts)


def _deliver(folder, lessons, replace):
    folder = Path(folder)
    _check(folder, lessons)
    known, outcomes = _read_manifest(folder), {}
    for file in lesson_files(lessons):
        name, content = file.as_posix(), (lessons / file).read_bytes()
        outcomes[name] = _deliver_one(folder / file, content, known.get(name), replace)
        if outcomes[name] not in ("waiting", "blocked"):
            known[name] = _sha256(content)
    _write(folder / MANIFEST, json.dumps(known, indent=1, sort_keys=True).encode())
    return outcomes


def _deliver_one(target, content, before, replace):
    """Bring one file up to date, as far as that leaves the learner's work alone. `before` is what came last time."""
    shipped, theirs = _sha256(content), _sha256_of(target)
    if shipped in (theirs, before) and theirs is not None:
        return "same"
    if theirs is not None and not replace:
        return "waiting"
    if theirs not in (None, before):
        return _write_beside(target, content, before)
    _write(target, content)
    return "new" if theirs is None else "replaced"


def _write_beside(target, content, before):
    """Put the new version beside a changed file, unless an earlier one there was changed too."""
    beside = beside_name(target)
    if _sha256_of(beside) not in (None, before, _sha256(content)):
        return "blocked"
    _write(beside, content)
    return "beside"


def beside_name(path):
    """Where the new version of a changed file goes: `03_x.ipynb` → `03_x.new.ipynb`."""
    path = Path(path)
    return path.with_name(f"{path.stem}.new{path.suffix}")


def _check(folder, lessons):
    if not lessons.is_dir():
        raise WorkspaceError(
            f"There are no lessons in {lessons}; install xaiteach from the course's own folder."
        )
    if folder.exists() and not folder.is_dir():
        raise WorkspaceError(f"{folder} is a file; name a folder for your copy of the lessons.")
    if folder.resolve() == lessons or lessons in folder.resolve().parents:
        raise WorkspaceError(f"{folder} belongs to the course itself; name another folder for your own copy.")


def _read_manifest(folder):
    """What was delivered, by name. Without a readable record every file that differs counts as changed."""
    try:
        known = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


def _write(path, content):
    try:
        write_whole(path, content)
    except OSError as error:
        raise WorkspaceError(str(error)) from None


def _sha256(content):
    return hashlib.sha256(content).hexdigest()


def _sha256_of(path):
    return _sha256(path.read_bytes()) if path.exists() else None
