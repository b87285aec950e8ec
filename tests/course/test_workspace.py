"""A learner's copy: nothing of theirs is ever lost, and nothing new is missed."""

import errno
import json
import os
from hashlib import sha256

import pytest

from xaiteach.files import whole
from xaiteach_course import workspace
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


def test_a_start_delivers_and_records_lessons_and_exercises_and_nothing_else(mine):
    delivered = ["00_ask.ipynb", "01_train.ipynb", "exercises/00.ipynb"]
    assert files_in(mine) == [MANIFEST, *delivered]
    assert sorted(json.loads((mine / MANIFEST).read_text())) == delivered
    names = {file.as_posix() for file in lesson_files()}
    assert names >= {path.name for path in LESSONS.glob("[0-9][0-9]_*.ipynb")}
    assert "template.ipynb" not in names


def test_a_start_never_overwrites(mine, lessons):
    put(mine / "00_ask.ipynb", "my work")
    for name in ("00_ask.ipynb", "01_train.ipynb"):
        put(lessons / name, "version 2")
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


@pytest.fixture
def beside(mine, lessons):
    """What came beside a changed lesson: version 2."""
    put(mine / "00_ask.ipynb", "my work")
    put(lessons / "00_ask.ipynb", "version 2")
    assert update(mine, lessons)["00_ask.ipynb"] == "beside"
    assert (mine / "00_ask.ipynb").read_text() == "my work"
    assert (mine / "00_ask.new.ipynb").read_text() == "version 2"
    return mine / "00_ask.new.ipynb"


def test_a_version_is_offered_once_and_a_later_one_takes_the_place_of_one_left_alone(beside, mine, lessons):
    put(lessons / "00_ask.ipynb", "version 3")
    update(mine, lessons)
    assert beside.read_text() == "version 3"
    beside.unlink()
    assert update(mine, lessons)["00_ask.ipynb"] == "same"


def test_work_in_a_new_version_is_not_lost_either(beside, mine, lessons):
    put(beside, "more of my work")
    put(lessons / "00_ask.ipynb", "version 3")
    assert update(mine, lessons)["00_ask.ipynb"] == "blocked"
    assert beside.read_text() == "more of my work"
    beside.rename(mine / "kept.ipynb")
    assert update(mine, lessons)["00_ask.ipynb"] == "beside"


def test_who_takes_over_the_new_version_gets_the_next_one_in_place(beside, mine, lessons):
    beside.replace(mine / "00_ask.ipynb")
    put(lessons / "00_ask.ipynb", "version 3")
    assert update(mine, lessons)["00_ask.ipynb"] == "replaced"
    assert not beside.exists()


@pytest.mark.parametrize("command", [start, update])
def test_a_new_lesson_and_a_deleted_one_come_with_either_command(mine, lessons, command):
    put(lessons / "02_look.ipynb", "version 1")
    (mine / "00_ask.ipynb").unlink()
    outcomes = command(mine, lessons)
    assert outcomes["00_ask.ipynb"] == outcomes["02_look.ipynb"] == "new"
    assert (mine / "00_ask.ipynb").read_text() == "00_ask.ipynb, version 1"


@pytest.mark.parametrize("record", ["", "{", "[]"])
def test_without_a_readable_record_every_difference_may_be_the_learners(mine, lessons, record):
    put(mine / MANIFEST, record)
    put(lessons / "00_ask.ipynb", "version 2")
    outcomes = update(mine, lessons)
    assert outcomes["00_ask.ipynb"] == "unrecorded" and outcomes["01_train.ipynb"] == "same"
    assert (mine / "00_ask.ipynb").read_text() == "00_ask.ipynb, version 1"


def test_an_interrupted_start_is_finished_by_the_next(tmp_path, lessons, monkeypatch):
    replace, left = os.replace, iter(range(1))

    def interrupted(source, target):
        if next(left, None) is None:
            raise KeyboardInterrupt
        replace(source, target)

    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        start(tmp_path / "mine", lessons)
    monkeypatch.setattr(os, "replace", replace)
    start(tmp_path / "mine", lessons)
    put(lessons / "00_ask.ipynb", "version 2")
    assert update(tmp_path / "mine", lessons)["00_ask.ipynb"] == "replaced"


def test_folders_that_cannot_be_a_workspace_are_refused(tmp_path, lessons):
    put(tmp_path / "file", "")
    for folder, words in (
        (tmp_path / "file", "is a file"),
        (tmp_path / "file" / "below", "can't be written.*a folder you may write to.*my-course"),
        (lessons, "belongs to the course"),
        (lessons / "mine", "belongs to the course"),
    ):
        with pytest.raises(WorkspaceError, match=words):
            start(folder, lessons)
    with pytest.raises(WorkspaceError, match="make it one with: (make|py|python) .*lab.*nowhere"):
        update(tmp_path / "nowhere", lessons)
    with pytest.raises(WorkspaceError, match="no lessons in"):
        start(tmp_path / "mine", tmp_path / "nowhere")


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_asks_for_space_and_not_for_another_folder(tmp_path, lessons, monkeypatch, number):
    def is_full(path, mode):
        raise OSError(number, "No space left on device")

    monkeypatch.setattr(whole, "open", is_full, raising=False)
    with pytest.raises(WorkspaceError) as refusal:
        start(tmp_path / "mine", lessons)
    assert str(refusal.value).endswith("(No space left on device); free some space.")


