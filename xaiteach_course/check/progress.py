"""What is done, in one small file on this machine; nothing of it ever leaves it."""

import json
import os
from contextlib import suppress
from datetime import date
from pathlib import Path

from filelock import FileLock
from platformdirs import user_data_path

from xaiteach.files.whole import write_whole

PATIENCE = 0.5  # seconds to wait for another kernel
_here = {}  # what this kernel knows, where no file can be written


def progress_file():
    """Where it is: where XAITEACH_PROGRESS says ("off" for nowhere), else in the user's folder for data."""
    path = os.environ.get("XAITEACH_PROGRESS") or user_data_path("xaiteach") / "progress.json"
    return Path(path).expanduser()


def remember(name, done):
    """Note that an exercise was tried, and the day on which it was right for the first time.

    Where the file can't be written, this kernel alone knows, and tries again next time: never in the way.
    """
    _here[name] = _here.get(name) or (date.today().isoformat() if done else "")
    with suppress(Exception):
        path = progress_file()
        if path.name != "off":
            path.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(path.with_name(f".{path.name}.lock"), timeout=PATIENCE, poll_interval=0.01):
                stored = _read(path)
                if _both(stored) != stored:
                    write_whole(path, json.dumps(_both(stored), indent=1, sort_keys=True).encode())


def recall():
    """{exercise: the day on which it was done, or "" where it was only tried}."""
    stored = {}
    with suppress(Exception):
        stored = _read(progress_file())
    return _both(stored)


def _both(stored):
    """What the file and this kernel know; the day that was stored stays."""
    return {name: stored.get(name) or _here.get(name, "") for name in {**stored, **_here}}


def _read(path):
    """What a file knows: nothing where it is missing or damaged, an OSError where it can't be read now."""
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
        return {name: day for name, day in known.items() if isinstance(day, str)}
    except (FileNotFoundError, ValueError, AttributeError, RecursionError):
        return {}
