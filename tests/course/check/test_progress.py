"""What is done is kept in one file, whole, by any number of kernels, and never in the way."""

import json
import subprocess
import sys
import threading
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest
from filelock import FileLock

from xaiteach_course.check import progress
from xaiteach_course.check.progress import recall, remember

TODAY = "2001-02-03"
MANY = """import sys
from xaiteach_course.check.progress import remember
for i in range(20): remember(sys.argv[1] + str(i), True)"""


@pytest.fixture(autouse=True)
def no_midnight(monkeypatch):
    """It is one day all through the tests."""
    monkeypatch.setattr(progress, "date", SimpleNamespace(today=lambda: date.fromisoformat(TODAY)))


@pytest.fixture
def file(tmp_path, monkeypatch):
    path = tmp_path / "new" / "progress.json"
    monkeypatch.setenv("XAITEACH_PROGRESS", str(path))
    fresh(monkeypatch)
    return path


def fresh(monkeypatch):
    """Another kernel."""
    monkeypatch.setattr(progress, "_here", {})


def test_what_is_done_is_known_to_the_next_kernel(file, monkeypatch):
    remember("a", done=False)
    remember("b", done=True)
    fresh(monkeypatch)
    assert recall() == {"a": "", "b": TODAY} == json.loads(file.read_text())


def test_the_first_day_stays_and_done_stays_done(file, monkeypatch):
    file.parent.mkdir()
    file.write_text('{"a": "2020-02-02"}')
    before = file.stat().st_ino
    remember("a", done=True)
    remember("a", done=False)
    assert recall() == {"a": "2020-02-02"} == json.loads(file.read_text())
    assert file.stat().st_ino == before, "without news it is not written"


def test_two_kernels_at_once_lose_nothing(file):
    command = [sys.executable, "-c", MANY]
    kernels = [subprocess.Popen([*command, name]) for name in "ab"]
    assert [kernel.wait() for kernel in kernels] == [0, 0]
    assert set(recall()) == {f"{name}{i}" for name in "ab" for i in range(20)}


def test_while_another_kernel_writes_this_one_waits_and_then_tries_again_next_time(file, monkeypatch):
    monkeypatch.setattr(progress, "PATIENCE", 0.05)
    remember("a", done=True)
    with FileLock(file.with_name(f".{file.name}.lock")):
        writer = threading.Thread(target=remember, args=("b", True), daemon=True)
        writer.start()
        writer.join(30)
        assert not writer.is_alive(), "it waits for ever"
        assert "b" not in json.loads(file.read_text()) and recall()["b"] == TODAY
    remember("a", done=True)
    assert json.loads(file.read_text()) == {"a": TODAY, "b": TODAY}


def test_a_file_that_can_not_be_read_now_is_not_written_over(file, monkeypatch):
    remember("a", done=True)
    fresh(monkeypatch)
    with monkeypatch.context() as patched:
        patched.setattr(Path, "read_text", fails)
        remember("b", done=True)
        assert recall() == {"b": TODAY}
    assert json.loads(file.read_text()) == {"a": TODAY}


def fails(*_, **__):
    raise PermissionError(13, "no")


@pytest.mark.parametrize("damage", [b"", b"\xff\xfe\x00", b"[1]", b'{"a": "2020', b"7", b"[" * 100_000])
def test_a_damaged_file_is_begun_anew(file, damage):
    file.parent.mkdir()
    file.write_bytes(damage)
    assert recall() == {}
    remember("b", done=True)
    assert json.loads(file.read_text()) == {"b": TODAY}


def test_only_days_count_as_done(file):
    file.parent.mkdir()
    file.write_text('{"a": null, "b": false, "c": "2020-02-02"}')
    assert recall() == {"c": "2020-02-02"}


@pytest.mark.parametrize("place", ["a_file/progress.json", "~nobody-has-this-name/progress.json", ""])
def test_where_no_file_can_be_written_this_kernel_knows(place, tmp_path, monkeypatch):
    (tmp_path / "a_file").write_text("in the way")
    monkeypatch.setenv("XAITEACH_PROGRESS", place if place.startswith("~") else str(tmp_path / place))
    fresh(monkeypatch)
    remember("a", done=True)
    assert recall() == {"a": TODAY}
    assert (tmp_path / "a_file").read_text() == "in the way"


def test_off_means_no_file_at_all(tmp_path, monkeypatch):
    monkeypatch.setenv("XAITEACH_PROGRESS", "off")
    monkeypatch.chdir(tmp_path)
    fresh(monkeypatch)
    remember("a", done=True)
    assert recall() == {"a": TODAY} and not list(tmp_path.iterdir())


def test_without_the_variable_the_file_is_in_the_folder_of_the_user(monkeypatch):
    monkeypatch.delenv("XAITEACH_PROGRESS", raising=False)
    assert progress.progress_file().parent.name == "xaiteach" and progress.progress_file().is_absolute()
