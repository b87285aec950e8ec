"""A small MNIST of our own, and no network."""

import gzip
import hashlib
import socket

import numpy as np
import pytest

from xaiteach.datasets import mnist


def to_idx(array):
    """The bytes of an IDX file, not yet compressed."""
    return np.array([0x0800 + array.ndim, *array.shape], ">u4").tobytes() + array.tobytes()


@pytest.fixture(scope="session")
def small_mnist():
    """20 digits to train and 10 to test: {name: array}."""
    rng, files = np.random.default_rng(0), {}
    for part, n in (("train", 20), ("t10k", 10)):
        files[f"{part}-images-idx3-ubyte.gz"] = rng.integers(0, 256, (n, 28, 28), np.uint8)
        files[f"{part}-labels-idx1-ubyte.gz"] = rng.integers(0, 10, n, np.uint8)
    return files


@pytest.fixture
def bodies(small_mnist, monkeypatch, tmp_path):
    """The four files as served; the package takes them for the real ones, and keeps them in `tmp_path`."""
    bodies = {name: gzip.compress(to_idx(array), mtime=0) for name, array in small_mnist.items()}
    for name, body in bodies.items():
        monkeypatch.setitem(mnist.SHA256, name, hashlib.sha256(body).hexdigest())
    monkeypatch.setattr(mnist, "MIRRORS", ())
    monkeypatch.setenv("XAITEACH_CACHE", str(tmp_path))
    monkeypatch.delenv("XAITEACH_MNIST_MIRROR", raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    return bodies


@pytest.fixture(scope="module")
def no_network():
    """For the rest of the module, any attempt to reach another machine is an error."""

    def refuse(*args, **kwargs):
        raise AssertionError("something wanted the network")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", refuse)
        patch.setattr(socket, "getaddrinfo", refuse)
        yield
