"""Where submissions are found, which file is taken, and what is no notebook."""

import os
import zipfile
from pathlib import Path

import collecting
import nbformat
import pytest
from example_class import answered
from submissions import Unusable
from test_submissions import released  # noqa: F401

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


def test_one_student_stays_one_whatever_is_inside(tmp_path):
    """The course in a folder is no class; a folder with nothing in it is a student."""
    _folder(tmp_path / "a", ["ann/my-course/exercises/03_small.ipynb", "ann/my-course/solutions/x.ipynb"])
    _folder(tmp_path / "b", ["ann/mine.ipynb", "ann/figures/x.png", "ann/data/x.csv"])
    (tmp_path / "c" / "ann").mkdir(parents=True)
    _folder(tmp_path / "d", ["ann/deep/x.ipynb"])
    assert [list(_found(tmp_path / folder)) for folder in "abcd"] == [["ann"]] * 4


def test_a_notebook_in_a_zip_of_its_own_is_found(tmp_path):
    (tmp_path / "bo").mkdir()
    _zip(tmp_path / "ann_03_small.zip", ["03_small.ipynb"])
    _zip(tmp_path / "bo" / "03_small.zip", ["03_small.ipynb"], nbformat.writes(nbformat.v4.new_notebook()))
    _folder(tmp_path, ["cem.zip"])
    found = collecting.find(tmp_path, NAME)
    paths = {student: [file.path for file in files] for student, files in found.items()}
    assert paths == {"ann": ["03_small.ipynb"], "bo": ["03_small.zip/03_small.ipynb"], "cem": ["cem.zip"]}
    assert collecting.read(found["bo"][0]) == []


def test_what_is_no_notebook_has_a_row_too(tmp_path):
    names = ["DORA_03_SMALL.IPYNB", "Emil.docx", "gil.zip"]
    _zip(tmp_path / "hal.zip", ["hal.txt"])
    assert list(_found(_folder(tmp_path, names))) == ["DORA", "Emil", "gil", "hal"]


def test_a_table_beside_the_folders_of_a_class_is_no_student(tmp_path):
    assert list(_found(_folder(tmp_path, ["ann/x.ipynb", "bo.ipynb", "points.csv"]))) == ["ann", "bo"]


def test_what_platforms_add_to_a_name_is_taken_off(tmp_path):
    """Canvas numbers the person and the file; Moodle has a folder for a text typed online."""
    names = ["lee_LATE_123_45678_03_small.ipynb", "lee_123_45679_03_small-1.ipynb", "kim_124_45680_x.ipynb"]
    assert list(_found(_folder(tmp_path / "canvas", names))) == ["kim_124", "lee_123"]
    own = ["A2_lee_123_45678", "lee_7_12", "lee_7_13"]
    assert list(_found(_folder(tmp_path / "own", [f"{student}_03_small.ipynb" for student in own]))) == own
    names = [
        "Bo Kim_7_assignsubmission_file_/x.ipynb",
        "Bo Kim_7_assignsubmission_onlinetext_/onlinetext.html",
    ]
    assert _found(_folder(tmp_path / "moodle", names)) == {"Bo Kim_7": ["x.ipynb"]}


def test_a_file_that_names_nobody_is_a_student_of_its_own(tmp_path):
    """Two learners who sent their files as they are, in a folder of whatever kind."""
    names = ["03_small.ipynb", "03_small (1).ipynb", "ann_03_small.ipynb"]
    assert list(_found(_folder(tmp_path / "class", names))) == ["03_small _1_", "03_small", "ann"]
    assert list(_found(_zip(tmp_path / "class.zip", names))) == ["03_small _1_", "03_small", "ann"]


def test_a_folder_of_a_student_in_a_folder_of_one_student_is_not_opened(tmp_path):
    """Two files that name nobody, in a folder that does, are two versions."""
    found = _found(_folder(tmp_path, ["ann/03_small.ipynb", "ann/03_small (1).ipynb"]))
    assert found == {"ann": ["03_small.ipynb", "03_small (1).ipynb"]}


def test_folders_in_folders_have_a_bound(tmp_path):
    _zip(tmp_path / "class.zip", ["/".join(["ann", *"a" * depth, "x.ipynb"]) for depth in (18, 19)])
    assert [path.count("/") for path in _found(tmp_path / "class.zip")["ann"]] == [18]


