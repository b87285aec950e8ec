"""The set-up script: what it refuses, what it repairs, how long it waits. Nothing is downloaded here."""

import ast
import importlib.util
import json
import logging
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import venv
from pathlib import Path

import course
import pytest
from jupyter_client import KernelManager
from jupyterlab.labapp import LabApp
from traitlets.config import PyFileConfigLoader

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
        (environment.folder / "lib" / "python3" / "site-packages").mkdir(parents=True, exist_ok=True)
        return 0

    monkeypatch.setattr(course, "run", run)
    monkeypatch.setattr(course, "answers", lambda url: False)
    monkeypatch.setattr(course, "uv_settings", lambda environment: {})
    return taken


@pytest.mark.parametrize("version", [(3, 8), (3, 10, 13), (3, 14, 0), (4, 0)])
def test_a_python_without_support_is_refused_in_one_sentence(version):
    with pytest.raises(SystemExit, match=rf"^.*this is Python {version[0]}\.{version[1]}.*\Z"):
        course.check_python(version)
    for supported in ((3, 11, 0), (3, 12, 9), (3, 13, 1)):
        course.check_python(supported)
    script = (ROOT / "tools" / "course.py").read_text(encoding="utf-8")
    ast.parse(script, feature_version=(3, 6))  # so far must an old Python be able to read it


def test_a_mac_without_builds_and_a_python_without_ensurepip_are_refused_in_one_sentence(monkeypatch):
    course.check_machine("darwin", "arm64")
    course.check_machine("linux", "x86_64")
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    with pytest.raises(SystemExit, match=r"^.*Apple silicon.*\Z"):
        course.check_machine("darwin", "x86_64")
    with pytest.raises(SystemExit, match=r"^.*sudo apt install python3-venv.*\Z"):
        course.check_venv()


def test_uv_is_installed_before_the_lock_and_a_finished_set_up_is_not_done_again(
    environment, steps, monkeypatch
):
    """A second set-up of the same folder waits for the first."""
    fcntl = pytest.importorskip("fcntl")
    asked = []
    monkeypatch.setattr(fcntl, "flock", lambda file, how: asked.append((file.name, how, list(steps))))
    course.set_up(environment)
    assert environment.is_ready()
    course.set_up(environment)
    assert asked == [(str(environment.root / ".venv.lock"), fcntl.LOCK_EX, [])]
    making, getting_uv, locked = steps
    assert making.endswith(f"-m venv --clear {environment.folder}")
    assert getting_uv.endswith("uv") and str(environment.lock) in getting_uv
    assert locked.endswith(f"-r {environment.lock}")


def test_the_course_is_found_from_the_learners_folder_whatever_its_path_and_the_locale(tmp_path):
    """Python reads the files that name packages in the encoding of the locale: ASCII, where LC_ALL=C."""
    environment = course.Environment(tmp_path / "Müller 課程")
    for folder in ("xaiteach", "my-course"):
        (environment.root / folder).mkdir(parents=True)
    (environment.root / "xaiteach" / "__init__.py").write_text("print('found')")
    venv.create(environment.folder, symlinks=os.name != "nt")
    course.link_course(environment)
    variables = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    for locale in ("C", "C.UTF-8"):
        variables["LC_ALL"] = locale
        command = [environment.python, "-c", "import xaiteach"]
        own_copy = environment.root / "my-course"
        found = subprocess.run(command, cwd=own_copy, env=variables, capture_output=True)
        assert (found.returncode, found.stdout.split(), found.stderr) == (0, [b"found"], b"")


def _touch_lock(environment):
    environment.lock.write_text(environment.lock.read_text() + "# a change\n")


@pytest.mark.parametrize(
    "spoil",
    [
        _touch_lock,
        lambda environment: (environment.root / "pyproject.toml").write_text("# a change\n"),
        lambda environment: environment.stamp.unlink(),
        lambda environment: environment.stamp.write_text(environment.stamp.read_text()[:-9]),
        lambda environment: environment.python.unlink(),
        lambda environment: shutil.rmtree(environment.folder),
        lambda environment: (shutil.rmtree(environment.folder), environment.folder.touch()),
        lambda environment: (shutil.rmtree(environment.folder), environment.folder.symlink_to("nowhere")),
    ],
    ids=["lock", "needs", "no stamp", "torn stamp", "no python", "no folder", "a file", "a dead link"],
)
def test_anything_but_a_finished_set_up_is_built_again(environment, steps, spoil):
    course.set_up(environment)
    spoil(environment)
    assert not environment.is_ready()
    course.set_up(environment)
    assert environment.is_ready()


