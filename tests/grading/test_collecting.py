"""Where submissions are found, which file is taken, and what is no notebook."""

import os
import zipfile
from pathlib import Path

import collecting
import nbformat
import pytest
from example_class import answered
from submissions import Unusable

NAME = "03_small"


def _zip(path, names, content="{}"):
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            info = zipfile.ZipInfo(name)
            info.filename = name  # with backslashes, where it has some
            archive.writestr(info, content)
    return path


def _folder(path, names, content="{}"):
    for name in names:
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text(content, "utf-8")
    return path


def _found(folder):
    found = collecting.find(folder, NAME, ["04_lime"])
    return {student: [file.path for file in files] for student, files in found.items()}


NO_NOTEBOOKS = [b"", b"\xff\xfe", b"[]", b'{"cells": 5}', b'{"cells": [{"source": 1}], "nbformat": 4}']
BESIDE = ["points.csv", ".DS_Store"]
DEEP = ["ann lee/x.ipynb", "bo/deep/y.ipynb", "bo/.ipynb_checkpoints/z.ipynb", "__MACOSX/z", ".DS_Store"]
FLAT = ["ann lee_03_small.ipynb", "bo-03_small.ipynb", "bo_04_LIME.ipynb", "__MACOSX/z.ipynb"]


@pytest.mark.parametrize("make", [_zip, _folder])
@pytest.mark.parametrize("around", ["", "class/", "outer/class/", "outer\\class\\"])
@pytest.mark.parametrize("names", [DEEP, FLAT])
def test_submissions_are_found_as_folders_files_or_a_zip(make, around, names, tmp_path):
    names = [around + name if around[-1:] != "\\" else (around + name).replace("/", "\\") for name in names]
    if make is _zip or "\\" not in around:
        found = _found(make(tmp_path / "class", names + BESIDE * bool(around)))
        assert {student: len(files) for student, files in found.items()} == {"ann lee": 1, "bo": 1}


def test_a_notebook_in_a_zip_of_its_own_is_found_and_what_has_none_has_a_row_too(tmp_path):
    for student in ("bo", "dan"):
        (tmp_path / student).mkdir()
    _zip(tmp_path / "ann_03_small.zip", ["03_small.ipynb"])
    _zip(tmp_path / "bo" / "03_small.zip", ["03_small.ipynb"], nbformat.writes(nbformat.v4.new_notebook()))
    _zip(tmp_path / "hal.zip", ["hal.txt"])
    _folder(tmp_path, ["cem.zip"])
    expected = {"ann": ["03_small.ipynb"], "bo": ["03_small.zip/03_small.ipynb"], "cem": ["cem.zip"]}
    assert _found(tmp_path) == {**expected, "dan": [], "hal": ["hal.txt"]}
    assert collecting.read(collecting.find(tmp_path, NAME)["bo"][0]) == []


@pytest.mark.parametrize(
    "names, students",
    [
        (["ann/my-course/exercises/03_small.ipynb", "ann/my-course/solutions/x.ipynb"], ["ann"]),
        (["ann/mine.ipynb", "ann/figures/x.png", "ann/data/x.csv"], ["ann"]),
        (["ann/deep/x.ipynb"], ["ann"]),
        (["ann/03_small.ipynb", "ann/03_small (1).ipynb"], ["ann"]),  # two versions
        (["DORA_03_SMALL.IPYNB", "Emil.docx", "gil.zip"], ["DORA", "Emil", "gil"]),
        (["ann/x.ipynb", "bo.ipynb", "points.csv"], ["ann", "bo"]),
        # Files that name nobody are a student each: two learners who sent them as they are.
        (["03_small.ipynb", "03_small (1).ipynb", "ann_03_small.ipynb"], ["03_small _1_", "03_small", "ann"]),
        # Canvas numbers the person and the file; Moodle has a folder for a text typed online.
        (["lee_LATE_123_45678_03_small.ipynb", "lee_123_45679_03_small-1.ipynb"], ["lee_123"]),
        (["kim_124_45680_x.ipynb", "lee_7_12_03_small.ipynb"], ["kim_124", "lee_7_12"]),
        (["A2_lee_123_45678_03_small.ipynb", "lee_7_13_03_small.ipynb"], ["A2_lee_123_45678", "lee_7_13"]),
        (["Bo_7_assignsubmission_file_/x.ipynb", "Bo_7_assignsubmission_onlinetext_/o.html"], ["Bo_7"]),
    ],
)
@pytest.mark.parametrize("make", [_zip, _folder])
def test_students_are_known_by_their_folders_or_files_whatever_is_inside(tmp_path, make, names, students):
    found = _found(make(tmp_path / "class.zip", names))
    assert list(found) == students
    assert "x.ipynb" in found.get("Bo_7", ["x.ipynb"])


