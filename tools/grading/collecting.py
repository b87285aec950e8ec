"""Where the files of a class are: in folders or zips, and which one of a student is meant.

What is handed in comes from strangers. Regular files alone are taken, links are not followed, nothing is
unpacked to the disk, and no more of a file is read than a notebook can have. (`nbgrader zip_collect` does
none of this, and has one pattern for all names.)
"""

import re
import stat
import time
import unicodedata
import zipfile
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from io import BytesIO
from operator import attrgetter
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import nbformat
from submissions import Cell, Unusable, belongs, is_begun

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
    """The names on the way to it, when it was changed, and what reads it up to a limit; None for a folder."""

    parts: tuple
    date: tuple = ()
    read: Callable | None = None

    @property
    def path(self):
        return "/".join(self.parts)

    def is_notebook(self):
        return bool(self.read) and self.path.lower().endswith(".ipynb")

    def is_about(self, names):
        return bool(self.read) and any(name.lower() in self.parts[-1].lower() for name in names)

    def is_loose(self):
        """Whether it is no folder, and in none. A zip is a file, whatever is in it."""
        return _is_zip(self.parts[0]) or (len(self.parts) == 1 and bool(self.read))

    def content(self):
        content = self.read()
        if len(content) > LARGEST:
            raise Unusable(f"{NOT_A_NOTEBOOK}: more than {LARGEST / 1e6:.0f} MB")
        return content


def find(folder, name, others=()):
    """The files of a class: {student: files, the likeliest last}; no files where a student's folder is empty.

    Args:
        folder: or a zip of one, with a folder or a zip a student, or files such as "ann_03_grad_cam.ipynb".
        name: of the exercise, such as "03_grad_cam".
        others: names of other exercises, whose files are passed over.
    """
    files = []
    for file in _kept(_listed(folder), others):
        files += _kept(_unpacked(file), others)
    files.sort(key=attrgetter("parts"))
    students = {}
    for student, own in _by_student(_opened(files, name), name).items():
        notebooks = [file for file in own if file.is_notebook()] or own
        wanted = [file for file in notebooks if not SOLUTION.search(file.path)] or notebooks
        students[_safe(student, students)] = sorted(wanted, key=partial(_likely, name))
    if not students:
        raise ValueError(
            f"{folder} has no submissions; want a folder a student, or files named STUDENT_{name}.ipynb."
        )
    return students


def _listed(folder):
    folder = Path(folder).expanduser()
    if folder.is_dir():
        return _in_folder(folder)
    if zipfile.is_zipfile(folder):
        return _in_zip(partial(open, folder, "rb"))
    if folder.exists():
        raise ValueError(f"{folder} is neither a folder nor a zip; give one of these.")
    raise FileNotFoundError(f"There is no {folder}; --submissions names the folder, or its zip, of a class.")


def _in_folder(folder):
    """All that is no link, pipe or device. A folder that is a link is not entered."""
    for path in folder.rglob("*"):
        parts = path.relative_to(folder).parts
        facts = path.lstat()
        if stat.S_ISREG(facts.st_mode):
            yield File(parts, time.localtime(facts.st_mtime)[:6], partial(_beginning, path))
        elif stat.S_ISDIR(facts.st_mode):
            yield File(parts)


def _in_zip(open_archive):
    with open_archive() as file, zipfile.ZipFile(file) as archive:
        members = archive.infolist()
    for info in members:
        path = info.filename.replace("\\", "/")  # as some programs write it
        parts = tuple(filter(None, path.split("/")))
        if path.endswith("/"):
            yield File(parts)
        elif parts:
            yield File(parts, info.date_time, partial(_beginning_of_member, open_archive, info))


def _beginning_of_member(open_archive, info):
    with open_archive() as file, zipfile.ZipFile(file) as archive, archive.open(info) as member:
        return member.read(LARGEST + 1)


def _beginning(path):
    with open(path, "rb") as file:
        return file.read(LARGEST + 1)


