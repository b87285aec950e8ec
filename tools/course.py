"""Set the course up, open it, test it: `python tools/course.py lab` (or `test`, or another command).

Everything is installed into the folder .venv. A finished set-up leaves a stamp there. Where it is missing or
out of date the next command builds .venv again, so an interrupted set-up needs no cure but the same command.
`repair` builds .venv anew whatever happened to it. Only the standard library is used, in words that an old
Python can still read, so that it gets a sentence and not a traceback.
"""

import argparse
import contextlib
import hashlib
import json
import os
import platform
import re
import signal
import socket
import subprocess
import sys
import urllib.parse
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OLDEST, TOO_NEW = (3, 11), (3, 14)
CPU_INDEX = "https://download.pytorch.org/whl/cpu"
PATIENCE = 4  # seconds given to PyTorch's CPU index, and to a proxy
# Packages of another Python come before ours; pip and uv would install elsewhere, or refuse. Where packages
# come from is theirs to say.
ASTRAY = re.compile(
    "PYTHON(PATH|HOME)$"
    "|(PIP|UV)_(?!.*(INDEX|LINKS|PROXY|CERT|TLS|HOST|HTTP|TIMEOUT|RETRIES|CACHE|OFFLINE|LINK_MODE|CONFIG|KEYRING))"
)
QUIET = {
    "OMP_WAIT_POLICY": "passive",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_ENABLE_ONEDNN_OPTS": "0",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
}
NBVAL = [
    "--nbval-lax",
    "--nbval-current-env",
    "--nbval-cell-timeout=300",
    "--nbval-sanitize-with=tests/notebooks/nbval_sanitize.cfg",
]
PURPOSES = {
    "setup": "install what is missing into .venv",
    "repair": "build .venv anew, whatever happened to it",
    "test": "set up, then run every test and every notebook",
    "run": "set up, then run Python with the words that follow",
}
OF_OWN_COPY = {
    "lab": "set up, then open JupyterLab on lesson 00",
    "update": "bring new versions of the lessons",
    "check-in": "say what an exercise lacks before you hand it in",
    "doctor": "say whether this machine is ready",
}
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
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            self.stamp.unlink()

    def pin(self, name):
        """`name==version` as the lock has it."""
        lines = self.lock.read_text(encoding="utf-8").splitlines()
        return next(line for line in lines if line.startswith(name + "=="))

    def variables(self):
        """The variables of a command in this environment; those already set win over the quiet ones."""
        path = str(self.scripts) + os.pathsep + os.environ.get("PATH", "")
        return dict(QUIET, **dict(inherited(), PATH=path, VIRTUAL_ENV=str(self.folder)))


def inherited():
    """The variables around us, without those that lead our commands astray."""
    return {name: value for name, value in os.environ.items() if not ASTRAY.match(name)}


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


def check_write_access(environment):
    """Refuse a course that is not ready for this Python and can't be changed, such as a teacher's."""
    try:
        for file in (environment.root / ".venv.lock", environment.stamp):
            if file.parent.is_dir():
                file.touch()
    except OSError as error:
        here = ready = list(sys.version_info[:2])
        with contextlib.suppress(OSError, ValueError):
            ready = json.loads(environment.stamp.read_text(encoding="utf-8"))["python"]
        cure = "Copy the course into a folder of your own, or ask its owner to run `make setup`."
        if ready != here:
            version = f"{ready[0]}.{ready[1]}"
            cure = f"It is set up with Python {version}: name that, `make lab PYTHON=python{version}`."
        trouble = f"{environment.root} can't be set up for Python {here[0]}.{here[1]} ({error.strerror})."
        raise SystemExit(f"{trouble} {cure}") from None


def set_up(environment):
    """Build the environment, unless its stamp says that it is finished."""
    if environment.is_ready():
        return
    check_venv()
    check_write_access(environment)
    with open(str(environment.root / ".venv.lock"), "w") as file:
        with contextlib.suppress(ImportError):  # a second set-up waits for the first, but not on Windows
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX)
        if not environment.is_ready():
            build(environment)


