"""Fetch files of known sha256 from whichever mirror delivers them, into a cache that is never broken."""

import os
import time
from collections import deque
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pooch
from filelock import FileLock
from tqdm.auto import tqdm

CONNECT_TIMEOUT = 10  # seconds until a mirror must have answered the call
READ_TIMEOUT = 15  # seconds it may then be silent


def cache_folder():
    """Where downloads are kept: the environment variable XAITEACH_CACHE, else the user's cache folder."""
    return Path(os.environ.get("XAITEACH_CACHE") or pooch.os_cache("xaiteach")).expanduser()


def fetch(sha256, mirrors, folder, *, time_limit, progress=True, advice):
    """Have every file of `sha256` whole in `folder`; a file that is whole already costs no network.

    pooch writes a file under another name, checks it and moves it into place, so it is there whole or not at
    all. Processes that want the same folder wait for each other, so each file is fetched once. A mirror that
    fails in any way goes to the end of the queue.

    Args:
        sha256: {file name: sha256 of the file}.
        mirrors: addresses of folders with these files, in the order they are asked.
        folder: a pathlib path.
        time_limit: seconds that one mirror gets for one file.
        progress: show a bar for each file.
        advice: what else a person can do, for the end of the error.

    Raises:
        ConnectionError: no mirror delivers; it names each with its reason.
        OSError: `folder` can't be written to.
    """
    if not _missing(sha256, folder):
        return
    downloader = partial(stream, time_limit=time_limit, progress=progress)
    with alone_in(folder):
        queue = deque(mirrors)
        for name in _missing(sha256, folder):
            reasons = _fetch_from_any(queue, name, sha256[name], folder, downloader)
            if reasons:
                raise ConnectionError(_explain(name, reasons, _missing(sha256, folder), folder, advice))


def _missing(sha256, folder):
    """The names of the files that are absent or not what they should be."""
    return [name for name, known in sha256.items() if not _is_whole(folder / name, known)]


def _is_whole(path, known_hash):
    return path.is_file() and pooch.file_hash(path) == known_hash


@contextmanager
def alone_in(folder):
    """Hold the folder for this process alone, rid of what a killed one left half-written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / ".lock").acquire()
    except OSError as error:
        raise OSError(
            f"downloads can't be kept in {folder} ({error}); set the environment variable XAITEACH_CACHE to "
            "a folder you may write to"
        ) from error
    with lock:
        for half_written in folder.glob("tmp*"):
            half_written.unlink()
        yield


def _fetch_from_any(queue, name, known_hash, folder, downloader):
    """Fetch one file from the first mirror that delivers it.

    Returns:
        {mirror: why it did not deliver}; empty as soon as one did.
    """
    import requests
    import urllib3

    reasons = {}
    for mirror in tuple(queue):
        try:
            pooch.retrieve(f"{mirror.rstrip('/')}/{name}", known_hash, name, folder, downloader=downloader)
            (folder / name).chmod(0o644)  # temporary files are for their owner only; a class shares a cache
            return {}
        except (requests.RequestException, urllib3.exceptions.HTTPError, TimeoutError, ValueError) as error:
            reasons[mirror] = getattr(error.args[0], "reason", error)
            queue.rotate(-1)
    return reasons


def stream(url, path, _pooch, *, time_limit, progress):
    """What pooch calls to get `url` into the file `path`.

    pooch's own downloader reads in blocks of 1 kB and limits the silence between two bytes, so a server that
    trickles holds it for hours; this one takes bytes as they come and looks at the clock.
    """
    import requests

    deadline = time.monotonic() + time_limit
    timeout = (CONNECT_TIMEOUT, READ_TIMEOUT)
    with requests.get(url, timeout=timeout, stream=True) as response, open(path, "wb") as file:
        response.raise_for_status()
        size = int(response.headers.get("Content-Length", 0)) or None
        name = url.rsplit("/", 1)[-1]
        with tqdm(total=size, unit="B", unit_scale=True, desc=name, disable=not progress) as bar:
            while block := response.raw.read1(2**16, decode_content=False):
                bar.update(file.write(block))
                if time.monotonic() > deadline:
                    raise TimeoutError(f"not done after {time_limit} s, at {file.tell():,} bytes")


def _explain(name, reasons, missing, folder, advice):
    return "\n".join(
        [
            f"{name} could not be fetched:",
            *(f"  {mirror}: {reason}" for mirror, reason in reasons.items()),
            f"What you can do: {advice}; or put the original {', '.join(missing)} into {folder} by hand.",
        ]
    )
