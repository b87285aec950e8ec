"""Where the files of a class are: in folders or zips, and which one of a student is meant.

What is handed in comes from strangers. Regular files alone are taken, links are not followed, and no more of a file is
read than a notebook can have.
"""

import os
import re
import stat
import time
import unicodedata
import zipfile
from collections.abc import Callable
from contextlib import contextmanager
from functools import partial
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import nbformat
from submissions import Given, Unusable, belongs, is_begun

LARGEST = 50_000_000  # bytes of one file
DEEPEST = 20  # folders in one another
MOST_FILES = 50  # of one student, that are looked into
MOST_BYTES = 100  # of a student's name, which is a folder's
NOT_A_NOTEBOOK = "not a notebook"
HIDDEN = (".", "__MACOSX", "~$")
COURSE = {"my-course", "notebooks", "exercises", "solutions"}  # folders of the course are no students
SOLUTION = re.compile(r"_solution[ _-]*(\(?\d+\)?|copy\d*)?\.ipynb$", re.IGNORECASE)
MOODLE = re.compile(r"_assignsubmission_(file|onlinetext).*")
CANVAS = re.compile(r"^([^\W\d_]+)(?:_LATE)?(_\d{3,})_\d{4,}(_.*)?$")


class File(NamedTuple):
    """Of a student: where it lies in what was handed in, when it was changed, and how it is opened."""

    path: str
    date: tuple
    open: Callable


def find(folder, name, others=()):
    """The files of a class: {student: files, the likeliest last}; no files where a student's folder is empty.

    Args:
        folder: a folder, or a zip of one, with a folder or a zip a student, or with files such as
            "ann_03_grad_cam.ipynb".
        name: of the exercise, such as "03_grad_cam".
        others: names of other exercises, whose files are passed over.

    Raises:
        FileNotFoundError: where there is no such folder.
        ValueError: where nothing in it can be a submission.
    """
    listed = _kept(_unpacked(_kept(_listed(folder), others)), others)
    found = _by_student(_opened(sorted(listed, key=lambda entry: entry[0]), name), name)
    if not found:
        raise ValueError(
            f"{folder} has no submissions; want a folder a student, or files named STUDENT_{name}.ipynb."
        )
    students = {}
    for student, files in found.items():
        students[_safe(student, students)] = sorted(_notebooks(files), key=partial(_likely, name))
    return students


def _by_student(listed, name):
    """{student: files}. Beside folders, a file that is no notebook is nobody's: a table of points, say."""
    has_folders, found = any(_is_below(parts, file) for parts, file in listed), {}
    for parts, file in listed:
        if len(parts) > 1 or not (file and has_folders) or _is_about((parts, file), [name, ".ipynb", ".zip"]):
            files = found.setdefault(_student(parts, file, name), [])
            files += [file._replace(path="/".join(parts[1:] or parts))] if file else []
    return found


def _listed(folder):
    folder = Path(folder).expanduser()
    if not folder.exists():
        raise FileNotFoundError(
            f"There is no {folder}; --submissions names the folder, or its zip, of a class."
        )
    if folder.is_dir():
        return _in_folder(folder)
    if not zipfile.is_zipfile(folder):
        raise ValueError(f"{folder} is neither a folder nor a zip; give one of these.")
    return _in_zip(partial(open, folder, "rb"))


def _in_folder(folder):
    """(the names on the way to it, a file; None for a folder), of all that is no link, pipe or device."""
    for here, folders, files in os.walk(folder):
        at = Path(here).relative_to(folder).parts
        yield from (((*at, name), None) for name in folders)  # links too, into which it does not go
        for path in (Path(here, name) for name in files):
            facts = path.lstat()
            if stat.S_ISREG(facts.st_mode):
                yield (
                    (*at, path.name),
                    File("", time.localtime(facts.st_mtime)[:6], partial(open, path, "rb")),
                )


def _in_zip(open_archive):
    """The same of a zip; some are written with backslashes."""
    with open_archive() as file, zipfile.ZipFile(file) as archive:
        infos = archive.infolist()
    for info in infos:
        way = info.filename.replace("\\", "/")
        parts = tuple(filter(None, way.split("/")))
        if parts:
            yield (
                parts,
                None if way.endswith("/") else File("", info.date_time, partial(_member, open_archive, info)),
            )


@contextmanager
def _member(open_archive, info):
    with open_archive() as file, zipfile.ZipFile(file) as archive, archive.open(info) as member:
        yield member


