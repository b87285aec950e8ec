"""The full MNIST, from a school's mirror or a public one. What mirrors do wrong: files/test_fetch.py."""

import mirrors as serve
import numpy as np
import pytest

from xaiteach.datasets import load_mnist, mnist


@pytest.fixture
def start_mirror(bodies):
    """start_mirror(behaviour) → a running `Mirror` of the four files, stopped after the test."""
    running = []

    def start(behaviour):
        running.append(serve.Mirror(bodies, behaviour))
        return running[-1]

    yield start
    for mirror in running:
        mirror.stop()


def test_the_full_mnist_comes_from_the_public_mirrors_and_is_kept(start_mirror, small_mnist, monkeypatch):
    mirror = start_mirror(serve.good)
    monkeypatch.setattr(mnist, "MIRRORS", (mirror.url,))
    for _ in range(2):
        got = load_mnist("full", progress=False)
        assert [array.dtype for array in got] == ["float32", "int64", "float32", "int64"]
        for have, array in zip(got, small_mnist.values(), strict=True):
            want = array[..., np.newaxis] / np.float32(255) if array.ndim == 3 else array
            np.testing.assert_array_equal(have, want)
    assert sorted(mirror.requested) == sorted(small_mnist)


def test_mirrors_of_a_school_are_asked_first(start_mirror, small_mnist, monkeypatch):
    public, broken, school = (start_mirror(how) for how in (serve.good, serve.not_found, serve.good))
    monkeypatch.setattr(mnist, "MIRRORS", (public.url,))
    monkeypatch.setenv("XAITEACH_MNIST_MIRROR", f"{broken.url} {school.url}")
    load_mnist("full", progress=False)
    assert sorted(school.requested) == sorted(small_mnist)
    assert len(broken.requested) == 1 and public.requested == []


def test_where_there_is_no_network_the_error_says_what_else_can_be_done(start_mirror, monkeypatch, tmp_path):
    mirror = start_mirror(serve.trickle)
    monkeypatch.setattr(mnist, "MIRRORS", (mirror.url,))
    with pytest.raises(ConnectionError) as error:
        load_mnist("full", time_limit=0.3, progress=False)
    for part in (mirror.url, "not done after 0.3 s", 'load_mnist("embedded")', str(tmp_path / "mnist")):
        assert part in str(error.value)