def test_a_moved_folder_and_another_python_are_built_again(environment, steps, monkeypatch):
    course.set_up(environment)
    with monkeypatch.context() as patched:
        patched.setattr(sys, "version_info", (3, 99, 0, "final", 0))
        assert not environment.is_ready()
    moved = environment.root.rename(environment.root.with_name("elsewhere"))
    assert not course.Environment(moved).is_ready()


@pytest.fixture
def handed_over(environment, monkeypatch):
    """The commands that the script would hand over to, in this checkout, instead of running them."""
    calls = []
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", "/mine")
    monkeypatch.delenv("PYTHONPATH", raising=False)
    monkeypatch.setattr(course, "Environment", lambda: environment)
    monkeypatch.setattr(course, "hand_over", lambda environment, *words: calls.append(words) or 0)
    monkeypatch.setattr(course.signal, "signal", lambda *_: None)
    return calls


def test_a_repair_builds_anew_what_looks_finished_but_not_what_sudo_made_and_a_set_up_is_never_silent(
    environment, steps, handed_over, capsys, monkeypatch
):
    def touch(path):
        if path == environment.stamp:
            raise PermissionError(13, "Permission denied")

    assert course.main(["setup"]) == 0
    taken = len(steps)
    assert course.main(["setup"]) == 0 and len(steps) == taken
    assert "`make repair` sets up anew" in capsys.readouterr().out
    assert course.main(["repair"]) == 0 and len(steps) == 2 * taken
    monkeypatch.setattr(Path, "touch", touch)
    with pytest.raises(SystemExit, match=r"\(Permission denied\)\. .*ask its owner"):
        course.main(["repair"])
    assert environment.is_ready() and not handed_over


def test_a_course_that_can_not_be_written_names_the_python_it_is_set_up_with_or_asks_for_its_owner(
    environment, steps, monkeypatch
):
    """A teacher's, say: python3 is 3.13 there and another one here."""

    def refuse_to_write(path):
        raise OSError(30, "Read-only file system")

    def refusal():
        with pytest.raises(SystemExit) as refused:
            course.set_up(environment)
        return str(refused.value)

    monkeypatch.setattr(sys, "version_info", (3, 13, 1, "final", 0))
    course.set_up(environment)
    monkeypatch.setattr(Path, "touch", refuse_to_write)
    course.set_up(environment)  # it is ready: nothing is written
    monkeypatch.setattr(sys, "version_info", (3, 11, 7, "final", 0))
    for words in ("can't be set up for Python 3.11 (Read-only", "with Python 3.13: name that, `make lab"):
        assert words in refusal()
    monkeypatch.setattr(sys, "version_info", (3, 13, 1, "final", 0))
    _touch_lock(environment)
    assert "ask its owner" in refusal()
    environment.stamp.write_text("{")
    assert "ask its owner" in refusal()


@pytest.fixture
def failing(steps, monkeypatch):
    """failing(words): from now on the commands with these words fail, or are interrupted."""
    noting = course.run

    def fail(words, error=None):
        def run(command, settings=None):
            noting(command, settings)
            if words in steps[-1] and error:
                raise error
            return int(words in steps[-1])

        monkeypatch.setattr(course, "run", run if words else noting)

    return fail


@pytest.mark.parametrize("step", ["-m venv", "-r "])
@pytest.mark.parametrize(
    "error, words", [(None, "Run the same command again to repair it"), (KeyboardInterrupt, None)]
)
def test_a_set_up_that_failed_or_was_interrupted_leaves_no_stamp_and_is_repaired(
    environment, failing, step, error, words
):
    course.set_up(environment)
    _touch_lock(environment)
    failing(step, error)
    with pytest.raises(error or SystemExit, match=words):
        course.set_up(environment)
    assert not environment.stamp.exists()
    failing("")
    course.set_up(environment)
    assert environment.is_ready()