def test_names_are_safe_and_short_and_stay_two(tmp_path):
    for student in ("ann*", "ann?", "Ann!", "=cmd()", "李" * 80, "x\udcf6"):
        (tmp_path / os.fsdecode(os.fsencode(student))).mkdir()
    found = list(collecting.find(tmp_path, NAME))
    assert found == ["_cmd__", "Ann_", "ann__", "ann___", "x_", "李" * 33]


def test_links_pipes_and_devices_are_not_taken(tmp_path):
    elsewhere = _folder(tmp_path / "elsewhere", ["x.ipynb"])
    ann = _folder(tmp_path / "class", ["ann/03_small.ipynb"]) / "ann"
    for number, target in enumerate((".", ".", elsewhere, elsewhere / "x.ipynb", "/dev/zero", "/nowhere")):
        (ann / f"{number}.ipynb").symlink_to(target)
    os.mkfifo(ann / "pipe.ipynb")
    assert _found(tmp_path / "class") == {"ann": ["03_small.ipynb"]}


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
def test_of_several_files_the_one_with_the_plain_name_and_the_last_number_is_taken(tmp_path, names):
    for number, name in enumerate(reversed(names)):  # the right one is the oldest
        _folder(tmp_path, [f"ann/{name}"])
        os.utime(tmp_path / "ann" / name, (10**9 + number, 10**9 + number))
    assert _found(tmp_path)["ann"][-1] == names[-1]


def test_of_two_names_that_say_nothing_the_newer_is_taken(tmp_path):
    for seconds, name in ((10**9, "b"), (10**9 + 5, "a")):
        _folder(tmp_path, [f"ann/{name}.ipynb"])
        os.utime(tmp_path / "ann" / f"{name}.ipynb", (seconds, seconds))
    assert _found(tmp_path)["ann"] == ["b.ipynb", "a.ipynb"]


def test_the_file_of_this_lesson_that_is_begun_is_chosen(tmp_path, released):  # noqa: F811
    """A file of another lesson, and an untouched copy, have the better names."""
    other = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# My holidays")])
    for name, notebook in (
        ("03_small-1", other),
        ("03_small", released),
        ("mine\udcf6", answered(released)),
    ):
        _folder(tmp_path, [f"ann/{name}.ipynb"], nbformat.writes(notebook))
    taken, cells = collecting.choose(collecting.find(tmp_path, NAME)["ann"], released)
    assert taken == "mine_.ipynb" and cells[3].source == answered(released).cells[3].source


@pytest.mark.parametrize("begun, taken", [([0, 60], 60), ([0, 5, 60], 60), ([0], 60), ([11, 12], 12)])
def test_of_very_many_files_the_last_fifty_are_looked_into(tmp_path, released, begun, taken):  # noqa: F811
    """Of 61: an older one that is begun is the learner's, but not one of the first eleven."""
    for number in range(61):
        notebook = answered(released) if number in begun else released
        _folder(tmp_path, [f"ann/03_small-{number}.ipynb"], nbformat.writes(notebook))
    name, _ = collecting.choose(collecting.find(tmp_path, NAME)["ann"], released)
    assert name == f"03_small-{taken}.ipynb"


def test_a_solution_alone_is_refused(tmp_path):
    _folder(tmp_path, ["ann/03_small_solution.ipynb"])
    with pytest.raises(Unusable, match="only a solution, 03_small_solution.ipynb"):
        collecting.choose(collecting.find(tmp_path, NAME)["ann"], None)


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe", b"[]", b'{"cells": 5}', b'{"cells": [{"source": 1}], "nbformat": 4}']
)
def test_what_is_not_a_notebook_is_said_to_be_none(tmp_path, content):
    (tmp_path / "ann.ipynb").write_bytes(content)
    with pytest.raises(Unusable, match="not a notebook"):
        collecting.choose(collecting.find(tmp_path, NAME)["ann"], None)


def test_no_more_of_a_file_is_read_than_a_notebook_can_have(tmp_path, monkeypatch):
    monkeypatch.setattr(collecting, "LARGEST", 1_000_000)
    (tmp_path / "ann.ipynb").write_bytes(b" " * 1_000_001)
    with pytest.raises(Unusable, match="not a notebook: more than 1 MB"):
        collecting.choose(collecting.find(tmp_path, NAME)["ann"], None)