def _unpacked(file):
    """What is in a zip, where it can be read, else the file itself; zips in it stay what they are."""
    inner = []
    if file.read and _is_zip(file.path):
        with suppress(Exception):  # a broken zip breaks anything
            inner = list(_in_zip(lambda: BytesIO(file.content())))
    return [each._replace(parts=file.parts + each.parts) for each in inner] or [file]


def _is_zip(path):
    return path.lower().endswith(".zip")


def _kept(files, others):
    """What is neither hidden nor of another exercise."""
    for file in files:
        is_hidden = any(part.startswith(HIDDEN) for part in file.parts)
        if not is_hidden and len(file.parts) <= DEEPEST and not file.is_about(others):
            yield file


def _opened(files, name):
    """A folder around the folders or files of two students or more is no student."""
    first = {file.parts[0] for file in files if len(file.parts) > 1 or not file.read or file.is_notebook()}
    inner = [file._replace(parts=file.parts[1:]) for file in files if len(file.parts) > 1]
    if len(first) != 1 or not inner:
        return files
    inner = _opened(inner, name)
    owners = set()
    for file in inner:
        if not file.is_loose() or len(file.parts) > 1 or file.is_about([name]):
            owners.add(_owner(file, name))
        elif file.is_notebook():
            owners.add("")
    return inner if len(owners) > 1 and not owners & {"", *COURSE} else files


def _owner(file, name):
    """A folder's name, or what stands before the lesson's; what a platform adds is taken off."""
    first = file.parts[0]
    if not file.is_loose():
        return MOODLE.sub("", first)
    before = re.split(rf"[ _-]*{re.escape(name)}", PurePosixPath(first).stem, flags=re.IGNORECASE)[0]
    return CANVAS.sub(r"\1\2", MOODLE.sub("", before))


def _by_student(files, name):
    """{student: files}. A file that names nobody is a student of its own.

    Beside folders, a file that is no notebook is nobody's: a table of points, say.
    """
    has_folders = not all(file.is_loose() for file in files)
    students = {}
    for file in files:
        if len(file.parts) == 1 and file.read and has_folders and not file.is_about([name, ".ipynb", ".zip"]):
            continue
        own = students.setdefault(_owner(file, name) or PurePosixPath(file.parts[0]).stem, [])
        if file.read:
            own.append(file._replace(parts=file.parts[1:] or file.parts))
    return students


def _likely(name, file):
    """Sorts files by their names: the lesson's own name last, of these the last number, then the newest."""
    stem = PurePosixPath(file.path).stem.lower()
    plain = re.fullmatch(rf"(.*[ _-])?{re.escape(name)}[ _-]*\(?(\d*)\)?", stem)
    if not plain:
        return name in stem, False, False, 0, file.date
    return True, True, not plain[1], int(plain[2] or 0), file.date


def _safe(student, taken):
    """A name that a folder can have on every system, that is no pattern, and that no other student has."""
    name = re.sub(r"[^\w .@-]", "_", unicodedata.normalize("NFC", student))
    name = name.encode()[:MOST_BYTES].decode(errors="ignore").strip(" .@-") or "unknown"
    while name.casefold() in map(str.casefold, taken):
        name += "_"
    return name


def choose(files, frame):
    """The name and the cells of the file that is meant; `Unusable` where it is not a notebook.

    It is of this lesson, and begun; where that is so of none or of several, its name decides.
    """

    def fit(file):
        with suppress(Unusable):
            cells = read(file)
            return belongs(cells, frame), is_begun(cells, frame)
        return False, False

    file = files[-1]
    if len(files) > 1:
        file = max(reversed(files[-MOST_FILES:]), key=fit)
    name = re.sub(r"[^\w .@()/-]", "_", file.path)
    if SOLUTION.search(name):
        raise Unusable(f"only a solution, {name}; rename it where it is the learner's own")
    return name, read(file)


def read(file):
    """The cells of what was handed in, where it is a notebook."""
    try:
        notebook = nbformat.reads(file.content().decode("utf-8-sig"), 4)
        return [Cell.of(cell) for cell in notebook.cells]
    except Unusable:
        raise
    except Exception:  # a broken file breaks anything
        raise Unusable(NOT_A_NOTEBOOK) from None
