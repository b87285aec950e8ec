"""HDF5 files, read in a process of their own: the library behind h5py can hang or crash on a damaged file.

Run as a program, this module reads such a file from its input and writes what is in it to its output.
"""

import io
import json
import os
import struct
import subprocess
import sys

import numpy as np

MOST_BYTES = 1_000_000_000
MOST_ENTRIES = 30_000
DEEPEST = 30
SECONDS = 20
BYTES_A_SECOND = 10_000_000
SQUEEZE = 1_100  # deflate makes data at most that much smaller
SIGNATURE = b"\x89HDF\r\n\x1a\n"
NOT_NEEDED = ("optimizer", "optimizer_weights")


def read_hdf5(data, name):
    """What is in an HDF5 file, without leaving it and within bounds.

    Args:
        data: the file as bytes.
        name: what it is called in messages.

    Returns:
        {path: {attribute: a string or a list of strings}} of the groups, and {path: array} of the numbers, float32.

    Raises:
        ValueError: in a sentence, for what is no HDF5 file, damaged, or leads to other files.
    """
    if not data.startswith(SIGNATURE):
        raise ValueError(f"{name} is no HDF5 file; export or download it again.")
    answer = _ask_child(data, SECONDS + len(data) / BYTES_A_SECOND)
    if answer is None:
        raise ValueError(f"{name} is damaged, it can't be read; export or download it again.")
    header, body = answer
    if "error" in header:
        raise ValueError(f"{name} can't be read: {header['error']}.")
    return header["attributes"], dict(_arrays(header["arrays"], body))


def _ask_child(data, seconds):
    """The header and the body of the answer; None where the child hung or crashed."""
    quiet = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-P", __file__]
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=seconds, env=quiet)
    except subprocess.TimeoutExpired:
        return None
    return unpack(done.stdout) if done.returncode == 0 else None


def unpack(answer):
    """The header and the body of an answer."""
    (length,) = struct.unpack_from("<Q", answer)
    return json.loads(answer[8 : 8 + length]), memoryview(answer)[8 + length :]


def _arrays(listed, body):
    start = 0
    for path, shape in listed:
        count = int(np.prod(shape, dtype=np.int64))
        yield path, np.frombuffer(body, "<f4", count, start).reshape(shape)
        start += 4 * count


def answer_for(data):
    """What the child answers, as pieces of bytes."""
    try:
        attributes, arrays = _look_through(data)
    except Exception as error:
        yield _packed({"error": " ".join(str(error).split())[:120].rstrip(".") or type(error).__name__})
        return
    yield _packed(
        {"attributes": attributes, "arrays": [[path, array.shape] for path, array in arrays.items()]}
    )
    for array in arrays.values():
        yield array.tobytes()


def _packed(header):
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text


def _look_through(data):
    import h5py

    attributes, arrays = {}, {}
    with h5py.File(io.BytesIO(data), "r") as file:
        total = 0
        for path, item in _walk(file):
            if isinstance(item, h5py.Dataset):
                total += _checked_size(item, path)
                if total > MOST_BYTES:
                    raise ValueError(f"it holds more than {MOST_BYTES:,} bytes")
                arrays |= {path: item[()].astype("<f4", order="C")} if item.dtype.kind == "f" else {}
            else:
                attributes[path] = {key: _words(item.attrs[key]) for key in item.attrs}
    return attributes, arrays


def _walk(file):
    """Every group and dataset with its path. Links to elsewhere are refused before they are followed."""
    import h5py

    waiting, seen = [("", file)], 0
    while waiting:
        path, group = waiting.pop()
        yield path, group
        if isinstance(group, h5py.Dataset):
            continue
        for name in group:
            if not isinstance(group.get(name, getlink=True), h5py.HardLink):
                raise ValueError(
                    f"{name[:60]!r} in it is a link that may lead to other files; it is not trusted"
                )
            seen += 1
            if seen > MOST_ENTRIES or path.count("/") > DEEPEST:
                raise ValueError("it holds more groups than a model has")
            if name not in NOT_NEEDED:
                waiting.append((f"{path}/{name}".lstrip("/"), group[name]))


def _checked_size(dataset, path):
    """How many bytes it holds, compared with what is stored before anything is read."""
    if dataset.external or dataset.is_virtual:
        raise ValueError(f"{path[-60:]!r} in it keeps its numbers in other files; it is not trusted")
    stored = min(dataset.id.get_storage_size(), dataset.file.id.get_filesize())
    if dataset.nbytes > stored * (SQUEEZE if dataset.chunks else 1):
        raise ValueError(f"{path[-60:]!r} claims {dataset.nbytes:,} bytes and stores {stored:,}")
    return dataset.nbytes


def _words(value):
    """An attribute as a string or a list of strings."""
    if isinstance(value, (bytes, str)):
        return value.decode("utf-8") if isinstance(value, bytes) else value
    return [_words(part) if isinstance(part, (bytes, str)) else str(part) for part in np.ravel(value)]


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
    sys.stdout.buffer.writelines(answer_for(given))
