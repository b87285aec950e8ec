"""Whatever the mirrors do: the right digits or one clear error, and never a broken cache."""

import json
import os
import subprocess
import sys
import time

import mirrors as serve
import numpy as np
import pytest

from xaiteach.datasets import mnist
from xaiteach.files import download

LOAD_WHEN_TOLD = """
import json, sys
from xaiteach.datasets import mnist
mnist.SHA256.update(json.loads(sys.argv[1]))
mnist.MIRRORS = ()
print("ready", flush=True)
sys.stdin.readline()
mnist.load_mnist("full", progress=False)
"""

BAD = {
    serve.trickle: "not done after 1.5 s",
    serve.silent_half_way: "timed out",
    serve.cut_off: "IncompleteRead",
    serve.wrong_bytes: "hash .* does not match",
    serve.not_found: "404",
}


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "mnist"


@pytest.fixture
def load(monkeypatch):
    """load(url, …): the full MNIST from these mirrors alone, with little patience."""
    monkeypatch.setattr(download, "READ_TIMEOUT", 1)

    def load(*urls):
        monkeypatch.setattr(mnist, "MIRRORS", urls)
        return mnist.load_mnist("full", time_limit=1.5, progress=False)

    return load


def files_in(folder):
    return {path.name for path in folder.iterdir() if path.name != ".lock"}


def check_digits(got, small_mnist):
    for have, array in zip(got, small_mnist.values(), strict=True):
        want = array[..., np.newaxis] / np.float32(255) if array.ndim == 3 else array
        np.testing.assert_array_equal(have, want)
    assert [array.dtype for array in got] == ["float32", "int64", "float32", "int64"]


@pytest.mark.parametrize("behaviour", [serve.good, serve.without_length, serve.labelled_gzip])
def test_one_good_mirror_is_enough(behaviour, start_mirror, load, small_mnist, folder):
    mirror = start_mirror(behaviour)
    check_digits(load(mirror.url), small_mnist)
    assert sorted(mirror.requested) == sorted(small_mnist)
    assert files_in(folder) == set(small_mnist)


def test_an_address_without_a_closing_slash_is_the_same(start_mirror, load, small_mnist):
    check_digits(load(start_mirror(serve.good).url.rstrip("/")), small_mnist)


def test_what_is_kept_is_not_fetched_again(start_mirror, load, small_mnist, dead_url):
    load(start_mirror(serve.good).url)
    check_digits(load(dead_url), small_mnist)


@pytest.mark.parametrize("behaviour", BAD)
def test_after_a_bad_mirror_comes_the_next(behaviour, start_mirror, load, small_mnist, folder):
    bad, good = start_mirror(behaviour), start_mirror(serve.good)
    check_digits(load(bad.url, good.url), small_mnist)
    assert len(bad.requested) == 1, "a mirror that failed is asked last from then on"
    assert files_in(folder) == set(small_mnist)


def test_after_a_dead_mirror_comes_the_next(start_mirror, load, small_mnist, dead_url):
    check_digits(load(dead_url, start_mirror(serve.good).url), small_mnist)


def test_a_mirror_that_failed_is_asked_again_where_the_others_fail(start_mirror, load, small_mnist):
    """One mirror lacks the images, the other lacks the labels: together they have everything."""

    def without(kind):
        return lambda handler, body: (serve.not_found if kind in handler.path else serve.good)(handler, body)

    check_digits(load(start_mirror(without("images")).url, start_mirror(without("labels")).url), small_mnist)


@pytest.mark.parametrize(("behaviour", "reason"), BAD.items())
def test_a_bad_mirror_alone_is_named_with_its_reason(behaviour, reason, start_mirror, load, folder):
    mirror = start_mirror(behaviour)
    with pytest.raises(ConnectionError, match=rf"{mirror.url}: .*{reason}"):
        load(mirror.url)
    assert files_in(folder) == set()


def test_a_trickling_mirror_gets_its_time_and_no_more(start_mirror, load):
    """At a byte every 10 ms it is left after 150; waiting for a block of 1 kB would take ten seconds."""
    mirror = start_mirror(serve.trickle)
    with pytest.raises(ConnectionError, match=r"not done after 1.5 s, at 1?\d\d bytes"):
        load(mirror.url)