def test_names_are_safe_and_short_and_stay_two(tmp_path):
    for student in ("ann*", "ann?", "Ann!", "=cmd()", "李" * 80, "x\udcf6"):
        (tmp_path / os.fsdecode(os.fsencode(student))).mkdir()
    found = list(collecting.find(tmp_path, NAME))
    assert found == ["_cmd__", "Ann_", "ann__", "ann___", "x_", "李" * 33]


def test_links_pipes_devices_and_what_lies_very_deep_are_not_taken(tmp_path):
    elsewhere = _folder(tmp_path / "elsewhere", ["x.ipynb"])
    ann = _folder(tmp_path / "class", ["ann/03_small.ipynb"]) / "ann"
    for number, target in enumerate((".", ".", elsewhere, elsewhere / "x.ipynb", "/dev/zero", "/nowhere")):
        (ann / f"{number}.ipynb").symlink_to(target)
    os.mkfifo(ann / "pipe.ipynb")
    assert _found(tmp_path / "class") == {"ann": ["03_small.ipynb"]}
    _zip(tmp_path / "class.zip", ["/".join(["ann", *"a" * depth, "x.ipynb"]) for depth in (18, 19)])
    assert [path.count("/") for path in _found(tmp_path / "class.zip")["ann"]] == [18]


@pytest.mark.parametrize(
    "make, error", [(None, FileNotFoundError), (Path.touch, ValueError), (Path.mkdir, ValueError)]
)
def test_a_place_without_submissions_is_refused_in_words(tmp_path, make, error):
    if make:
        make(tmp_path / "class")
    with pytest.raises(error, match="class"):
        collecting.find(tmp_path / "class", NAME)


@pytest.mark.parametrize(
    "names",
    [
        ["a_very_long_other_name.ipynb", "03_small.ipynb"],
        ["03_small-Copy1.ipynb", "03_small_old_version.ipynb", "03_small.ipynb"],
        ["03_small.ipynb", "03_small-1.ipynb"],
        ["03_small (2).ipynb", "03_small (10).ipynb"],
        ["old_03_small.ipynb", "03_small.ipynb"],
        ["03_small_solution.ipynb", "03_small_solution-1.ipynb", "x.ipynb"],
    ],
)
def test_of_several_files_the_plain_name_with_the_last_number_is_taken_else_the_newest(tmp_path, names):
    def write_in_order(folder, names):
        for number, name in enumerate(names):
            _folder(folder / "ann", [name])
            os.utime(folder / "ann" / name, (10**9 + 5 * number, 10**9 + 5 * number))

    write_in_order(tmp_path / "class", reversed(names))  # the right one is the oldest
    assert _found(tmp_path / "class")["ann"][-1] == names[-1]
    write_in_order(tmp_path / "another", ["b.ipynb", "a.ipynb"])
    assert _found(tmp_path / "another")["ann"] == ["b.ipynb", "a.ipynb"]


def test_the_file_of_this_lesson_that_is_begun_is_chosen(tmp_path, released):
    """A file of another lesson, and an untouched copy, have the better names."""
    other = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# My holidays")])
    notebooks = {"03_small-1": other, "03_small": released, "mine\udcf6": answered(released)}
    for name, notebook in notebooks.items():
        _folder(tmp_path, [f"ann/{name}.ipynb"], nbformat.writes(notebook))
    taken, cells = collecting.choose(collecting.find(tmp_path, NAME)["ann"], released)
    assert taken == "mine_.ipynb" and cells[3].source == answered(released).cells[3].source


@pytest.mark.parametrize("begun, taken", [([0, 60], 60), ([0, 5, 60], 60), ([0], 60), ([11, 12], 12)])
def test_of_very_many_files_the_last_fifty_are_looked_into(tmp_path, released, begun, taken):
    """Of 61: an older one that is begun is the learner's, but not one of the first eleven."""
    for number in range(61):
        notebook = answered(released) if number in begun else released
        _folder(tmp_path, [f"ann/03_small-{number}.ipynb"], nbformat.writes(notebook))
    name, _ = collecting.choose(collecting.find(tmp_path, NAME)["ann"], released)
    assert name == f"03_small-{taken}.ipynb"


@pytest.mark.parametrize(
    "name, content, words",
    [
        ("ann_03_small_solution.ipynb", b"{}", "only a solution, ann_03_small_solution.ipynb"),
        *[("ann.ipynb", content, "not a notebook$") for content in NO_NOTEBOOKS],
        ("ann.ipynb", b" " * 1_000_001, "not a notebook: more than 1 MB"),
    ],
)
def test_what_is_no_notebook_of_the_learners_is_refused_in_words(tmp_path, monkeypatch, name, content, words):
    monkeypatch.setattr(collecting, "LARGEST", 1_000_000)
    (tmp_path / name).write_bytes(content)
    with pytest.raises(Unusable, match=words):
        collecting.choose(collecting.find(tmp_path, NAME)["ann"], None)