def test_cpu_builds_are_taken_where_their_index_answers_and_what_uv_cannot_install_pip_installs(
    environment, steps, failing, monkeypatch
):
    monkeypatch.setattr(course, "answers", lambda url: url.startswith(course.CPU_INDEX))
    monkeypatch.setattr(sys, "platform", "linux")
    failing("-m uv")
    course.set_up(environment)
    assert environment.is_ready()
    cpu, locked, by_pip = steps[2:]
    pins = f"{environment.pin('torch')} {environment.pin('torchvision')}"
    assert cpu.endswith(f"--no-deps --default-index {course.CPU_INDEX} {pins}")
    assert locked.endswith(f"-r {environment.lock}")
    assert "-m pip install" in by_pip and by_pip.endswith(f"-r {environment.lock}")


def test_a_dead_proxy_is_named_at_the_end_of_what_pip_says(environment, failing, monkeypatch):
    failing("-m venv")
    with socket.create_server(("127.0.0.1", 0)) as server:
        free_port = server.getsockname()[1]
    monkeypatch.setenv("https_proxy", f"http://name:secret@127.0.0.1:{free_port}")
    with pytest.raises(SystemExit, match="proxy 127.0.0.1, set in HTTPS_PROXY, does not answer") as failure:
        course.set_up(environment)
    assert "secret" not in str(failure.value)


@pytest.mark.parametrize(
    ("proxies", "words"),
    [
        ({}, ""),
        ({"no": "*"}, ""),
        ({"https": ""}, ""),
        ({"https": "127.0.0.1:{port}"}, ""),
        ({"https": "http://127.0.0.1:{port}/"}, ""),
        ({"http": "http://proxy:port"}, "does not answer"),
    ],
)
def test_a_proxy_is_blamed_only_where_one_is_set_that_does_not_answer(monkeypatch, proxies, words):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        found = {kind: address.replace("{port}", port) for kind, address in proxies.items()}
        monkeypatch.setattr(course.urllib.request, "getproxies", lambda: found)
        trouble = course.proxy_trouble()
    assert words in trouble and bool(trouble) == bool(words)


ASTRAY = "PYTHONPATH PYTHONHOME PIP_USER PIP_TARGET PIP_PREFIX PIP_REQUIRE_VIRTUALENV PIP_NO_BINARY "
ASTRAY += "UV_REQUIRE_HASHES UV_CONSTRAINT UV_SYSTEM_PYTHON"
SOURCES = "PIP_INDEX_URL PIP_EXTRA_INDEX_URL PIP_FIND_LINKS PIP_NO_INDEX PIP_CERT PIP_PROXY PIP_TRUSTED_HOST "
SOURCES += "PIP_DEFAULT_TIMEOUT PIP_RETRIES PIP_CONFIG_FILE PIP_CACHE_DIR UV_DEFAULT_INDEX UV_FIND_LINKS "
SOURCES += "UV_OFFLINE UV_INSECURE_HOST UV_SYSTEM_CERTS UV_HTTP_TIMEOUT UV_NATIVE_TLS UV_CACHE_DIR PIPX_HOME"


def test_what_would_lead_a_step_or_a_command_astray_does_not_reach_it(environment, monkeypatch):
    """But where packages come from stays the learner's to say."""
    names = {*ASTRAY.split(), *SOURCES.split(), "PYTHONUTF8", "XAITEACH_CACHE"}
    for name in names:
        monkeypatch.setenv(name, "1")
    assert names - set(environment.variables()) == set(ASTRAY.split())
    assert "--no-user" in course.pip(environment, "uv"), "in pip.conf too, which no variable reaches"
    ask = "import os, sys; sys.exit(bool(set(sys.argv) & set(os.environ)))"
    assert course.run([sys.executable, "-c", ask, *ASTRAY.split()]) == 0


@pytest.mark.parametrize("status, expected", [("200 OK", True), ("404 Not Found", False), ("", False)])
def test_an_index_that_answers_is_told_from_a_silent_one_and_one_without_the_page(
    monkeypatch, status, expected
):
    monkeypatch.setenv("no_proxy", "*")
    with socket.create_server(("127.0.0.1", 0)) as server:
        if status:
            threading.Thread(target=_answer_once, args=(server, status), daemon=True).start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        assert course.answers(url, patience=60 if status else 0.7) is expected and course.PATIENCE <= 5


