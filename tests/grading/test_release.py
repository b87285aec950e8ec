"""The teacher's commands as they are typed, and a JupyterLab for learners that has none of the teacher's menus."""

import json
import os
import subprocess
import sys
from pathlib import Path

import commands
import pytest

ROOT = Path(__file__).resolve().parents[2]
NEWS = "@jupyterlab/apputils-extension:announcements"


def test_a_lesson_is_released_by_its_number_from_any_shell(tmp_path):
    command = [
        sys.executable,
        ROOT / "tools" / "grading" / "commands.py",
        "release",
        "03",
        "--course",
        tmp_path,
    ]
    variables = {**os.environ, "PATH": "/usr/bin:/bin"} if os.name == "posix" else None
    done = subprocess.run(command, capture_output=True, text=True, env=variables)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "release" / "03_grad_cam.zip").exists()


@pytest.mark.parametrize("words", [["release", "77"], ["grade", "03", "--submissions", "nowhere"]])
def test_a_wrong_word_is_answered_in_one_sentence(tmp_path, words):
    with pytest.raises(SystemExit) as refusal:
        commands.main([*words, "--course", str(tmp_path)])
    assert "03_grad_cam" in str(refusal.value) and "\n" not in str(refusal.value)


def test_learners_meet_nothing_of_nbgrader_and_no_question_about_news_in_jupyterlab():
    ask = """if True:
        import json
        from jupyter_core.paths import jupyter_config_path
        from jupyter_server.extension.config import ExtensionConfigManager
        from jupyterlab_server.config import get_static_page_config
        extensions = ExtensionConfigManager(read_config_path=jupyter_config_path()).get_jpserver_extensions()
        print(json.dumps([extensions, get_static_page_config()]))
    """
    variables = {**os.environ, "JUPYTER_CONFIG_PATH": str(ROOT / "tools" / "jupyter")}
    said = subprocess.run(
        [sys.executable, "-c", ask], capture_output=True, text=True, env=variables, check=True
    )
    extensions, page = json.loads(said.stdout)
    assert {name for name, is_on in extensions.items() if "nbgrader" in name and is_on} == set()
    assert extensions["jupyterlab"]
    assert page["disabledExtensions"] == {"@jupyter/nbgrader": True, NEWS: True}
