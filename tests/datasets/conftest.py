"""A small MNIST of our own, and no network."""

import gzip
import hashlib
import socket

import numpy as np
import pytest

from xaiteach.datasets import mnist


def to_idx(array):
    """The bytes of an IDX file, not yet compressed."""
    header = np.array([0x0800 + array.ndim, *array.shape], ">u4").tobytes()
    return header + array.tobytes()


@pytest.fixture(scope="session")
def small_mnist():
    """20 digits to train and 10 to test: {name: array}."""
    rng = np.random.default_rng(0)
    return {
        "train-images-idx3-ubyte.gz": rng.integers(0, 256, (20, 28, 28), np.uint8),
        "train-labels-idx1-ubyte.gz": rng.integers(0, 10, 20, np.uint8),
        "t10k-images-idx3-ubyte.gz": rng.integers(0, 256, (10, 28, 28), np.uint8),
        "t10k-labels-idx1-ubyte.gz": rng.integers(0, 10, 10, np.uint8),
    }


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
