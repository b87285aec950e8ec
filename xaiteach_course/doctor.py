"""Is this machine ready for the course? A line for each thing that matters, and what to do where it is wrong.

To begin with it needs the standard library alone: the doctor must be able to speak where packages are broken.
"""

import csv
import os
import subprocess
import sys
import tempfile
from contextlib import suppress
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

from xaiteach_course.workspace import IN_VENV, ROOT, course_command

LOCK = ROOT / "requirements.txt"
WEIGHTS = ROOT / "data" / "weights"
MEMORY_NEEDED = 1.5  # GB, what a lesson may take
IMPORTS = ("torch", "keras")
PATIENCE = 300  # seconds for an import: a disk that a class shares is slow
REPAIR = course_command("repair") if IN_VENV else f'"{sys.executable}" -m pip install -r "{LOCK}"'


class Finding(NamedTuple):
    """What was found about one thing; `remedy` is empty where nothing needs to be done."""

    what: str
    found: str
    remedy: str = ""

    def __str__(self):
        line = f"{'look' if self.remedy else 'ok':5}{self.what:13}{self.found}"
        return f"{line}\n{'':18}→ {self.remedy}" if self.remedy else line


class Report(tuple):
    """All findings; true where every one of them is right."""

    def __bool__(self):
        return not any(finding.remedy for finding in self)

    def __repr__(self):
        return "ready" if self else "not ready: see the lines marked “look”"


def doctor(workspace="."):
    """Print a line for each thing the course needs on this machine, and return a report: true means ready."""
    folder = Path(workspace).resolve()
    checks = {
        "Python": check_python,
        "versions": check_versions,
        "files": check_files,
        "imports": lambda: check_imports(folder),
        "threads": check_threads,
        "memory": check_memory,
        "weights": check_weights,
        "workspace": lambda: check_workspace(folder),
        "cache": check_cache,
        "Jupyter": check_jupyter,
        "kernel": check_kernel,
    }
    findings = []
    for what, check in checks.items():
        try:
            findings.append(check())
        except Exception as error:  # something that it needs is broken
            found = f"can't be checked: {type(error).__name__}: {error}"
            findings.append(Finding(what, found, repair()))
    report = Report(findings)
    print(*report, sep="\n")
    return report


def repair():
    """What mends packages. Those on PYTHONPATH come before those of the course."""
    path = os.environ.get("PYTHONPATH")
    return f"unset PYTHONPATH ({path}), and ask again; if that is no help: {REPAIR}" if path else REPAIR


def check_python(version=sys.version_info):
    found = f"{version[0]}.{version[1]}.{version[2]} in {sys.prefix}"
    right = (3, 11) <= tuple(version[:2]) < (3, 14)
    return Finding("Python", found, "" if right else "use Python 3.11, 3.12 or 3.13")


def check_versions(lock=LOCK):
    """Compare what is installed with the lock; a build suffix such as +cpu makes no difference."""
    if not lock.is_file():
        cure = "install xaiteach from the course's own folder: pip install -e ."
        return Finding("versions", f"no {lock.name}", cure)
    pins, wrong = read_pins(lock), []
    for pin in pins:
        try:
            version = metadata.version(pin.name)
        except metadata.PackageNotFoundError:
            wrong.append(f"{pin.name} is missing")
            continue
        if not pin.specifier.contains(version.partition("+")[0], prereleases=True):
            wrong.append(f"{pin.name} is {version}, not {str(pin.specifier).lstrip('=')}")
    found = _first_few(wrong) or f"all {len(pins)} packages are as in {lock.name}"
    return Finding("versions", found, repair() if wrong else "")


def read_pins(lock=LOCK):
    """The requirements of the lock that are for this machine."""
    from packaging.requirements import Requirement

    lines = lock.read_text(encoding="utf-8").splitlines()
    pins = [Requirement(line) for line in lines if "==" in line]
    return [pin for pin in pins if pin.marker is None or pin.marker.evaluate()]


def _first_few(lines):
    more = f" and {len(lines) - 3} more" if len(lines) > 3 else ""
    return "; ".join(lines[:3]) + more


