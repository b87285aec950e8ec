"""Files are there whole or not at all."""

import os

import pytest

from xaiteach.writing import write_whole


def test_a_file_is_written_into_folders_that_were_not_there(tmp_path):
    write_whole(tmp_path / "a" / "b" / "map.npz", b"new")
    assert (tmp_path / "a" / "b" / "map.npz").read_bytes() == b"new"
    assert os.listdir(tmp_path / "a" / "b") == ["map.npz"]


@pytest.mark.parametrize("step", ["write_bytes", "replace"])
def test_what_was_there_stays_when_writing_fails(tmp_path, monkeypatch, step):
    path = tmp_path / "map.npz"
    path.write_bytes(b"old")

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_bytes" if step == "write_bytes" else "os.replace", fail)
    with pytest.raises(OSError, match=r"map\.npz can't be written \(No space left on device\)"):
        write_whole(path, b"new")
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["map.npz"]


def test_a_folder_that_is_a_file_is_named(tmp_path):
    (tmp_path / "a").write_bytes(b"a file")
    with pytest.raises(OSError, match="can't be written"):
        write_whole(tmp_path / "a" / "map.npz", b"new")
