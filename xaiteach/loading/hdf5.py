"""HDF5 files, read in a process of their own (this module): a damaged file can hang or crash the library."""

import io
import os
import subprocess
import sys

import numpy as np

MOST_BYTES = 1_000_000_000
MOST_ENTRIES = 30_000
SECONDS = 20
BYTES_A_SECOND = 10_000_000
SIGNATURE = b"\x89HDF\r\n\x1a\n"
NOT_NEEDED = ("/optimizer", "/optimizer_weights")


def cleaned(data, name):
    """An HDF5 file with the groups, texts and numbers of another, as bytes; `name` is for messages."""
    if not data.startswith(SIGNATURE):
        raise ValueError(f"{name} is no HDF5 file; export or download it again.")
    answer = _ask_child(data, SECONDS + len(data) / BYTES_A_SECOND)
    if answer is None:
        raise ValueError(f"{name} is damaged, it can't be read; export or download it again.")
    if not answer.startswith(SIGNATURE):
        raise ValueError(f"{name} can't be read: {answer.decode()}.")
    return answer


def _ask_child(data, seconds):
    """What the child answers; None where it hung or crashed."""
    command = [sys.executable, "-P", __file__]
    one_thread = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}  # each would take of the memory that is allowed
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=seconds, env=one_thread)
    except subprocess.TimeoutExpired:
        return None
    return done.stdout if done.returncode == 0 else None


def answer_for(data):
    """What the child answers: a clean file, or what is wrong."""
    try:
        return _copied(data)
    except Exception as error:
        sentence = " ".join(str(error).split())[:120].rstrip(".")
        return (sentence or type(error).__name__).encode()


def _copied(data):
    import h5py

    total, target = 0, io.BytesIO()
    with h5py.File(io.BytesIO(data), "r") as file, h5py.File(target, "w") as copy:
        for count, (path, item) in enumerate(_walk(file)):
            if count > MOST_ENTRIES:
                raise ValueError("it holds more groups than a model has")
            # Keras 2.12 to 2.15 wrote .keras files with this name in place of "layers".
            path = path.replace("_layer_checkpoint_dependencies", "layers") or "/"
            if isinstance(item, h5py.Group):
                copy.require_group(path).attrs.update({key: _words(item.attrs[key]) for key in item.attrs})
                continue
            if item.external or item.is_virtual:
                raise ValueError(f"{path[-60:]!r} in it keeps its numbers in other files; it is not trusted")
            total += item.nbytes
            if total > MOST_BYTES:
                raise ValueError(f"it holds more than {MOST_BYTES:,} bytes")
            if item.dtype.kind in "fiu":
                copy[path] = item[()].astype("<f4", order="C")
    return target.getvalue()


def _walk(item, path=""):
    """Every group and dataset with its path. Links to elsewhere are refused before they are followed."""
    import h5py

    yield path, item
    if not isinstance(item, h5py.Group):
        return
    for name in item:
        if not isinstance(item.get(name, getlink=True), h5py.HardLink):
            raise ValueError(f"{name[:60]!r} in it is a link that may lead to other files; it is not trusted")
        if f"{path}/{name}" not in NOT_NEEDED:
            yield from _walk(item[name], f"{path}/{name}")


def _words(value):
    """An attribute as a string or a list of strings."""
    if isinstance(value, np.ndarray):
        return [_words(part) for part in value.ravel().tolist()]
    return value.decode("utf-8") if isinstance(value, bytes) else str(value)


def _limit_memory(size):
    """Where the system knows such limits, the process gets so much memory and no more."""
    try:
        import resource
    except ImportError:
        return
    most = 3 * size + 2 * MOST_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    given = sys.stdin.buffer.read()
    _limit_memory(len(given))
    sys.stdout.buffer.write(answer_for(given))
