"""Files that are written whole or not at all."""

import os
from contextlib import contextmanager
from errno import EDQUOT, ENOSPC
from pathlib import Path

FULL = (ENOSPC, EDQUOT)  # what a system says of a full disk


def write_whole(path, content):
    """Write bytes to a temporary name in the same folder, made where it is missing, then move them to `path`.

    Raises:
        OSError: in a sentence, where that can't be done; what was at `path` before is still there.
    """
    path = Path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole(path) as file:
            file.write(content)
    except OSError as error:
        cure = "free some space" if error.errno in FULL else "name a folder you may write to"
        refusal = OSError(f"{path} can't be written ({error.strerror}); {cure}.")
        refusal.errno = error.errno
        raise refusal from None


@contextmanager
def whole(path):
    """An open file of another name in the same folder, moved to `path` where all goes well, else deleted."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with open(unfinished, "w+b") as file:
            yield file
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)