def build(environment):
    """Make .venv from nothing. The stamp goes first and comes back last."""
    print("Setting up the course in .venv. The first time takes a few minutes.", flush=True)
    environment.remove_stamp()
    if os.path.lexists(str(environment.folder)) and not environment.folder.is_dir():
        environment.folder.unlink()
    base = getattr(sys, "_base_executable", None) or sys.executable
    must_run([base, "-m", "venv", "--clear", environment.folder], "make the folder .venv")
    must_run(pip(environment, "--constraint", environment.lock, "uv"), "install uv")
    install_cpu_torch(environment)
    if run(uv(environment, "-r", environment.lock), uv_settings(environment)) != 0:
        # uv does not know every kind of package index.
        print("uv could not do it; trying pip, which takes longer.", flush=True)
        must_run(pip(environment, "-r", environment.lock), "install what the course needs")
    link_course(environment)
    environment.write_stamp()


def link_course(environment):
    """Let the environment's Python find the course by a relative path: `pip install -e` writes the whole one,
    and where LC_ALL=C Python reads it in ASCII only."""
    site = next(environment.folder.rglob("site-packages"))
    (site / "xaiteach.pth").write_text(os.path.relpath(str(environment.root), str(site)))


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


def uv(environment, *what):
    return [environment.python, "-m", "uv", "pip", "install", "--python", environment.python, *what]


def pip(environment, *what):
    options = ["--quiet", "--no-user", "--disable-pip-version-check", "--root-user-action=ignore"]
    return [environment.python, "-m", "pip", "install", *options, *what]


def uv_settings(environment):
    """uv does not read pip's settings: give it the package index that pip was told to use."""
    if "UV_DEFAULT_INDEX" in os.environ or "UV_INDEX_URL" in os.environ:
        return {}
    command = [str(environment.python), "-m", "pip", "config", "list"]
    listing = subprocess.run(command, stdout=subprocess.PIPE, env=inherited())
    settings = dict(line.split("=", 1) for line in listing.stdout.decode().splitlines() if "=" in line)
    for key in (":env:.index-url", "install.index-url", "global.index-url"):
        if key in settings:
            return {"UV_DEFAULT_INDEX": settings[key].strip("'\"")}
    return {}


def run(command, settings=None):
    """Run one step of the set-up and return its exit code."""
    return subprocess.call([str(part) for part in command], env=dict(inherited(), **(settings or {})))


def must_run(command, purpose):
    if run(command) != 0:
        reason = proxy_trouble() or "the reason is above"
        raise SystemExit("Set-up could not " + purpose + " (" + reason + "). " + AGAIN)


def proxy_trouble():
    """What is wrong with the proxy that is set; "" where none is, or it answers."""
    proxies = urllib.request.getproxies()
    address = proxies.get("https") or proxies.get("http") or ""
    proxy = urllib.parse.urlsplit(address if "//" in address else "//" + address)
    try:
        if proxy.hostname:
            socket.create_connection((proxy.hostname, proxy.port or 80), PATIENCE).close()
    except (OSError, ValueError) as error:
        return f"the proxy {proxy.hostname}, set in HTTPS_PROXY, does not answer: {error}"
    return ""


def hand_over(environment, *arguments):
    """Run Python in the environment to its end. Ctrl-C is its business: Jupyter asks back, pytest sums up."""
    command = [str(environment.python)] + [str(argument) for argument in arguments]
    child = subprocess.Popen(command, cwd=str(environment.root), env=environment.variables())
    signal.signal(signal.SIGINT, lambda *_: None)
    signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    return child.wait()