def test_the_error_names_every_mirror_and_what_to_do(start_mirror, load, dead_url, folder, small_mnist):
    mirror = start_mirror(serve.not_found)
    with pytest.raises(ConnectionError) as error:
        load(dead_url, mirror.url)
    for part in (dead_url, "refused", mirror.url, "404", 'load_mnist("embedded")', str(folder), *small_mnist):
        assert part in str(error.value)


def test_files_put_there_by_hand_are_taken(load, bodies, folder, dead_url, small_mnist):
    folder.mkdir()
    for name, body in bodies.items():
        (folder / name).write_bytes(body)
    check_digits(load(dead_url), small_mnist)


@pytest.mark.parametrize("damage", [lambda body: b"", lambda body: body[:-9], lambda body: body[::-1]])
def test_a_damaged_file_is_fetched_again(damage, start_mirror, load, bodies, folder, small_mnist):
    mirror = start_mirror(serve.good)
    load(mirror.url)
    name = "t10k-images-idx3-ubyte.gz"
    (folder / name).write_bytes(damage(bodies[name]))
    mirror.requested.clear()
    check_digits(load(mirror.url), small_mnist)
    assert mirror.requested == [name]


def test_mirrors_of_a_school_are_asked_first(start_mirror, load, monkeypatch, small_mnist, dead_url):
    public, school = start_mirror(serve.good), start_mirror(serve.good)
    monkeypatch.setenv("XAITEACH_MNIST_MIRROR", f"{dead_url} {school.url}")
    load(public.url)
    assert sorted(school.requested) == sorted(small_mnist)
    assert public.requested == []


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_files_can_be_read_by_a_whole_class(start_mirror, load, folder):
    load(start_mirror(serve.good).url)
    assert {path.stat().st_mode & 0o777 for path in folder.glob("*.gz")} == {0o644}


def test_a_cache_that_cannot_be_written_is_named(bodies, tmp_path, monkeypatch, load):
    (tmp_path / "file").touch()
    monkeypatch.setenv("XAITEACH_CACHE", str(tmp_path / "file"))
    with pytest.raises(OSError, match="can't be kept in .*file.* set .* XAITEACH_CACHE"):
        load()


def test_the_cache_is_the_users_own_unless_told(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("XAITEACH_CACHE", raising=False)
    assert download.cache_folder().name == "xaiteach"
    monkeypatch.setenv("XAITEACH_CACHE", "~/elsewhere")
    assert download.cache_folder() == download.Path.home() / "elsewhere"


def start_loader(mirror):
    """Another Python that is about to load the full MNIST from this mirror, and waits for the word."""
    return subprocess.Popen(
        [sys.executable, "-c", LOAD_WHEN_TOLD, json.dumps(mnist.SHA256)],
        env={**os.environ, "XAITEACH_MNIST_MIRROR": mirror.url},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def go(process):
    assert process.stdout.readline() == "ready\n", process.stderr.read()
    process.stdin.write("go\n")
    process.stdin.flush()


def test_two_processes_at_once_fetch_each_file_once(start_mirror, small_mnist, load, dead_url):
    mirror = start_mirror(serve.slow)
    processes = [start_loader(mirror) for _ in range(2)]
    for process in processes:
        go(process)
    for process in processes:
        errors = process.communicate(timeout=30)[1]
        assert process.returncode == 0, errors
    assert sorted(mirror.requested) == sorted(small_mnist)
    check_digits(load(dead_url), small_mnist)


def test_after_a_killed_download_the_next_one_is_clean(start_mirror, load, folder, small_mnist):
    process = start_loader(start_mirror(serve.silent_half_way))
    go(process)
    deadline = time.monotonic() + 20
    while not (folder.exists() and any(path.stat().st_size for path in folder.glob("tmp*"))):
        assert time.monotonic() < deadline, "nothing was ever written"
        time.sleep(0.02)
    process.kill()
    process.communicate()
    assert files_in(folder), "the killed process leaves its half-written file"
    check_digits(load(start_mirror(serve.good).url), small_mnist)
    assert files_in(folder) == set(small_mnist)
