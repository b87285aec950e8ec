"""Files from the web, within a size and a time: published ones into a cache, and a picture."""

import hashlib
import io
import ipaddress
import os
import socket
import time
from collections import deque
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import requests
from filelock import FileLock
from platformdirs import user_cache_path
from requests.adapters import HTTPAdapter
from tqdm.auto import tqdm
from urllib3.exceptions import HTTPError

from xaiteach.files.errors import short
from xaiteach.files.whole import whole

TIMEOUT = (10, 15)  # seconds until a server must have answered the call, and that it may then be silent
MOST_BYTES = 4_000_000_000  # the largest published weights have 2.5 GB
MOST_REDIRECTS = 5
SAVE_IT = "Save the picture, and give its path."
HEADERS = {"User-Agent": "xaiteach", "Accept-Encoding": "identity"}
# requests raises an OSError; while a body is read, urllib3 raises its own.
FAILURES = (OSError, HTTPError)


def cache_folder():
    """Where downloads are kept: the environment variable XAITEACH_CACHE, else the user's cache folder."""
    return Path(os.environ.get("XAITEACH_CACHE") or user_cache_path("xaiteach")).expanduser()


def fetch(hashes, mirrors, folder, *, time_limit, progress=True, advice):
    """Have every file of `hashes` whole in `folder`; a file that is whole already costs no network.

    Processes that want the same folder wait for each other. A mirror that fails goes to the end of the queue.

    Args:
        hashes: {file name: its sha256 or the first digits of it, or "md5:" and its md5}; where that is empty,
            only the length that the server announces is checked.
        mirrors: addresses of folders with these files, in the order they are asked.
        folder: a pathlib path.
        time_limit: seconds that one mirror gets for one file.
        progress: show a bar for each file.
        advice: what else a person can do, for the end of the error.

    Raises:
        ConnectionError: no mirror delivers; it names each with its reason.
        OSError: `folder` can't be written to.
    """
    missing = _missing(hashes, folder)
    if not missing:
        return
    advice = f"What you can do: {advice}; or put the original {', '.join(missing)} into {folder} by hand."
    stream = partial(_stream, requests.Session(), time_limit=time_limit, progress=progress)
    with _alone_in(folder):
        queue = deque(mirrors)
        for name in _missing(hashes, folder):
            _fetch_from_any(queue, folder / name, hashes[name], stream, advice)


def _missing(hashes, folder):
    """The names of the files that are absent or not what they should be."""
    paths = {name: folder / name for name in hashes}
    return [name for name, path in paths.items() if not (path.is_file() and _is_whole(path, hashes[name]))]


def _is_whole(path, known):
    algorithm, _, digits = known.rpartition(":")
    with open(path, "rb") as file:
        return hashlib.file_digest(file, algorithm or "sha256").hexdigest().startswith(digits)


@contextmanager
def _alone_in(folder):
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
        for unfinished in folder.glob(".*.part"):
            unfinished.unlink()
        yield


def _fetch_from_any(queue, path, known, stream, advice):
    """Fetch one file from the first mirror that delivers it."""
    failures = []
    for mirror in tuple(queue):
        try:
            with whole(path) as file:
                stream(f"{mirror.rstrip('/')}/{path.name}", file, most_bytes=MOST_BYTES)
                file.flush()
                if not _is_whole(Path(file.name), known):
                    raise OSError(f"what came is not the published file, whose hash begins with {known}")
            return
        except FAILURES as error:
            reason = getattr(error.args[0], "reason", error) if error.args else error
            failures.append(f"  {mirror}: {short(reason)}")
            queue.rotate(-1)
    raise ConnectionError("\n".join([f"{path.name} could not be fetched:", *failures, advice]))


def _stream(session, url, file, *, time_limit, most_bytes, progress=False):
    """Write what is at `url` into an open file, with a look at the clock: requests limits silences only."""
    deadline = time.monotonic() + time_limit
    with session.get(url, headers=HEADERS, timeout=TIMEOUT, stream=True) as response:
        response.raise_for_status()
        size, name = response.raw.length_remaining, url.rsplit("/", 1)[-1]
        with tqdm(total=size, unit="B", unit_scale=True, desc=name, disable=not progress) as bar:
            while block := response.raw.read1(2**16, decode_content=False):
                bar.update(file.write(block))
                if file.tell() > most_bytes:
                    raise OSError(f"more than {most_bytes:,} bytes")
                if time.monotonic() > deadline:
                    raise TimeoutError(f"not done after {time_limit} s, at {file.tell():,} bytes")


def download(url, most_bytes, seconds=20):
    """The bytes at a public https address. Each redirect is looked at before it is followed.

    Args:
        url: of the form https://host/path.
        most_bytes: nothing longer is read.
        seconds: that all of it may take.

    Raises:
        ValueError: for an address that is not public or not https, and an answer too long or too slow.
    """
    session, file = requests.Session(), io.BytesIO()
    session.max_redirects = MOST_REDIRECTS
    for scheme in ("https://", "http://", ""):
        session.mount(scheme, PublicAdapter())
    try:
        _stream(session, url, file, time_limit=seconds, most_bytes=most_bytes)
    except FAILURES as error:
        raise ValueError(f"{url} could not be fetched ({short(error)}). {SAVE_IT}") from error
    return file.getvalue()


class PublicAdapter(HTTPAdapter):
    """Asks public https addresses only. A session comes here for each redirect anew."""

    def send(self, request, **options):
        _need_public(request.url)
        response = super().send(request, **options)
        if response.is_redirect:
            response.close()  # requests would read the body, however long it is
        return response


def _need_public(url):
    """A ValueError for an address that is not https, or leads to this machine or its own network."""
    parts = urlsplit(url)
    host = parts.hostname
    if parts.scheme != "https" or not host or parts.username is not None:
        raise ValueError(f"{url[:200]!r} is not of the form https://host/path. {SAVE_IT}")
    try:
        found = socket.getaddrinfo(host, parts.port or 443, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        question = "Is the address right, and is there a network?"
        raise ValueError(f"The host {host} is not known. {question}") from None
    if not all(_is_public(answer[4][0]) for answer in found):
        raise ValueError(f"{host} is on this machine or its own network; only public addresses are fetched.")


def _is_public(address):
    address = ipaddress.ip_address(address.partition("%")[0])
    address = getattr(address, "ipv4_mapped", None) or address
    return address.is_global and not address.is_multicast
