"""Files that are written whole or not at all."""

import os
from contextlib import suppress
from errno import EDQUOT, ENOSPC
from pathlib import Path

FULL = (ENOSPC, EDQUOT)  # what a system says of a full disk


def write_whole(path, content):
    """Write bytes to a temporary name in the same folder, made where it is missing, then move them to `path`.

    Raises:
        OSError: in a sentence, where that can't be done; what was at `path` before is still there.
    """
    path = Path(path)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished.write_bytes(content)
        os.replace(unfinished, path)
    except OSError as error:
        with suppress(OSError):
            unfinished.unlink()
        cure = "free some space" if error.errno in FULL else "name a folder you may write to"
        refusal = OSError(f"{path} can't be written ({error.strerror}); {cure}.")
        refusal.errno = error.errno
        raise refusal from None
