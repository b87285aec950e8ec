"""What is handed out, the commands as they are typed, and a JupyterLab without the teacher's menus."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import commands
import gradebook
import nbformat
import pytest
from example_class import NAME, another_check, solution
from filelock import FileLock
from jupyter_core.paths import jupyter_config_path
from jupyter_server.extension.config import ExtensionConfigManager
from jupyterlab_server.config import get_static_page_config

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = ROOT / "tools" / "grading" / "commands.py"
NEWS = "@jupyterlab/apputils-extension:announcements"


def test_a_lesson_is_released_by_its_number_from_any_shell(tmp_path):
    command = [sys.executable, COMMANDS, "release", "03", "--course", tmp_path]
    variables = {**os.environ, "PATH": "/usr/bin:/bin"} if os.name == "posix" else None
    done = subprocess.run(command, capture_output=True, text=True, env=variables)
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(tmp_path / "release" / "03_grad_cam.zip") as archive:
        notebook = nbformat.reads(archive.read("03_grad_cam.ipynb").decode(), 4)
    assert "hint" in notebook.cells[0].source


@pytest.mark.parametrize("words", ["release 77", "release 03 77", "grade 03 --submissions nowhere"])
def test_a_wrong_word_is_answered_in_one_sentence(tmp_path, words):
    with pytest.raises(SystemExit, match=r"^.*03_grad_cam.*\Z"):
        commands.main([*words.split(), "--course", str(tmp_path)])


def test_limits_and_a_container_are_as_they_were_typed_and_two_runs_are_not_mixed(tmp_path, monkeypatch):
    graded = []
    monkeypatch.setattr(commands, "grade", lambda *given: graded.append(given))
    words = ["grade", "03", "--submissions", "handed-in", "--seconds", "300", "--memory", "2", "--force"]
    words += ["--inside", "docker run", "--course", str(tmp_path)]
    commands.main(words)
    assert graded == [(tmp_path.resolve(), "03_grad_cam", "handed-in", (300, 2, "docker run"), True)]
    with FileLock(tmp_path / ".lock"), pytest.raises(SystemExit, match="Another run is busy"):
        commands.main(words)


def test_learners_meet_nothing_of_nbgrader_and_no_question_about_news_in_jupyterlab(monkeypatch):
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", str(ROOT / "tools" / "jupyter"))
    extensions = ExtensionConfigManager(read_config_path=jupyter_config_path()).get_jpserver_extensions()
    assert {name for name, is_on in extensions.items() if "nbgrader" in name and is_on} == set()
    assert extensions["jupyterlab"]
    page = get_static_page_config()
    assert page["disabledExtensions"] == {"@jupyter/nbgrader": True, NEWS: True}


class Course:
    """A course of its own, with somebody who was graded, though nothing was run."""

    def __init__(self, folder):
        self.folder = folder
        self.archive = folder / "release" / f"{NAME}.zip"
        self.source = folder / "source" / NAME / f"{NAME}.ipynb"
        notebook = nbformat.read(folder / "release" / NAME / f"{NAME}.ipynb", 4)
        gradebook.save(folder, NAME, "ann", notebook, notebook)

    def release(self, change=lambda cells: None, **options):
        """Release the solution, with something changed."""
        path, notebook = self.folder / "solutions" / f"{NAME}_solution.ipynb", solution()
        change(notebook.cells)
        nbformat.write(notebook, path)
        return commands.release(self.folder, path, **options)

    def handed_out(self):
        with zipfile.ZipFile(self.archive) as archive:
            return archive.read(f"{NAME}.ipynb")


@pytest.fixture
def own_course(fresh, tmp_path):
    return Course(shutil.copytree(fresh, tmp_path / "course"))


def test_an_unchanged_release_is_left_alone_and_a_file_that_was_lost_is_made_again_as_it_was(own_course):
    assert "as it was" in own_course.release()
    content = own_course.handed_out()
    for lost in (own_course.archive, own_course.folder / "release" / NAME / f"{NAME}.ipynb"):
        lost.unlink()
        assert "is new" in own_course.release()
        assert lost.exists() and own_course.handed_out() == content


def test_a_release_is_renewed_only_on_demand_once_there_are_submissions(own_course):
    before = own_course.archive.read_bytes()

    def change(cells):
        cells[-1].source = "The very end."

    with pytest.raises(ValueError, match="--force"):
        own_course.release(change)
    assert own_course.archive.read_bytes() == before
    assert "is new" in own_course.release(change, force=True)
    assert own_course.archive.read_bytes() != before
    assert gradebook.grades(own_course.folder, NAME, "ann")[0][:2] == ("build_grad_cam", 4)


def test_a_release_with_a_task_less_or_more_than_submissions_have_is_refused(own_course):
    before = own_course.source.read_bytes()
    for change in (lambda cells: cells.__delitem__(slice(5, 8)), lambda cells: cells.append(another_check())):
        with pytest.raises(ValueError, match="other tasks now .* --course"):
            own_course.release(change, force=True)
    assert own_course.source.read_bytes() == before
