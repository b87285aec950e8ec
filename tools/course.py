"""Set the course up, open it, test it: `python tools/course.py lab` (or `test`, or `setup`).

Everything is installed into the folder .venv beside the lessons. A finished set-up leaves a stamp there; where the
stamp is missing or out of date, the next command builds .venv again. So an interrupted set-up needs no cure but the
same command. Only the standard library is used, in words that an old Python can still read, so that it gets a
sentence and not a traceback.
"""

import argparse
import contextlib
import hashlib
import json
import os
import platform
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OLDEST, TOO_NEW = (3, 11), (3, 14)
CPU_INDEX = "https://download.pytorch.org/whl/cpu"
PATIENCE = 4  # seconds given to PyTorch's CPU index
QUIET = {
    "OMP_WAIT_POLICY": "passive",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_ENABLE_ONEDNN_OPTS": "0",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
}
LAB_OPTIONS = [
    "--Application.log_level=WARN",
    "--LabApp.news_url=None",
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    "--LabApp.extension_manager=readonly",
]
NBVAL = [
    "--nbval-lax",
    "--nbval-current-env",
    "--nbval-cell-timeout=300",
    "--nbval-sanitize-with=tests/notebooks/nbval_sanitize.cfg",
]
AGAIN = "Run the same command again to repair it."


class Environment:
    """The folder .venv of a checkout, and the stamp that says it is finished."""

    def __init__(self, root=ROOT):
        self.root = Path(root).resolve()
        self.folder = self.root / ".venv"
        self.scripts = self.folder / ("Scripts" if os.name == "nt" else "bin")
        self.python = self.scripts / ("python.exe" if os.name == "nt" else "python")
        self.lock = self.root / "requirements.txt"
        self.stamp = self.folder / "xaiteach-stamp.json"

    def wanted_stamp(self):
        """What the stamp must say: the lock, the package's needs, the Python, the place."""
        needs = self.lock.read_bytes() + (self.root / "pyproject.toml").read_bytes()
        facts = {
            "needs": hashlib.sha256(needs).hexdigest(),
            "python": list(sys.version_info[:2]),
            "folder": str(self.folder),
        }
        return json.dumps(facts, indent=1)

    def is_ready(self):
        with contextlib.suppress(OSError):
            return self.python.exists() and self.stamp.read_text(encoding="utf-8") == self.wanted_stamp()
        return False

    def write_stamp(self):
        unfinished = self.stamp.with_suffix(".part")
        unfinished.write_text(self.wanted_stamp(), encoding="utf-8")
        os.replace(str(unfinished), str(self.stamp))

    def remove_stamp(self):
        with contextlib.suppress(FileNotFoundError):
            self.stamp.unlink()

    def pin(self, name):
        """`name==version` as the lock has it."""
        lines = self.lock.read_text(encoding="utf-8").splitlines()
        return next(line for line in lines if line.startswith(name + "=="))

    def variables(self):
        """The variables a command in this environment runs with; those already set win over the quiet ones."""
        path = str(self.scripts) + os.pathsep + os.environ.get("PATH", "")
        return dict(QUIET, **dict(os.environ, PATH=path, VIRTUAL_ENV=str(self.folder)))


def check_python(version=sys.version_info):
    """Refuse a Python that the lock does not support."""
    if OLDEST <= tuple(version[:2]) < TOO_NEW:
        return
    command = "py -3.12 tools\\course.py lab" if os.name == "nt" else "make lab PYTHON=python3.12"
    raise SystemExit(
        f"The course needs Python 3.11, 3.12 or 3.13 and this is Python {version[0]}.{version[1]}: "
        f"install one of those and name it, for example `{command}`."
    )


def check_machine(system, processor):
    """Refuse a Mac that TensorFlow and PyTorch are no longer built for."""
    if (system, processor) == ("darwin", "x86_64"):
        raise SystemExit(
            "TensorFlow and PyTorch are no longer built for Intel Macs, and this Python is one for Intel: "
            "on a newer Mac install a Python for Apple silicon, on an Intel Mac use Binder (see README.md)."
        )


def check_venv():
    """Refuse a Python without its modules for environments, as Debian ships it."""
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        raise SystemExit(
            "This Python cannot make environments (its modules venv and ensurepip are missing): "
            "on Debian and Ubuntu `sudo apt install python3-venv` brings them."
        ) from None


def set_up(environment):
    """Build the environment, unless its stamp says that it is finished."""
    if environment.is_ready():
        return
    check_venv()
    with one_at_a_time(environment):
        if not environment.is_ready():
            build(environment)


