"""Files at a path, in a folder or in a zip, read into memory within bounds; nothing goes to the disk."""

import io
import stat
import struct
import zipfile
from contextlib import suppress
from pathlib import Path, PurePosixPath

from xaiteach.files.errors import short

MOST_BYTES = 1_000_000_000
MOST_FILES = 5_000
MOST_DIRECTORY = 1_000_000
END, END_64 = b"PK\5\6", b"PK\6\7"


def existing(path):
    """A path that was given, where there is something; else an error in a sentence."""
    if not isinstance(path, str) and not hasattr(path, "__fspath__"):
        raise TypeError(f"Given a {type(path).__name__}; want the path of a file or a folder.")
    if "://" in str(path):
        raise ValueError(f"{str(path)[:80]} is an address; download the file, and give its path.")
    path = Path(path).expanduser()
    with suppress(OSError, ValueError):  # of a name too long, or with a zero byte
        if path.exists():
            return path
    raise FileNotFoundError(f"There is no {str(path)[:200]!r}; give the path of a model's file or folder.")


def read_file(path):
    """The bytes of a file, if they are not more than `MOST_BYTES`."""
    try:
        with open(path, "rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise ValueError(f"{path.name} can't be read ({error.strerror}).") from None
    if len(data) > MOST_BYTES:
        raise ValueError(f"{path.name} is larger than {MOST_BYTES:,} bytes, more than is read.")
    return data


def read_folder(path, wanted):
    """{name: bytes} of the files in a folder and in those in it; None for what `wanted` leaves out."""
    found = sorted(file for pattern in ("*", "*/*") for file in path.glob(pattern) if file.is_file())
    names = {file.relative_to(path).as_posix(): file for file in found}
    return {name: read_file(file) if wanted(name) else None for name, file in names.items()}


def read_zip(data, name, wanted=lambda name: True):
    """{name: bytes} of the files in a zip, given as bytes and called `name` in messages.

    There is None for what `wanted` leaves out. What is not to be trusted, or too large, is a ValueError.
    """
    _check_directory(data, name)
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
        refusal = _refusal(entries)
        if refusal is None:
            return {
                each.filename: _read(archive, each) if wanted(each.filename) else None for each in entries
            }
    except Exception as error:
        refusal = f"is damaged ({short(error)}); download or export it again."
    raise ValueError(f"{name} {refusal}")


def _check_directory(data, name):
    """The list of files in it is short enough to be looked at."""
    end = data.rfind(END, -(22 + 2**16))
    if end < 0 or len(data) < end + 22:
        raise ValueError(f"{name} is no zip file, or its end is missing; download or export it again.")
    (size,) = struct.unpack_from("<I", data, end + 12)
    if end >= 76 and data.startswith(END_64, end - 20):
        (size,) = struct.unpack_from("<Q", data, end - 76 + 40)
    if size > MOST_DIRECTORY:
        raise ValueError(f"{name} holds more files than a model has; give the zip of the model alone.")


def _refusal(entries):
    """Why the files of a zip are not read; None where they are."""
    if len(entries) > MOST_FILES or len({entry.filename for entry in entries}) < len(entries):
        return f"holds {len(entries):,} files, more than a model has, or several of one name."
    if sum(entry.file_size for entry in entries) > MOST_BYTES:
        return f"would be larger than {MOST_BYTES:,} bytes when unpacked, more than is read."
    for entry in entries:
        parts = PurePosixPath(entry.filename.replace("\\", "/"))
        if parts.is_absolute() or ".." in parts.parts or ":" in parts.parts[0]:
            return f"holds the name {entry.filename[:80]!r}, which leads out of it; it is not trusted."
        if stat.S_ISLNK(entry.external_attr >> 16):
            return f"holds a link, {entry.filename[:80]!r}; it is not trusted."
        if entry.flag_bits & 1:
            return "is locked with a password; unpack it and give the folder."
    return None


def _read(archive, entry):
    """The bytes of one file, never more of them than the zip says."""
    with archive.open(entry) as file:
        data = file.read(entry.file_size + 1)
    if len(data) != entry.file_size:
        raise zipfile.BadZipFile(f"{entry.filename} is not as long as it should be")
    return data