def notebook(*sources, outputs=True):
    """A notebook of code cells, that were run and print something unless told otherwise."""
    printed = [{"output_type": "stream", "name": "stdout", "text": ["the answer\n"]}]
    cells = []
    for number, source in enumerate(sources, start=1):
        run = {"execution_count": number, "metadata": {}, "outputs": printed}
        unrun = {"execution_count": None, "metadata": {}, "outputs": []}
        cells.append({"cell_type": "code", **(run if outputs else unrun), "source": source})
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, indent=1) + "\n"


def outputs_of(path):
    cells = json.loads(path.read_text())["cells"]
    return [cell["outputs"] or cell["execution_count"] for cell in cells]


def test_a_lesson_is_delivered_without_its_answers_and_nothing_else_is_changed(tmp_path, lessons):
    put(lessons / "00_ask.ipynb", notebook("x = 'é'", "x"))
    start(tmp_path / "mine", lessons)
    clean = notebook("x = 'é'", "x", outputs=False).replace("\\u00e9", "é")
    assert (tmp_path / "mine" / "00_ask.ipynb").read_text() == clean
    assert outputs_of(lessons / "00_ask.ipynb") != [None, None], "the course keeps them"


@pytest.fixture
def copy(tmp_path, lessons):
    """A workspace whose first lesson is a real notebook, with one cell."""
    put(lessons / "00_ask.ipynb", notebook("x"))
    start(tmp_path / "copy", lessons)
    return tmp_path / "copy"


@pytest.mark.parametrize("run", [notebook("x"), notebook("x", ""), notebook(["x"])])
def test_what_a_learner_has_run_stays_theirs_until_there_is_a_new_version(copy, lessons, run):
    put(copy / "00_ask.ipynb", run)
    assert start(copy, lessons)["00_ask.ipynb"] == update(copy, lessons)["00_ask.ipynb"] == "same"
    assert (copy / "00_ask.ipynb").read_text() == run
    put(lessons / "00_ask.ipynb", notebook("y"))
    assert update(copy, lessons)["00_ask.ipynb"] == "replaced"
    assert (copy / "00_ask.ipynb").read_text() == notebook("y", outputs=False)


AS_TEXT = notebook("x").replace('"code"', '"markdown"')


@pytest.mark.parametrize("theirs", [notebook("x", "x + 1"), notebook("y"), notebook(), "{", AS_TEXT])
def test_a_lesson_whose_cells_changed_is_not(copy, lessons, theirs):
    put(copy / "00_ask.ipynb", theirs)
    put(lessons / "00_ask.ipynb", notebook("x").replace("the answer", "another answer"))
    assert update(copy, lessons)["00_ask.ipynb"] == "same", "new outputs alone are no new version"
    put(lessons / "00_ask.ipynb", notebook("z"))
    assert update(copy, lessons)["00_ask.ipynb"] == "beside"
    assert (copy / "00_ask.ipynb").read_text() == theirs
    assert (copy / "00_ask.new.ipynb").read_text() == notebook("z", outputs=False)


@pytest.fixture
def older(mine, lessons):
    """A copy that the first edition made: whole files, outputs included, and their hashes as records."""
    put(lessons / "00_ask.ipynb", notebook("x"))
    put(mine / "00_ask.ipynb", notebook("x"))
    files = {name: (mine / name).read_bytes() for name in files_in(mine) if name != MANIFEST}
    put(mine / MANIFEST, json.dumps({name: sha256(content).hexdigest() for name, content in files.items()}))
    return mine


def test_an_older_copy_gets_clean_lessons_in_place_of_untouched_ones(older, lessons):
    assert start(older, lessons)["00_ask.ipynb"] == "waiting"
    outcomes = update(older, lessons)
    assert outcomes == {"00_ask.ipynb": "replaced", "01_train.ipynb": "same", "exercises/00.ipynb": "same"}
    assert outputs_of(older / "00_ask.ipynb") == [None]
    assert update(older, lessons)["00_ask.ipynb"] == "same"


@pytest.mark.parametrize("theirs", [notebook("x").replace("answer", "answer of mine"), notebook("my work")])
def test_what_was_run_or_changed_in_an_older_copy_is_the_learners(older, lessons, theirs):
    put(older / "00_ask.ipynb", theirs)
    assert update(older, lessons)["00_ask.ipynb"] == "same", "it is no newer than what they were given"
    assert (older / "00_ask.ipynb").read_text() == theirs
    assert not (older / "00_ask.new.ipynb").exists()
    put(lessons / "00_ask.ipynb", notebook("z"))
    is_changed = theirs == notebook("my work")
    assert update(older, lessons)["00_ask.ipynb"] == ("beside" if is_changed else "replaced")
    assert ((older / "00_ask.ipynb").read_text() == theirs) is is_changed


@pytest.mark.parametrize(
    "in_venv, system, folder, command",
    [
        (True, "posix", None, "make update"),
        (True, "posix", workspace.ROOT / "my-course", "make update"),
        (True, "posix", "/a b/mine", 'make update WORKSPACE="/a b/mine"'),
        (True, "nt", None, "py tools/course.py update"),
        (True, "nt", "/a b/mine", 'py tools/course.py update "/a b/mine"'),
        (False, "posix", None, "python tools/course.py update --no-setup"),
        (False, "nt", "/mine", 'python tools/course.py update --no-setup "/mine"'),
    ],
)
def test_a_hint_is_what_one_types_on_this_machine(monkeypatch, in_venv, system, folder, command):
    monkeypatch.setattr(workspace, "IN_VENV", in_venv)
    monkeypatch.setattr(workspace, "os", type("os", (), {"name": system}))
    assert workspace.course_command("update", folder) == command
