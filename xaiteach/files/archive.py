"""Files at a path, in a folder or in a zip, read into memory within bounds; nothing goes to the disk."""

import io
import zipfile
from contextlib import suppress
from pathlib import Path

from xaiteach.files.errors import short

MOST_BYTES = 1_000_000_000
MOST_FILES = 5_000
POINTER = b"version https://git-lfs"


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
    if data.startswith(POINTER):
        cure = "get the file itself with git lfs pull, or download it from the site"
        raise ValueError(f"{path.name} is a Git LFS pointer, which only names the file; {cure}.")
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
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
        refusal = _refusal(entries)
        if refusal is None:
            names = [entry.filename for entry in entries]
            return {name: archive.read(name) if wanted(name) else None for name in names}
    except Exception as error:
        refusal = f"is damaged ({short(error)}); download or export it again."
    raise ValueError(f"{name} {refusal}")


def _refusal(entries):
    """Why the files of a zip are not read; None where they are."""
    if len(entries) > MOST_FILES or len({entry.filename for entry in entries}) < len(entries):
        return f"holds {len(entries):,} files, more than a model has, or several of one name."
    if sum(entry.file_size for entry in entries) > MOST_BYTES:
        return f"would be larger than {MOST_BYTES:,} bytes when unpacked, more than is read."
    if any(entry.flag_bits & 1 for entry in entries):
        return "is locked with a password; unpack it and give the folder."
    return None
