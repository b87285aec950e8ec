"""The set-up script: what it refuses, what it repairs, how long it waits. Nothing is downloaded here."""

import ast
import importlib.util
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
from pathlib import Path

import course
import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def environment(tmp_path):
    """An empty checkout in a folder with a blank in its name."""
    root = tmp_path / "my checkout"
    root.mkdir()
    for name in ("requirements.txt", "pyproject.toml"):
        shutil.copy(ROOT / name, root)
    return course.Environment(root)


@pytest.fixture
def steps(environment, monkeypatch):
    """Stands in for the commands of a set-up: each is noted, and makes a Python where `venv` would."""
    taken = []

    def run(command, settings=None):
        taken.append(" ".join(str(part) for part in command))
        environment.python.parent.mkdir(parents=True, exist_ok=True)
        environment.python.touch()
        return 0

    monkeypatch.setattr(course, "run", run)
    monkeypatch.setattr(course, "answers", lambda url: False)
    monkeypatch.setattr(course, "uv_settings", lambda environment: {})
    return taken


@pytest.mark.parametrize("version", [(3, 8), (3, 10, 13), (3, 14, 0), (4, 0)])
def test_a_python_without_support_is_refused_in_one_sentence(version):
    with pytest.raises(SystemExit) as refusal:
        course.check_python(version)
    sentence = str(refusal.value)
    assert "\n" not in sentence
    assert f"this is Python {version[0]}.{version[1]}" in sentence


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 12, 9), (3, 13, 1)])
def test_a_supported_python_is_accepted(version):
    course.check_python(version)


def test_a_mac_without_builds_of_the_frameworks_is_refused_in_one_sentence():
    with pytest.raises(SystemExit, match="Apple silicon") as refusal:
        course.check_machine("darwin", "x86_64")
    assert "\n" not in str(refusal.value)
    course.check_machine("darwin", "arm64")
    course.check_machine("linux", "x86_64")


def test_python_3_8_can_read_the_script_to_the_refusal():
    ast.parse((ROOT / "tools" / "course.py").read_text(encoding="utf-8"), feature_version=(3, 8))


def test_a_python_without_ensurepip_is_refused_in_one_sentence(monkeypatch):
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    with pytest.raises(SystemExit, match="sudo apt install python3-venv") as refusal:
        course.check_venv()
    assert "\n" not in str(refusal.value)


def test_a_finished_set_up_is_not_done_again(environment, steps):
    course.set_up(environment)
    assert environment.is_ready()
    taken = len(steps)
    course.set_up(environment)
    assert len(steps) == taken > 0


def test_the_lock_is_installed_before_the_package_and_uv_before_both(environment, steps):
    course.set_up(environment)
    making, getting_uv, locked, package = steps
    assert making.endswith(f"-m venv --clear {environment.folder}")
    assert getting_uv.endswith("uv") and str(environment.lock) in getting_uv
    assert locked.endswith(f"-r {environment.lock}")
    assert package.endswith(f"--no-deps -e {environment.root}")


def _touch_lock(environment):
    environment.lock.write_text(environment.lock.read_text() + "# a change\n")


def _touch_needs(environment):
    path = environment.root / "pyproject.toml"
    path.write_text(path.read_text() + "# a change\n")


@pytest.mark.parametrize(
    "spoil",
    [
        _touch_lock,
        _touch_needs,
        lambda environment: environment.stamp.unlink(),
        lambda environment: environment.stamp.write_text(environment.stamp.read_text()[:-9]),
        lambda environment: environment.python.unlink(),
        lambda environment: shutil.rmtree(environment.folder),
    ],
    ids=["changed lock", "changed needs", "no stamp", "torn stamp", "no python", "no folder"],
)
def test_anything_but_a_finished_set_up_is_built_again(environment, steps, spoil):
    course.set_up(environment)
    spoil(environment)
    assert not environment.is_ready()
    course.set_up(environment)
    assert environment.is_ready()


