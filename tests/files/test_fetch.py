"""Whatever the mirrors do: the published files or one clear error, and never a broken cache."""

import hashlib
import json
import os
import signal
import socket
import subprocess
import sys

import mirrors as serve
import pytest

from xaiteach.files import download
from xaiteach.files.download import fetch

BODIES = {name: name.encode() * 100_000 for name in ("one.gz", "two.gz")}
HASHES = {name: hashlib.sha256(body).hexdigest() for name, body in BODIES.items()}
HASHES["two.gz"] = HASHES["two.gz"][:8]
FETCH_WHEN_TOLD = """
import json, sys
from pathlib import Path
from xaiteach.files.download import fetch
print("ready", flush=True)
hashes, url, folder = json.loads(sys.stdin.readline())
fetch(hashes, [url], Path(folder), time_limit=60, progress=False, advice="")
"""
BAD = {
    serve.trickle: r"not done after 0.5 s, at [\d,]+ bytes",
    serve.silent_half_way: "timed out",
    serve.cut_off: "IncompleteRead",
    serve.wrong_bytes: "not the published file, whose hash begins with",
    serve.not_found: "404",
}


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "files"


@pytest.fixture
def get(folder):
    """get(url, …): the files from these mirrors."""
    return lambda *urls, hashes=HASHES, time_limit=60: fetch(
        hashes, urls, folder, time_limit=time_limit, progress=False, advice="ask a friend"
    )


@pytest.fixture
def dead_url():
    """An address where nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}/"


def kept(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != ".lock"}


@pytest.mark.parametrize("behaviour", [serve.good, serve.without_length, serve.labelled_gzip])
def test_one_good_mirror_is_enough_and_what_is_kept_is_not_fetched_again(
    behaviour, start, get, folder, dead_url
):
    """A whole class can read what is kept."""
    mirror = start(behaviour, BODIES)
    get(mirror.url.rstrip("/"))
    get(dead_url)
    assert sorted(mirror.requested) == sorted(BODIES)
    assert kept(folder) == BODIES
    assert os.name == "nt" or {path.stat().st_mode & 0o044 for path in folder.glob("*.gz")} == {0o044}


@pytest.mark.parametrize("behaviour", [serve.cut_off, serve.wrong_bytes])
def test_after_a_bad_mirror_comes_the_next(behaviour, start, get, folder, dead_url):
    bad, good = start(behaviour, BODIES), start(serve.good, BODIES)
    get(bad.url, dead_url, good.url)
    assert len(bad.requested) == 1, "a mirror that failed is asked last from then on"
    assert kept(folder) == BODIES


def test_a_mirror_that_failed_is_asked_again_where_the_others_fail(start, get, folder):
    """One mirror lacks the first file, the other lacks the second: together they have everything."""

    def without(name):
        return lambda handler, body: (serve.not_found if name in handler.path else serve.good)(handler, body)

    get(start(without("one"), BODIES).url, start(without("two"), BODIES).url)
    assert kept(folder) == BODIES


@pytest.mark.parametrize(("behaviour", "reason"), BAD.items())
def test_a_bad_mirror_alone_is_named_with_its_reason_and_leaves_nothing(
    behaviour, reason, start, get, folder, monkeypatch
):
    """The limits are short for the two that never end; the others fail whatever the limits are."""
    monkeypatch.setattr(download, "TIMEOUT", (10, 0.5 if behaviour is serve.silent_half_way else 60))
    mirror = start(behaviour, BODIES)
    with pytest.raises(ConnectionError, match=rf"{mirror.url}: .*{reason}"):
        get(mirror.url, time_limit=0.5 if behaviour is serve.trickle else 60)
    assert kept(folder) == {}


def test_no_more_than_the_largest_published_file_is_read(start, get, monkeypatch):
    monkeypatch.setattr(download, "MOST_BYTES", 10)
    with pytest.raises(ConnectionError, match="more than 10 bytes"):
        get(start(serve.trickle, BODIES).url, time_limit=600)


def test_the_error_names_every_mirror_and_what_to_do(start, get, dead_url, folder):
    mirror = start(serve.not_found, BODIES)
    with pytest.raises(ConnectionError) as error:
        get(dead_url, mirror.url)
    for part in (dead_url, "refused", mirror.url, "404", "ask a friend", str(folder), *BODIES):
        assert part in str(error.value)


@pytest.mark.parametrize("damage", [lambda body: b"", lambda body: body[:-9], lambda body: body[::-1]])
def test_files_put_there_by_hand_are_taken_and_a_damaged_one_is_fetched_again(damage, start, get, folder):
    folder.mkdir()
    (folder / "one.gz").write_bytes(damage(BODIES["one.gz"]))
    (folder / "two.gz").write_bytes(BODIES["two.gz"])
    mirror = start(serve.good, BODIES)
    get(mirror.url)
    assert mirror.requested == ["one.gz"]
    assert kept(folder) == BODIES


def test_some_publishers_name_an_md5_and_without_a_hash_a_file_is_whole_where_its_length_is(
    start, get, folder
):
    for hashes, behaviour, words in (
        ({"one.gz": "md5:" + "0" * 32}, serve.good, "not the published file"),
        ({"one.gz": ""}, serve.cut_off, "IncompleteRead"),
    ):
        with pytest.raises(ConnectionError, match=words):
            get(start(behaviour, BODIES).url, hashes=hashes)
    md5 = "md5:" + hashlib.md5(BODIES["one.gz"]).hexdigest()
    get(start(serve.good, BODIES).url, hashes={"one.gz": md5, "two.gz": ""})
    assert kept(folder) == BODIES


def test_a_cache_that_cannot_be_written_is_named(tmp_path, dead_url):
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="can't be kept in .*file.* set .* XAITEACH_CACHE"):
        fetch(HASHES, [dead_url], tmp_path / "file" / "mnist", time_limit=1, advice="")


def test_the_cache_is_the_users_own_unless_told(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("XAITEACH_CACHE", raising=False)
    assert "xaiteach" in download.cache_folder().parts
    monkeypatch.setenv("XAITEACH_CACHE", "~/elsewhere")
    assert download.cache_folder() == download.Path.home() / "elsewhere"


def start_fetching():
    """Another Python that is about to fetch, and waits for the word."""
    command = [sys.executable, "-c", FETCH_WHEN_TOLD]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "ready\n"
    return process


def go(process, mirror, folder, hashes=HASHES):
    process.stdin.write(json.dumps([hashes, mirror.url, str(folder)]) + "\n")
    process.stdin.flush()


def test_two_processes_at_once_fetch_each_file_once(start, folder):
    mirror = start(serve.slow, BODIES)
    processes = [start_fetching() for _ in range(2)]
    for process in processes:
        go(process, mirror, folder)
    assert [process.wait() for process in processes] == [0, 0]
    assert sorted(mirror.requested) == sorted(BODIES)
    assert kept(folder) == BODIES


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs a signal that can't be caught")
def test_a_download_killed_at_any_point_leaves_no_half_file_and_the_next_one_is_clean(start, folder, get):
    for share in (0, 0.1, 0.5, 1):
        mirror, process = start(serve.kill_at(share), BODIES), start_fetching()
        mirror.victim = process
        go(process, mirror, folder, {"one.gz": HASHES["one.gz"]})
        assert process.wait() == -signal.SIGKILL
        assert kept(folder).get("one.gz") in (None, BODIES["one.gz"])
    assert kept(folder), "the killed processes leave what was half written"
    get(start(serve.good, BODIES).url)
    assert kept(folder) == BODIES