def _unpacked(listed):
    """A zip among the files is a folder, where it can be read; zips in it stay what they are."""
    for parts, file in listed:
        inner = []
        if file and _is_zip(parts[-1]):
            try:
                inner = list(_in_zip(partial(lambda file: BytesIO(_content(file)), file)))
            except Exception:  # a broken zip breaks anything
                inner = []
        yield parts, None if inner else file
        yield from (((*parts, *deeper), file) for deeper, file in inner)


def _kept(listed, others):
    """What is neither hidden nor of another exercise."""
    for parts, file in listed:
        is_hidden = len(parts) > DEEPEST or any(part.startswith(HIDDEN) for part in parts)
        if not is_hidden and not _is_about((parts, file), others):
            yield parts, file


def _is_about(entry, names):
    parts, file = entry
    return file is not None and any(name.lower() in parts[-1].lower() for name in names)


def _is_zip(name):
    return name.lower().endswith(".zip")


def _is_below(parts, file):
    """Whether it is a folder, not a zip, or in one."""
    return (len(parts) > 1 or not file) and not _is_zip(parts[0])


def _opened(listed, name):
    """A folder around the folders or files of two students or more is no student."""
    inner = [(parts[1:], file) for parts, file in listed if len(parts) > 1]
    beside = {
        parts[0]
        for parts, file in listed
        if not file or len(parts) > 1 or _is_about((parts, file), [".ipynb"])
    }
    if len(beside) != 1 or not inner:
        return listed
    inner = _opened(inner, name)
    students = {_student(parts, file, name) for parts, file in inner if len(parts) > 1 or not file}
    for parts, file in inner:
        if len(parts) == 1 and _is_about((parts, file), [".ipynb"]):
            students.add(_student(parts, file, name) if _is_about((parts, file), [name]) else "unknown")
    return inner if len(students) > 1 and not students & {"unknown", *COURSE} else listed


def _student(parts, file, name):
    """Whose it is: the folder's name, or what stands before the lesson's; what a platform adds is taken off."""
    first = parts[0]
    if _is_below(parts, file):
        return MOODLE.sub("", first)
    stem = re.split(rf"[ _-]*{re.escape(name)}", first.rpartition(".")[0] or first, flags=re.IGNORECASE)[0]
    return CANVAS.sub(r"\1\2", MOODLE.sub("", stem)) or "unknown"


def _notebooks(files):
    """The notebooks that are not the course's own solutions, or whatever else is there."""
    notebooks = [file for file in files if file.path.lower().endswith(".ipynb")] or files
    return [file for file in notebooks if not SOLUTION.search(file.path)] or notebooks


def _likely(name, file):
    """Sorts files by their names: the lesson's own name last, of these the last number, then the newest."""
    stem = PurePosixPath(file.path).stem.lower()
    plain = re.fullmatch(rf"(.*[ _-])?{re.escape(name)}[ _-]*\(?(\d*)\)?", stem)
    return (
        name in stem,
        bool(plain),
        bool(plain and not plain[1]),
        int(plain[2] or 0) if plain else 0,
        file.date,
    )


def _safe(student, taken):
    """A name that a folder can have on every system, that is no pattern, and that no other student has."""
    name = re.sub(r"[^\w .@-]", "_", unicodedata.normalize("NFC", student))
    name = name.encode()[:MOST_BYTES].decode(errors="ignore").strip(" .@-") or "unknown"
    while name.casefold() in map(str.casefold, taken):
        name += "_"
    return name


def choose(files, frame):
    """The name and the cells of the file that is meant: it is of this lesson, and begun; else its name decides.

    Raises:
        Unusable: where it is not a notebook.
    """
    files = files[-MOST_FILES:]
    fits = [_fit(file, frame) if len(files) > 1 else () for file in files]
    file = max(zip(fits, range(len(files)), files, strict=True))[-1]
    name = re.sub(r"[^\w .@()/-]", "_", file.path)
    if SOLUTION.search(name):
        raise Unusable(f"only a solution, {name}; rename it where it is the learner's own")
    return name, read(file)


def _fit(file, frame):
    try:
        cells = read(file)
    except Unusable:
        return False, False
    return belongs(cells, frame), is_begun(cells, frame)


def read(file):
    """The cells of what was handed in.

    Raises:
        Unusable: where it is not a notebook.
    """
    try:
        notebook = nbformat.reads(_content(file).decode("utf-8-sig"), 4)
        return [Given.of(cell) for cell in notebook.cells]
    except Unusable:
        raise
    except Exception:  # a broken file breaks anything
        raise Unusable(NOT_A_NOTEBOOK) from None


def _content(file):
    with file.open() as opened:
        content = opened.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise Unusable(f"{NOT_A_NOTEBOOK}: more than {LARGEST / 1e6:.0f} MB")
    return content
