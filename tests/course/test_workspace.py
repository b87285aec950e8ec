"""A learner's copy: nothing of theirs is ever lost, and nothing new is missed."""

import json

import pytest

from xaiteach_course.workspace import LESSONS, MANIFEST, WorkspaceError, lesson_files, start, update


@pytest.fixture
def lessons(tmp_path):
    """A course of two lessons and an exercise, with things that are not for learners beside them."""
    folder = tmp_path / "notebooks"
    for name in ("00_ask.ipynb", "01_train.ipynb", "exercises/00.ipynb", "template.ipynb"):
        put(folder / name, f"{name}, version 1")
    put(folder / ".ipynb_checkpoints" / "00_ask-checkpoint.ipynb", "old")
    put(folder / ".gitkeep", "")
    return folder


@pytest.fixture
def mine(tmp_path, lessons):
    """A workspace as it was delivered."""
    folder = tmp_path / "my course"
    start(folder, lessons)
    return folder


def put(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def files_in(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_a_start_delivers_lessons_and_exercises_and_nothing_else(mine):
    assert files_in(mine) == [MANIFEST, "00_ask.ipynb", "01_train.ipynb", "exercises/00.ipynb"]


def test_a_start_never_overwrites(mine, lessons):
    put(mine / "00_ask.ipynb", "my work")
    put(lessons / "00_ask.ipynb", "version 2")
    put(lessons / "01_train.ipynb", "version 2")
    outcomes = start(mine, lessons)
    assert (mine / "00_ask.ipynb").read_text() == "my work"
    assert (mine / "01_train.ipynb").read_text() == "01_train.ipynb, version 1"
    assert outcomes == {"00_ask.ipynb": "waiting", "01_train.ipynb": "waiting", "exercises/00.ipynb": "same"}


def test_a_start_leaves_a_file_that_was_there_before_the_course(tmp_path, lessons):
    put(tmp_path / "mine" / "00_ask.ipynb", "my own notes")
    start(tmp_path / "mine", lessons)
    update(tmp_path / "mine", lessons)
    assert (tmp_path / "mine" / "00_ask.ipynb").read_text() == "my own notes"
    assert (tmp_path / "mine" / "00_ask.new.ipynb").read_text() == "00_ask.ipynb, version 1"


def test_a_deleted_lesson_comes_back(mine, lessons):
    (mine / "00_ask.ipynb").unlink()
    assert start(mine, lessons)["00_ask.ipynb"] == "new"
    assert (mine / "00_ask.ipynb").read_text() == "00_ask.ipynb, version 1"


def test_an_update_replaces_what_the_learner_left_alone(mine, lessons):
    put(lessons / "00_ask.ipynb", "version 2")
    assert update(mine, lessons)["00_ask.ipynb"] == "replaced"
    assert (mine / "00_ask.ipynb").read_text() == "version 2"
    assert not (mine / "00_ask.new.ipynb").exists()


def test_an_update_puts_the_new_version_beside_a_changed_file_once(mine, lessons):
    put(mine / "00_ask.ipynb", "my work")
    put(lessons / "00_ask.ipynb", "version 2")
    assert update(mine, lessons)["00_ask.ipynb"] == "beside"
    assert (mine / "00_ask.ipynb").read_text() == "my work"
    assert (mine / "00_ask.new.ipynb").read_text() == "version 2"
    (mine / "00_ask.new.ipynb").unlink()
    assert update(mine, lessons)["00_ask.ipynb"] == "same", "what was offered once is not offered again"


def test_a_later_version_takes_the_place_of_an_untouched_new_one(mine, lessons):
    put(mine / "00_ask.ipynb", "my work")
    for version in ("version 2", "version 3"):
        put(lessons / "00_ask.ipynb", version)
        update(mine, lessons)
    assert (mine / "00_ask.new.ipynb").read_text() == "version 3"


def test_work_in_a_new_version_is_not_lost_either(mine, lessons):
    put(mine / "00_ask.ipynb", "my work")
    put(lessons / "00_ask.ipynb", "version 2")
    update(mine, lessons)
    put(mine / "00_ask.new.ipynb", "more of my work")
    put(lessons / "00_ask.ipynb", "version 3")
    assert update(mine, lessons)["00_ask.ipynb"] == "blocked"
    assert (mine / "00_ask.new.ipynb").read_text() == "more of my work"
    (mine / "00_ask.new.ipynb").rename(mine / "kept.ipynb")
    assert update(mine, lessons)["00_ask.ipynb"] == "beside"


def test_who_takes_over_the_new_version_gets_the_next_one_in_place(mine, lessons):
    put(mine / "00_ask.ipynb", "my work")
    put(lessons / "00_ask.ipynb", "version 2")
    update(mine, lessons)
    (mine / "00_ask.new.ipynb").replace(mine / "00_ask.ipynb")
    put(lessons / "00_ask.ipynb", "version 3")
    assert update(mine, lessons)["00_ask.ipynb"] == "replaced"


def test_a_new_lesson_comes_with_either_command(mine, lessons):
    put(lessons / "02_look.ipynb", "version 1")
    assert start(mine, lessons)["02_look.ipynb"] == "new"
    put(lessons / "03_explain.ipynb", "version 1")
    assert update(mine, lessons)["03_explain.ipynb"] == "new"


@pytest.mark.parametrize("record", ["", "{", "[]"])
def test_without_a_readable_record_every_difference_is_the_learners(mine, lessons, record):
    put(mine / MANIFEST, record)
    put(lessons / "00_ask.ipynb", "version 2")
    assert update(mine, lessons)["00_ask.ipynb"] == "beside"
    assert (mine / "00_ask.ipynb").read_text() == "00_ask.ipynb, version 1"


def test_the_record_names_what_was_delivered(mine):
    assert sorted(json.loads((mine / MANIFEST).read_text())) == [
        "00_ask.ipynb",
        "01_train.ipynb",
        "exercises/00.ipynb",
    ]


def test_an_interrupted_start_is_finished_by_the_next(tmp_path, lessons, monkeypatch):
    import os

    replace, left = os.replace, iter(range(1))

    def interrupted(source, target):
        next(left)
        replace(source, target)

    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(StopIteration):
        start(tmp_path / "mine", lessons)
    monkeypatch.setattr(os, "replace", replace)
    start(tmp_path / "mine", lessons)
    put(lessons / "00_ask.ipynb", "version 2")
    assert update(tmp_path / "mine", lessons)["00_ask.ipynb"] == "replaced"


def test_folders_that_cannot_be_a_workspace_are_refused(tmp_path, lessons):
    put(tmp_path / "file", "")
    with pytest.raises(WorkspaceError, match="is a file"):
        start(tmp_path / "file", lessons)
    with pytest.raises(WorkspaceError, match="belongs to the course"):
        start(lessons / "mine", lessons)
    with pytest.raises(WorkspaceError, match="python -m xaiteach_course start"):
        update(tmp_path / "nowhere", lessons)
    with pytest.raises(WorkspaceError, match="no lessons in"):
        start(tmp_path / "mine", tmp_path / "nowhere")
    with pytest.raises(WorkspaceError, match="can't be written"):
        start(tmp_path / "file" / "below", lessons)


def test_every_notebook_of_the_course_but_the_template_is_delivered():
    names = {file.as_posix() for file in lesson_files()}
    assert names >= {path.name for path in LESSONS.glob("[0-9][0-9]_*.ipynb")}
    assert "template.ipynb" not in names