def _answer_once(server, status):
    connection, _ = server.accept()
    with connection:
        connection.recv(1000)
        connection.sendall(f"HTTP/1.0 {status}\r\nContent-Length: 0\r\n\r\n".encode())


@pytest.mark.skipif(importlib.util.find_spec("pip") is None, reason="needs pip")
def test_the_index_that_pip_was_told_to_use_is_given_to_uv(environment, monkeypatch):
    environment.python = Path(sys.executable)
    for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_INDEX_URL", "https://mirror.example/simple")
    assert course.uv_settings(environment) == {"UV_DEFAULT_INDEX": "https://mirror.example/simple"}
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://another.example/simple")
    assert course.uv_settings(environment) == {}


def test_commands_run_quietly_in_the_environment_and_what_a_person_has_set_stays(environment, monkeypatch):
    for name in course.QUIET:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OMP_WAIT_POLICY", "active")
    variables = environment.variables()
    assert (variables["TF_CPP_MIN_LOG_LEVEL"], variables["OMP_WAIT_POLICY"]) == ("3", "active")
    assert variables["PATH"].startswith(str(environment.scripts))


def test_lab_opens_the_first_lesson_of_the_learners_copy(environment, handed_over):
    workspace = environment.root / "my course"
    workspace.mkdir()
    for name in ("01_train.ipynb", "00_ask.ipynb", "notes.ipynb"):
        (workspace / name).touch()
    assert course.lab(environment, workspace, ["--no-browser"]) == 0
    start, jupyter = handed_over
    assert start == ("-m", "xaiteach_course", "start", workspace)
    assert f"--ServerApp.root_dir={workspace}" in jupyter
    assert "--LabApp.default_url=/lab/tree/00_ask.ipynb" in jupyter
    assert {"--ServerApp.ip=127.0.0.1", "--no-browser"} < set(jupyter)
    settings = os.environ["JUPYTER_CONFIG_PATH"].split(os.pathsep)
    assert settings == [str(environment.root / "tools" / "jupyter"), "/mine"]


@pytest.mark.parametrize("word", ["--ip=0.0.0.0", "--ServerApp.ip=0.0.0.0"])
@pytest.mark.parametrize("user, is_root", [(0, True), (1000, False)])
def test_who_asks_for_another_address_gets_it_and_only_root_needs_leave(
    environment, handed_over, monkeypatch, word, user, is_root
):
    monkeypatch.setattr(os, "geteuid", lambda: user, raising=False)
    course.lab(environment, environment.root, [word])
    assert [option for option in handed_over[1] if "ip=" in option] == [word]
    assert ("--allow-root" in handed_over[1]) is is_root


def test_where_home_can_not_be_written_jupyter_gets_a_folder_in_the_learners_copy(
    environment, handed_over, monkeypatch, capsys
):
    monkeypatch.setenv("HOME", "/home/of/nobody")
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    course.lab(environment, environment.root, [])
    assert os.environ["HOME"] == str(environment.root / ".home")
    assert (environment.root / ".home").is_dir()
    assert "can't be written to" in capsys.readouterr().out


@pytest.mark.parametrize(
    "failing, code, n_calls, names_doctor",
    [("", 0, 2, False), ("jupyterlab", 1, 2, True), ("jupyterlab", -15, 2, False), ("start", 1, 1, False)],
)
def test_a_lab_that_fails_names_the_doctor_and_without_a_copy_none_is_opened(
    environment, monkeypatch, capsys, failing, code, n_calls, names_doctor
):
    calls = []

    def hand_over(environment, *words):
        calls.append(words)
        return code if failing in words else 0

    monkeypatch.setattr(course, "hand_over", hand_over)
    assert course.lab(environment, environment.root, []) == code and len(calls) == n_calls
    assert ("`make doctor` may know more" in capsys.readouterr().out) is names_doctor


