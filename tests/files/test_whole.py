"""Files are there whole or not at all."""

import os
import subprocess
import sys

import pytest

from xaiteach.files.whole import whole, write_whole


def test_a_file_is_written_into_folders_that_were_not_there(tmp_path):
    write_whole(tmp_path / "a" / "b" / "map.npz", b"new")
    assert (tmp_path / "a" / "b" / "map.npz").read_bytes() == b"new"
    assert os.listdir(tmp_path / "a" / "b") == ["map.npz"]


@pytest.fixture
def path(tmp_path):
    """A file that is there already."""
    path = tmp_path / "map.npz"
    path.write_bytes(b"old")
    return path


def test_what_was_there_stays_when_it_cannot_be_moved(path, monkeypatch):
    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", fail)
    with pytest.raises(OSError, match=r"map\.npz can't be written \(No space left on device\)"):
        write_whole(path, b"new")
    assert path.read_bytes() == b"old" and os.listdir(path.parent) == ["map.npz"]


def test_what_was_there_stays_when_writing_fails_half_way_and_a_folder_that_is_a_file_is_named(path):
    with pytest.raises(RuntimeError), whole(path) as file:
        file.write(b"ne")
        raise RuntimeError
    assert path.read_bytes() == b"old" and os.listdir(path.parent) == ["map.npz"]
    with pytest.raises(OSError, match="can't be written"):
        write_whole(path / "map.npz", b"new")


WRITER = """
import sys
from xaiteach.files.whole import write_whole
while True:
    for letter in sys.argv[2:]:
        write_whole(sys.argv[1], letter.encode() * 3_000_000)
        print(flush=True)
"""


def test_of_two_writers_at_once_each_writes_whole_files_also_when_killed_at_any_moment(path):
    command, writers = [sys.executable, "-c", WRITER, str(path)], []
    for letters in ("a", "ab"):
        writers.append(subprocess.Popen([*command, *letters], stdout=subprocess.PIPE))
        writers[-1].stdout.readline()
    seen = {path.read_bytes() for _ in range(30)}
    for process in writers:
        process.kill()
        process.communicate()
        seen.add(path.read_bytes())
    assert seen <= {b"a" * 3_000_000, b"b" * 3_000_000}
