"""The teacher's commands as they are typed, and a JupyterLab for learners without the teacher's menus."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import commands
import nbformat
import pytest
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


@pytest.mark.parametrize(
    "words",
    [
        ["release", "77"],
        ["release", "03", "77"],
        ["grade", "03", "--submissions", "nowhere"],
    ],
)
def test_a_wrong_word_is_answered_in_one_sentence(tmp_path, words):
    with pytest.raises(SystemExit) as refusal:
        commands.main([*words, "--course", str(tmp_path)])
    assert "03_grad_cam" in str(refusal.value) and "\n" not in str(refusal.value)


def test_two_runs_in_one_folder_are_not_mixed(tmp_path):
    with FileLock(tmp_path / ".lock"), pytest.raises(SystemExit, match="Another run is busy"):
        commands.main(["release", "03", "--course", str(tmp_path)])


def test_limits_and_a_container_are_as_they_were_typed(tmp_path, monkeypatch):
    graded = []
    monkeypatch.setattr(commands, "grade", lambda *given: graded.append(given))
    words = ["grade", "03", "--submissions", "handed-in", "--seconds", "300", "--memory", "2", "--force"]
    commands.main([*words, "--inside", "docker run", "--course", str(tmp_path)])
    assert graded == [(tmp_path.resolve(), "03_grad_cam", "handed-in", (300, 2, "docker run"), True)]


def test_learners_meet_nothing_of_nbgrader_and_no_question_about_news_in_jupyterlab(monkeypatch):
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", str(ROOT / "tools" / "jupyter"))
    extensions = ExtensionConfigManager(read_config_path=jupyter_config_path()).get_jpserver_extensions()
    assert {name for name, is_on in extensions.items() if "nbgrader" in name and is_on} == set()
    assert extensions["jupyterlab"]
    page = get_static_page_config()
    assert page["disabledExtensions"] == {"@jupyter/nbgrader": True, NEWS: True}