@contextlib.contextmanager
def one_at_a_time(environment):
    """Let a second set-up of the same folder wait for the first (not on Windows)."""
    try:
        import fcntl
    except ImportError:
        yield
        return
    with open(str(environment.root / ".venv.lock"), "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def build(environment):
    """Make .venv from nothing. The stamp goes first and comes back last."""
    print("Setting up the course in .venv. The first time takes a few minutes.", flush=True)
    environment.remove_stamp()
    base = getattr(sys, "_base_executable", None) or sys.executable
    must_run([base, "-m", "venv", "--clear", environment.folder], "make the folder .venv")
    must_run(pip(environment, "--constraint", environment.lock, "uv"), "install uv")
    install_cpu_torch(environment)
    install(environment, "-r", environment.lock)
    install(environment, "--no-deps", "-e", environment.root)
    environment.write_stamp()


def install_cpu_torch(environment):
    """Take PyTorch's CPU builds where their index answers: 700 MB instead of 4.8 GB (Linux only)."""
    if not sys.platform.startswith("linux") or not answers(CPU_INDEX + "/torch/"):
        return
    pins = [environment.pin("torch"), environment.pin("torchvision")]
    if run(uv(environment, "--no-deps", "--default-index", CPU_INDEX, *pins)) != 0:
        print("PyTorch's CPU index did not deliver; taking the usual builds.", flush=True)


def answers(url, patience=PATIENCE):
    """Whether `url` answers in time. A process of its own, because a name look-up cannot be cut short."""
    ask = "import sys, urllib.request as r; r.urlopen(r.Request(sys.argv[1], method='HEAD'))"
    with contextlib.suppress(subprocess.TimeoutExpired):
        command = [sys.executable, "-c", ask, url]
        return subprocess.run(command, timeout=patience, stderr=subprocess.DEVNULL).returncode == 0
    return False


def install(environment, *what):
    """Install with uv; where uv cannot (an unusual package index, say), with pip."""
    if run(uv(environment, *what), uv_settings(environment)) != 0:
        print("uv could not do it; trying pip, which takes longer.", flush=True)
        must_run(pip(environment, *what), "install what the course needs")


def uv(environment, *what):
    return [environment.python, "-m", "uv", "pip", "install", "--python", environment.python, *what]


def pip(environment, *what):
    options = ["--quiet", "--disable-pip-version-check", "--root-user-action=ignore"]
    return [environment.python, "-m", "pip", "install", *options, *what]


def uv_settings(environment):
    """uv does not read pip's settings: give it the package index that pip was told to use."""
    if "UV_DEFAULT_INDEX" in os.environ or "UV_INDEX_URL" in os.environ:
        return {}
    listing = subprocess.run([str(environment.python), "-m", "pip", "config", "list"], stdout=subprocess.PIPE)
    settings = dict(line.split("=", 1) for line in listing.stdout.decode().splitlines() if "=" in line)
    for key in (":env:.index-url", "install.index-url", "global.index-url"):
        if key in settings:
            return {"UV_DEFAULT_INDEX": settings[key].strip("'\"")}
    return {}


def run(command, settings=None):
    """Run one step of the set-up and return its exit code."""
    variables = dict(os.environ, **(settings or {}))
    return subprocess.call([str(part) for part in command], env=variables)


def must_run(command, purpose):
    if run(command) != 0:
        raise SystemExit("Set-up could not " + purpose + " (the reason is above). " + AGAIN)


def hand_over(environment, *arguments):
    """Run Python in the environment to its end. Ctrl-C is its business: Jupyter asks back, pytest sums up."""
    command = [str(environment.python)] + [str(argument) for argument in arguments]
    child = subprocess.Popen(command, cwd=str(environment.root), env=environment.variables())
    signal.signal(signal.SIGINT, lambda *_: None)
    signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    return child.wait()


def lab(environment, workspace, extra):
    """Open JupyterLab on the first lesson of the learner's own copy."""
    folder = environment.root / Path(workspace).expanduser()
    code = hand_over(environment, "-m", "xaiteach_course", "start", folder)
    if code != 0:
        return code
    lessons = sorted(path.name for path in folder.glob("[0-9][0-9]_*.ipynb"))
    page = "/lab/tree/" + lessons[0] if lessons else "/lab"
    settings = [str(environment.root / "tools" / "jupyter"), os.environ.get("JUPYTER_CONFIG_PATH")]
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(
        filter(None, settings)
    )  # nbgrader's menus are for teachers
    options = ["--ServerApp.root_dir=" + str(folder), "--LabApp.default_url=" + page] + LAB_OPTIONS
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        options.append("--allow-root")
    return hand_over(environment, "-m", "jupyterlab", *options, *extra)


def test(environment, extra):
    """Check the style, run the tests, and run the notebooks against their stored outputs."""
    style = hand_over(environment, "-m", "ruff", "check", environment.root)
    chosen = any((environment.root / word.split("::")[0]).exists() for word in extra)
    what = [] if chosen else lessons(environment.root) + ["tests"]
    options = NBVAL + ["-n", "2", "--dist", "loadfile", "--no-loadscope-reorder"]
    os.environ["XAITEACH_PROGRESS"] = "off"  # what is tested here was done by nobody
    return hand_over(environment, "-m", "pytest", *options, *what, *extra) or style


def lessons(root):
    """The notebooks that nbval runs: the last ones first, since they take longest."""
    found = sorted((root / "notebooks").glob("*.ipynb"), reverse=True)
    return [str(path.relative_to(root)) for path in found]


def parse(words):
    """The command, and the words meant for Jupyter or pytest behind it."""
    parser = argparse.ArgumentParser(prog="course.py", description=__doc__.split("\n")[0])
    commands = parser.add_subparsers(dest="command", metavar="setup | lab | test | run")
    commands.required = True
    commands.add_parser("setup", help="install what is missing into .venv")
    lab_parser = commands.add_parser("lab", help="set up, then open JupyterLab on lesson 00")
    lab_parser.add_argument("workspace", nargs="?", default="my-course", help="your own copy of the lessons")
    commands.add_parser("test", help="set up, then run every test and every notebook")
    commands.add_parser("run", help="set up, then run Python with the words that follow")
    for command in commands.choices.values():
        command.add_argument("--no-setup", action="store_true", help="use this Python as it is (conda)")
    return parser.parse_known_args(words)


def main(words):
    check_python()
    check_machine(sys.platform, platform.machine())
    choice, extra = parse(words)
    environment = Environment()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    if choice.no_setup:
        environment.python = Path(sys.executable)
        environment.scripts = environment.python.parent
    else:
        set_up(environment)
    if choice.command == "lab":
        return lab(environment, choice.workspace, extra)
    if choice.command == "test":
        return test(environment, extra)
    return hand_over(environment, *extra) if choice.command == "run" else 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit("\nStopped. " + AGAIN)