def test_a_moved_folder_is_built_again(environment, steps):
    course.set_up(environment)
    moved = environment.root.rename(environment.root.with_name("elsewhere"))
    assert not course.Environment(moved).is_ready()


def test_another_python_is_built_again(environment, steps, monkeypatch):
    course.set_up(environment)
    monkeypatch.setattr(sys, "version_info", (3, 99, 0, "final", 0))
    assert not environment.is_ready()


@pytest.mark.parametrize("step", range(4))
def test_an_interrupted_set_up_leaves_no_stamp_and_is_repaired(environment, steps, monkeypatch, step):
    course.set_up(environment)
    _touch_lock(environment)
    working, left = course.run, iter(range(step))

    def interrupted(command, settings=None):
        if next(left, None) is None:
            raise KeyboardInterrupt
        return working(command, settings)

    monkeypatch.setattr(course, "run", interrupted)
    with pytest.raises(KeyboardInterrupt):
        course.set_up(environment)
    assert not environment.stamp.exists()
    monkeypatch.setattr(course, "run", working)
    course.set_up(environment)
    assert environment.is_ready()


def test_a_failed_step_says_what_to_do_and_leaves_no_stamp(environment, steps, monkeypatch):
    monkeypatch.setattr(course, "run", lambda command, settings=None: 1)
    with pytest.raises(SystemExit, match="Run the same command again to repair it"):
        course.set_up(environment)
    assert not environment.is_ready()


def test_what_uv_cannot_install_pip_installs(environment, steps, monkeypatch):
    noting = course.run

    def without_uv(command, settings=None):
        return noting(command, settings) or int("uv" in command[2:3])

    monkeypatch.setattr(course, "run", without_uv)
    course.set_up(environment)
    assert environment.is_ready()
    assert any("-m pip install" in step and step.endswith(f"-r {environment.lock}") for step in steps)


def test_cpu_builds_are_taken_where_their_index_answers(environment, steps, monkeypatch):
    monkeypatch.setattr(course, "answers", lambda url: url.startswith(course.CPU_INDEX))
    monkeypatch.setattr(sys, "platform", "linux")
    course.set_up(environment)
    cpu, locked = steps[2:4]
    pins = f"{environment.pin('torch')} {environment.pin('torchvision')}"
    assert cpu.endswith(f"--default-index {course.CPU_INDEX} {pins}")
    assert "--no-deps" in cpu
    assert locked.endswith(f"-r {environment.lock}")


def test_a_cpu_index_that_fails_half_way_is_given_up(environment, steps, monkeypatch):
    noting = course.run

    def failing(command, settings=None):
        return noting(command, settings) or int("--default-index" in command)

    monkeypatch.setattr(course, "run", failing)
    monkeypatch.setattr(course, "answers", lambda url: True)
    course.set_up(environment)
    assert environment.is_ready()


