"""Files of published weights: fetched once and checked, and read without running what may be in them."""

import os
import warnings
from contextlib import suppress
from pathlib import PurePosixPath
from urllib.parse import urlsplit

import pooch

from xaiteach.figures.words import short
from xaiteach.files.download import alone_in, cache_folder, stream

TIME_LIMIT = 3600  # seconds for one file; the largest have 500 MB and more


def fetch_weights(url, known="", *, progress=True):
    """Have the file at `url` whole in the course's cache folder; a file that is whole already costs no network.

    It is written under another name, checked and moved into place, so it is there whole or not at all. Processes that
    want the same file wait for each other. Publishers name the first digits of a sha256 or an md5, so this can't be
    `xaiteach.files.download.fetch`, which wants all of a sha256.

    Args:
        url: address of the file.
        known: the first digits of its sha256, or "md5:" and its md5; where it is empty, only the length that the server
            announces is checked.
        progress: show a bar.

    Returns:
        Path of the file.

    Raises:
        ConnectionError: it could not be fetched, why, and what to do.
        OSError: the cache folder can't be written to.
    """
    folder = cache_folder() / "imagenet"
    path = folder / PurePosixPath(urlsplit(url).path).name
    if not _is_whole(path, known):
        with alone_in(folder):
            if not _is_whole(path, known):
                _fetch(url, path, known, progress)
    return path


def read_torch_weights(path):
    """The arrays by name in a `.pth` or `.pt` file, as tensors; nothing in the file is run.

    Raises:
        ValueError: for a file that holds anything else.
    """
    import torch

    try:
        with warnings.catch_warnings(action="ignore"):  # of TorchScript, which is then refused
            state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        raise ValueError(
            f"{path} can't be read as weights: it is damaged, or holds more than tensors, such as a whole model. Want "
            "what torch.save(model.state_dict(), path) writes; no code in a file is run."
        ) from error
    if not isinstance(state, dict) or not state or not all(map(torch.is_tensor, state.values())):
        held = f"a {type(state).__name__}" + (f" of {', '.join(map(str, list(state)[:5]))}" if state else "")
        raise ValueError(
            f"{path} holds {held}; want tensors by name, as torch.save(model.state_dict(), path) writes."
        )
    return state


def _is_whole(path, known):
    return path.is_file() and _has_hash(path, known)


def _has_hash(path, known):
    algorithm, _, digits = known.rpartition(":")
    return pooch.file_hash(path, algorithm or "sha256").startswith(digits)


def _fetch(url, path, known, progress):
    import requests
    import urllib3

    unfinished = path.with_name(f"tmp-{path.name}")
    try:
        stream(url, unfinished, None, time_limit=TIME_LIMIT, progress=progress)
        if not _has_hash(unfinished, known):
            raise ValueError(f"what came is not the published file, whose hash begins with {known}")
        os.replace(unfinished, path)
    except (requests.RequestException, urllib3.exceptions.HTTPError, TimeoutError, ValueError) as error:
        raise ConnectionError(_explain(url, path, error)) from error
    finally:
        with suppress(FileNotFoundError):
            unfinished.unlink()


def _explain(url, path, error):
    reason = getattr(error.args[0], "reason", error) if error.args else error
    return (
        f"{path.name} could not be fetched from {url} ({short(reason)}). What you can do: fetch it on a machine with "
        f"network and put it into {path.parent}, or give its path as weights=. Without it, weights=None gives the same "
        "network with random weights, for trying things out; xt.load_photo_classifier() is trained and needs no "
        "network."
    )
