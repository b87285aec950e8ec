"""Zips that are no zips, or not to be trusted: one sentence, and nothing goes to the disk."""

import io
import struct
import zipfile

import old_keras as old
import pytest

from xaiteach.files import archive
from xaiteach.files.archive import read_zip


def deflated(sizes):
    """Files of zeros."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for i, size in enumerate(sizes):
            made.writestr(f"{i}.h5", bytes(size))
    return file.getvalue()


def lying():
    """It says 10 bytes where there are 100,000."""
    data = bytearray(deflated([100_000]))
    central = data.rfind(b"PK\1\2")
    data[central + 24 : central + 28] = struct.pack("<I", 10)
    return bytes(data)


def locked():
    data = bytearray(old.zipped({"a.h5": b"x"}))
    data[data.rfind(b"PK\1\2") + 8] |= 1
    return bytes(data)


ZIPS = {
    "larger than": [lambda: deflated([200_000] * 6)],
    "damaged": [lying, lambda: old.zipped({"a.h5": "x" * 50}).replace(b"xxx", b"xyx")],
    "password": [locked],
    "5,001 files": [lambda: old.zipped({str(i): "" for i in range(5_001)})],
    "not a zip": [lambda: b"", lambda: b"<html>", lambda: old.zipped({"a": "b"})[:-20]],
}


@pytest.mark.parametrize(("words", "make"), [(words, make) for words in ZIPS for make in ZIPS[words]])
def test_a_zip_that_is_no_zip_or_not_to_be_trusted_is_refused(words, make, monkeypatch):
    monkeypatch.setattr(archive, "MOST_BYTES", 1_000_000)
    with pytest.raises(ValueError, match=words) as error:
        read_zip(make(), "export.zip")
    assert "export.zip" in str(error.value) and "\n" not in str(error.value)


def test_one_of_two_files_of_one_name_is_not_chosen():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made, pytest.warns(UserWarning):
        made.writestr("a.h5", "1")
        made.writestr("a.h5", "2")
    with pytest.raises(ValueError, match="several of one name"):
        read_zip(file.getvalue(), "export.zip")
