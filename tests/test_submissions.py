"""Where submissions are found, which file is taken, and what is no notebook."""

import zipfile
from pathlib import Path

import pytest
import submissions
from submissions import Unusable


@pytest.fixture(params=["folders", "files", "zip", "wrapped zip"])
def exported(request, tmp_path):
    """The same two students, as platforms export them."""
    names = {"folders": ["ann lee/x.ipynb", "bo/deep/y.ipynb", "bo/.ipynb_checkpoints/z.ipynb"]}.get(
        request.param, ["ann lee_03_small.ipynb", "bo-03_small.ipynb", "bo_04_lime.ipynb"]
    )
    if request.param == "wrapped zip":
        names = [f"class/{name}" for name in ("ann lee/x.ipynb", "bo/y.ipynb", "__MACOSX/z", ".DS_Store")]
    if "zip" not in request.param:
        for name in names:
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text("{}")
        return tmp_path
    with zipfile.ZipFile(tmp_path / "class.zip", "w") as archive:
        for name in names:
            archive.writestr(name, "{}")
    return tmp_path / "class.zip"


def test_submissions_are_found_as_folders_files_or_a_zip(exported):
    found = submissions.find(exported, "03_small", others=["04_lime"])
    assert {student: len(files) for student, files in found.items()} == {"ann lee": 1, "bo": 1}


def test_of_two_files_the_one_with_the_name_and_the_later_number_is_taken(tmp_path):
    for name in ("a_very_long_other_name.ipynb", "03_small.ipynb", "03_small-1.ipynb"):
        (tmp_path / "ann").mkdir(exist_ok=True)
        (tmp_path / "ann" / name).touch()
    assert submissions.find(tmp_path, "03_small")["ann"][-1].name == "03_small-1.ipynb"


def test_two_students_whose_names_differ_in_a_sign_stay_two(tmp_path):
    for student in ("ann*", "ann?"):
        (tmp_path / student).mkdir()
    assert list(submissions.find(tmp_path, "03_small")) == ["ann_", "ann__"]


@pytest.mark.parametrize("make, error", [(None, FileNotFoundError), (Path.touch, ValueError), (Path.mkdir, ValueError)])
def test_a_place_without_submissions_is_refused_in_words(tmp_path, make, error):
    if make:
        make(tmp_path / "class")
    with pytest.raises(error, match="class"):
        submissions.find(tmp_path / "class", "03_small")


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe", b"[]", b'{"cells": 5}', b'{"cells": [{"source": 1}], "nbformat": 4}']
)
def test_what_is_not_a_notebook_is_said_to_be_none(tmp_path, content):
    (tmp_path / "x.ipynb").write_bytes(content)
    with pytest.raises(Unusable, match="not a notebook"):
        submissions.read(tmp_path / "x.ipynb")