def lab(environment, workspace, extra):
    """Open JupyterLab on the first lesson of the learner's own copy."""
    code = hand_over(environment, "-m", "xaiteach_course", "start", workspace)
    if code != 0:
        return code
    lessons = sorted(path.name for path in workspace.glob("[0-9][0-9]_*.ipynb"))
    page = "/lab/tree/" + lessons[0] if lessons else "/lab"
    settings = [str(environment.root / "tools" / "jupyter"), os.environ.get("JUPYTER_CONFIG_PATH")]
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(filter(None, settings))
    give_home(workspace)
    options = ["--ServerApp.root_dir=" + str(workspace), "--LabApp.default_url=" + page]
    options.append("--Application.log_level=WARN")
    if not any(word.startswith(("--ip", "--ServerApp.ip")) for word in extra):
        options.append("--ServerApp.ip=127.0.0.1")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        options.append("--allow-root")
    code = hand_over(environment, "-m", "jupyterlab", *options, *extra)
    if code > 0:
        print("JupyterLab ended with an error (the reason is above). `make doctor` may know more.")
    return code


def give_home(workspace):
    """Jupyter writes at home; where it can't, it gets a hidden folder in the learner's copy."""
    home = Path.home()
    if not os.access(str(home), os.W_OK):
        print(f"{home} can't be written to, so settings and downloads are kept in {workspace / '.home'}.")
        (workspace / ".home").mkdir(exist_ok=True)
        os.environ["HOME"] = str(workspace / ".home")


def test(environment, extra):
    """Check the style, run the tests, and run the notebooks against their stored outputs."""
    style = hand_over(environment, "-m", "ruff", "check", environment.root)
    chosen = any((environment.root / word.split("::")[0]).exists() for word in extra)
    # The last lessons go first, since they take longest.
    lessons = sorted((environment.root / "notebooks").glob("*.ipynb"), reverse=True)
    what = [] if chosen else [str(path.relative_to(environment.root)) for path in lessons] + ["tests"]
    options = NBVAL + ["-n", "2", "--dist", "loadfile", "--no-loadscope-reorder"]
    os.environ["XAITEACH_PROGRESS"] = "off"  # what is tested here was done by nobody
    return hand_over(environment, "-m", "pytest", *options, *what, *extra) or style


def parse(words):
    """The command, and the words meant for Jupyter or pytest behind it."""
    parser = argparse.ArgumentParser(prog="course.py", description=__doc__.split("\n")[0])
    commands = parser.add_subparsers(dest="command", metavar=" | ".join([*PURPOSES, *OF_OWN_COPY]))
    commands.required = True
    for name, purpose in dict(PURPOSES, **OF_OWN_COPY).items():
        command = commands.add_parser(name, help=purpose)
        command.add_argument("--no-setup", action="store_true", help="use this Python as it is (conda)")
        if name in OF_OWN_COPY:
            command.add_argument(
                "workspace", nargs="?", default="my-course", help="your own copy of the lessons"
            )
    return parser.parse_known_args(words)


def main(words):
    check_python()
    check_machine(sys.platform, platform.machine())
    choice, extra = parse(words)
    environment = Environment()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    if "PYTHONPATH" in os.environ:
        print("PYTHONPATH is set; the course runs without it.", flush=True)
    if choice.command == "repair":
        check_write_access(environment)
        environment.remove_stamp()
    if choice.no_setup:
        environment.python = Path(sys.executable)
        environment.scripts = environment.python.parent
    else:
        set_up(environment)
    if choice.command in OF_OWN_COPY:
        workspace = environment.root / Path(choice.workspace).expanduser()
        if choice.command == "lab":
            return lab(environment, workspace, extra)
        return hand_over(environment, "-m", "xaiteach_course", choice.command, workspace, *extra)
    if choice.command == "test":
        return test(environment, extra)
    if choice.command == "run":
        return hand_over(environment, *extra)
    print("The course is set up. If something is wrong: `make doctor` looks, `make repair` sets up anew.")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit("\nStopped. " + AGAIN)