@pytest.mark.parametrize("command", ["update", "check-in", "doctor"])
def test_commands_for_the_own_copy_find_it_from_the_root_or_from_home(
    environment, steps, handed_over, monkeypatch, command
):
    monkeypatch.setenv("HOME", "/home/ann")
    assert course.main([command]) == course.main([command, "~/mine", "03"]) == 0
    assert handed_over == [
        ("-m", "xaiteach_course", command, environment.root / "my-course"),
        ("-m", "xaiteach_course", command, Path("/home/ann/mine"), "03"),
    ]


def test_test_checks_the_style_then_runs_the_last_lessons_first_and_the_tests_or_what_is_named(
    environment, handed_over, monkeypatch
):
    for name in ("00_ask.ipynb", "09_catch.ipynb", "exercises/a.ipynb", ".ipynb_checkpoints/00_ask.ipynb"):
        path = environment.root / "notebooks" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    course.test(environment, ["-k", "images"])
    course.test(environment, ["notebooks"])
    style, tests, _, named = handed_over
    assert style[:3] == ("-m", "ruff", "check")
    names = [word.replace("\\", "/") for word in tests]
    assert names[-5:] == ["notebooks/09_catch.ipynb", "notebooks/00_ask.ipynb", "tests", "-k", "images"]
    assert "tests" not in named and named[-1] == "notebooks"
    monkeypatch.setattr(course, "hand_over", lambda environment, *words: int("ruff" in words))
    assert course.test(environment, []) != 0, "the style alone is wrong"


def test_run_passes_its_words_on_and_a_path_of_other_packages_is_told_once(
    steps, handed_over, monkeypatch, capsys
):
    monkeypatch.setenv("PYTHONPATH", "/old/numpy")
    assert course.main(["run", "-m", "xaiteach", "start", "a b"]) == 0
    assert handed_over == [("-m", "xaiteach", "start", "a b")]
    assert capsys.readouterr().out.count("PYTHONPATH is set; the course runs without it.") == 1


@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
def test_make_alone_prints_a_line_for_each_target():
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = next(line for line in text.splitlines() if line.startswith(".PHONY")).split()[1:]
    printed = subprocess.check_output(["make", "--no-print-directory"], cwd=ROOT, text=True)
    assert [line.split()[1] for line in printed.splitlines()] == targets


@pytest.fixture
def jupyter_settings():
    """The course's own settings for Jupyter, read as Jupyter reads them; its filters are taken off again."""
    loggers = [logging.getLogger(name) for name in ("ServerApp", "tornado.general")]
    filters = [list(logger.filters) for logger in loggers]
    yield PyFileConfigLoader("jupyter_server_config.py", str(ROOT / "tools" / "jupyter")).load_config()
    for logger, before in zip(loggers, filters, strict=True):
        logger.filters = before


def test_jupyter_is_silent_about_what_is_harmless_kernels_are_encrypted_and_nothing_is_fetched(
    jupyter_settings, caplog
):
    for name in ("ServerApp", "tornado.general"):
        logging.getLogger(name).warning("Notebook %s is not trusted", "00_ask.ipynb")
        logging.getLogger(name).warning("The websocket_ping_timeout (9) cannot be longer")
        logging.getLogger(name).warning("The port %i is already in use", 8888)
    assert [record.getMessage() for record in caplog.records] == ["The port 8888 is already in use"] * 2
    assert KernelManager(config=jupyter_settings).transport_encryption == "auto"
    lab = LabApp(config=jupyter_settings)
    assert (lab.news_url, lab.extension_manager) == (None, "readonly")


def test_the_list_of_files_has_room_for_the_longest_name_of_a_lesson(jupyter_settings):
    """Measured in a browser: 360 pixels hold 42 letters where the date is hidden."""
    (folder,) = jupyter_settings.ServerApp.tornado_settings["static_custom_path"]
    style = (Path(folder) / "custom.css").read_text()
    width = int(re.search(r"min-width: (\d+)px", style)[1])
    longest = max(len(path.name) for path in ROOT.glob("notebooks/**/*.ipynb"))
    assert jupyter_settings.LabApp.custom_css and width >= 360 / 42 * longest
    text = (ROOT / "tools" / "jupyter" / "labconfig" / "default_setting_overrides.json").read_text()
    browser = json.loads(text)["@jupyterlab/filebrowser-extension:browser"]
    assert browser == {"showLastModifiedColumn": False}