@pytest.fixture
def black_hole():
    """A server on this machine that takes every call and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"


@pytest.fixture
def no_proxy(monkeypatch):
    monkeypatch.setenv("no_proxy", "*")


def test_waiting_for_a_silent_index_ends(black_hole, no_proxy):
    assert not course.answers(black_hole, patience=0.7)


def test_the_wait_for_an_index_is_a_few_seconds():
    assert course.PATIENCE <= 5


def test_a_dead_index_does_not_answer(no_proxy):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert not course.answers(f"http://127.0.0.1:{port}/")


@pytest.mark.parametrize("status, expected", [("200 OK", True), ("404 Not Found", False)])
def test_an_index_that_answers_is_told_from_one_without_the_page(no_proxy, status, expected):
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_answer_once, args=(server, status), daemon=True).start()
        assert course.answers(f"http://127.0.0.1:{server.getsockname()[1]}/") is expected


def _answer_once(server, status):
    connection, _ = server.accept()
    with connection:
        connection.recv(1000)
        connection.sendall(f"HTTP/1.0 {status}\r\nContent-Length: 0\r\n\r\n".encode())


@pytest.fixture
def this_python(environment, monkeypatch):
    """The environment with the Python of the tests, and no index configured but what the test sets."""
    environment.python = Path(sys.executable)
    for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    return environment


@pytest.mark.skipif(importlib.util.find_spec("pip") is None, reason="needs pip")
def test_the_index_that_pip_was_told_to_use_is_given_to_uv(this_python, monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", "https://mirror.example/simple")
    assert course.uv_settings(this_python) == {"UV_DEFAULT_INDEX": "https://mirror.example/simple"}
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://another.example/simple")
    assert course.uv_settings(this_python) == {}


def test_commands_run_quietly_in_the_environment(environment, monkeypatch):
    for name in course.QUIET:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OMP_WAIT_POLICY", "active")
    variables = environment.variables()
    assert variables["TF_CPP_MIN_LOG_LEVEL"] == "3"
    assert variables["OMP_WAIT_POLICY"] == "active", "what a person has set stays"
    assert variables["PATH"].startswith(str(environment.scripts))


@pytest.fixture
def handed_over(monkeypatch):
    """The commands that lab and test would run, instead of running them."""
    calls = []
    monkeypatch.setattr(course, "hand_over", lambda environment, *words: calls.append(words) or 0)
    return calls


def test_lab_opens_the_first_lesson_of_the_learners_copy(environment, handed_over):
    workspace = environment.root / "my course"
    workspace.mkdir()
    for name in ("01_train.ipynb", "00_ask.ipynb", "notes.ipynb"):
        (workspace / name).touch()
    assert course.lab(environment, "my course", ["--no-browser"]) == 0
    start, jupyter = handed_over
    assert start == ("-m", "xaiteach", "start", workspace)
    assert f"--ServerApp.root_dir={workspace}" in jupyter
    assert "--LabApp.default_url=/lab/tree/00_ask.ipynb" in jupyter
    assert {*course.LAB_OPTIONS, "--no-browser"} < set(jupyter)


@pytest.mark.parametrize("user, allowed", [(0, True), (1000, False)])
def test_only_root_needs_leave_to_run_jupyter(environment, handed_over, monkeypatch, user, allowed):
    monkeypatch.setattr(os, "geteuid", lambda: user, raising=False)
    course.lab(environment, "my-course", [])
    assert ("--allow-root" in handed_over[1]) is allowed


def test_test_runs_style_tests_and_every_notebook_but_the_exercises(environment, handed_over):
    for name in ("00_ask.ipynb", "exercises/a.ipynb", "solutions/a.ipynb", ".ipynb_checkpoints/00_ask.ipynb"):
        path = environment.root / "notebooks" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    course.test(environment, ["-k", "images"])
    style, tests = handed_over
    assert style[:3] == ("-m", "ruff", "check")
    names = [word.replace("\\", "/") for word in tests]
    assert names[-5:] == ["tests", "notebooks/00_ask.ipynb", "notebooks/solutions/a.ipynb", "-k", "images"]


def test_test_runs_only_what_is_named(environment, handed_over):
    (environment.root / "tests").mkdir()
    course.test(environment, ["tests"])
    assert handed_over[1].count("tests") == 1


def test_test_fails_where_only_the_style_is_wrong(environment, monkeypatch):
    monkeypatch.setattr(course, "hand_over", lambda environment, *words: int("ruff" in words))
    assert course.test(environment, []) != 0


def test_run_passes_its_words_on(monkeypatch, handed_over):
    monkeypatch.setattr(course, "set_up", lambda environment: None)
    monkeypatch.setattr(course.signal, "signal", lambda *_: None)
    assert course.main(["run", "-m", "xaiteach", "start", "a b"]) == 0
    assert handed_over == [("-m", "xaiteach", "start", "a b")]


def test_the_stamp_says_what_it_depends_on(environment):
    facts = json.loads(environment.wanted_stamp())
    assert set(facts) == {"needs", "python", "folder"}


@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
def test_make_alone_prints_a_line_for_each_target():
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = next(line for line in text.splitlines() if line.startswith(".PHONY")).split()[1:]
    command = ["make", "--no-print-directory"]
    printed = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert [line.split()[1] for line in printed] == targets
