"""What is done, in one small file on this machine; nothing of it ever leaves it."""

import json
import os
from contextlib import suppress
from datetime import date
from pathlib import Path

from filelock import FileLock, Timeout
from platformdirs import user_data_path

from xaiteach.writing import write_whole

PATIENCE = 1  # seconds to wait for another kernel
_here = {}  # what this kernel knows, where no file can be written


def progress_file():
    """Where it is: the environment variable XAITEACH_PROGRESS ("off" for nowhere), else the user's folder for data."""
    return Path(os.environ.get("XAITEACH_PROGRESS") or user_data_path("xaiteach") / "progress.json").expanduser()


def remember(name, done):
    """Note that an exercise was tried, and the day on which it was right for the first time. Where the file can't be
    written, this kernel alone knows: a record must never be in the way."""
    _note(_here, name, done)
    path = progress_file()
    if path.name == "off":
        return
    with suppress(OSError, Timeout):
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_name(f".{path.name}.lock"), timeout=PATIENCE):
            known = _read(path)
            if _note(known, name, done):
                write_whole(path, json.dumps(known, indent=1, sort_keys=True).encode())


def recall():
    """{exercise: the day on which it was done, or "" where it was only tried}."""
    stored = _read(progress_file())
    return {name: _here.get(name) or stored.get(name, "") for name in {**stored, **_here}}


def _note(known, name, done):
    """Whether that is news."""
    before = known.get(name)
    known[name] = before or (date.today().isoformat() if done else "")
    return known[name] != before


def _read(path):
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
        return {str(name): str(day) for name, day in known.items()}
    except (OSError, ValueError, AttributeError):
        return {}