def check_files(lock=LOCK):
    """Whether each file is still there that a package brought, by the list that the package has of them."""
    missing = []
    for pin in read_pins(lock):
        with suppress(metadata.PackageNotFoundError):
            package = metadata.distribution(pin.name)
            rows = csv.reader((package.read_text("RECORD") or "").splitlines())
            files = [row[0] for row in rows if row and not row[0].endswith(".pyc")]
            missing += [file for file in files if not Path(package.locate_file(file)).exists()]
    if missing:
        remedy = REPAIR + " --force-reinstall" * (not IN_VENV)
        return Finding("files", f"missing: {_first_few(missing)}", remedy)
    return Finding("files", "nothing is missing of what was installed")


def check_imports(folder):
    """Import what lessons need as a kernel in `folder` would, one at a time for the memory."""
    broken = []
    for name in IMPORTS:
        command = [sys.executable, "-c", f"import xaiteach, {name}"]
        process = subprocess.run(command, cwd=_existing(folder), capture_output=True, timeout=PATIENCE)
        if process.returncode != 0:
            lines = process.stderr.decode(errors="replace").strip().split("\n")
            broken.append(f"{name}: {lines[-1] or process.returncode}")
    found = "; ".join(broken) or f"xaiteach, {', '.join(IMPORTS)} can be imported"
    return Finding("imports", found, repair() if broken else "")


def check_threads():
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    asked = os.environ.get("OMP_NUM_THREADS", "")
    if asked.isdigit() and int(asked) > cores:
        return Finding("threads", f"{asked} on {cores} cores", f"set OMP_NUM_THREADS to {cores} or less")
    if os.environ.get("OMP_WAIT_POLICY", "").lower() != "passive":
        return Finding("threads", "waiting threads keep the cores busy", "set OMP_WAIT_POLICY to passive")
    return Finding("threads", f"{asked or cores} on {cores} cores, waiting quietly")


def check_memory():
    free = free_memory() / 1e9
    found = f"{free:.1f} GB free; a lesson takes up to {MEMORY_NEEDED} GB"
    return Finding("memory", found, "" if free > MEMORY_NEEDED else "close other programs and notebooks")


def free_memory():
    """Bytes that are free, in the machine or in the container around us."""
    import psutil

    free = psutil.virtual_memory().available
    with suppress(OSError, ValueError):
        group = Path("/sys/fs/cgroup")
        limit, used = (int((group / name).read_text()) for name in ("memory.max", "memory.current"))
        free = min(free, limit - used)
    return free


def check_weights(folder=WEIGHTS):
    if any(path.is_file() and path.stat().st_size for path in folder.glob("[!.]*")):
        return Finding("weights", f"the trained network is in {folder}")
    return Finding("weights", f"none in {folder}", f'bring it back: git -C "{ROOT}" checkout data/weights')


def check_workspace(folder):
    elsewhere = course_command("lab", Path.home() / "my-course")
    return check_writing("workspace", folder, f"work in a folder of your own: {elsewhere}")


def check_cache():
    from xaiteach.files.download import cache_folder

    return check_writing("cache", cache_folder(), "set XAITEACH_CACHE to a folder of your own")


def check_jupyter():
    """Whether Jupyter can write to its own folders; `sudo` has made them root's on many a machine."""
    from jupyter_core import paths

    for part in ("config", "runtime", "data"):
        folder = Path(getattr(paths, f"jupyter_{part}_dir")())
        finding = check_writing("Jupyter", folder, f"set JUPYTER_{part.upper()}_DIR to a folder of your own")
        if finding.remedy:
            break
    return finding


def check_writing(what, folder, remedy):
    """Try to write a file in `folder`, or where `folder` will be made."""
    try:
        with tempfile.TemporaryFile(dir=_existing(folder)):
            return Finding(what, f"{folder} can be written to")
    except OSError as error:
        return Finding(what, f"{folder} can't be written to ({error.strerror})", remedy)


def _existing(folder):
    """The folder, or the nearest above it that is there."""
    return next(path for path in (folder, *folder.parents) if path.is_dir())


def check_kernel():
    """Whether notebooks will run in the Python that asks."""
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    try:
        program = KernelSpecManager().get_kernel_spec("python3").argv[0]
    except NoSuchKernel:
        return Finding("kernel", "no kernel named python3", REPAIR)
    folders = [Path(path).parent.resolve() for path in (program, sys.executable)]
    if program.startswith("python") or folders[0] == folders[1]:
        return Finding("kernel", "notebooks run in this Python")
    remedy = f'"{sys.executable}" -m ipykernel install --sys-prefix'
    return Finding("kernel", f"notebooks run in another Python, {program}", remedy)
