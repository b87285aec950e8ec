"""Put faults into a copy of the package, one at a time, and see a test go red for each: `make mutants`.

A fault is a piece of code, what it is replaced by, and the tests that must notice; tools/faults.toml lists
them. Usage: python tools/mutants.py [WORD]: only the faults whose description holds WORD.
"""

import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
COPIED = ["xaiteach", "xaiteach_course", "tests", "data", "tools", "notebooks", "Makefile"]
COPIED += ["pyproject.toml", "requirements.txt"]


class Fault(NamedTuple):
    file: str
    what: str
    tests: str
    right: str
    wrong: str


def faults():
    """All that are listed in faults.toml."""
    listed = tomllib.loads((Path(__file__).parent / "faults.toml").read_text("utf-8"))
    return [Fault(file, *fault) for file, part in listed.items() for fault in part["faults"]]


def is_caught(fault):
    """Whether a test of the named folders fails on a copy with this fault."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for name in COPIED:
            source = ROOT / name
            (shutil.copytree if source.is_dir() else shutil.copy)(source, copy / name)
        file = copy / fault.file
        text = file.read_text(encoding="utf-8")
        if text.count(fault.right) != 1:
            raise SystemExit(
                f"{fault.what}: {fault.right!r} is {text.count(fault.right)} times in {fault.file}"
            )
        file.write_text(text.replace(fault.right, fault.wrong), encoding="utf-8")
        tests = [f"tests/{part}" for part in fault.tests.split()]
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests]
        return subprocess.run(command, cwd=copy, capture_output=True).returncode == 1


def main(word=""):
    chosen = [fault for fault in faults() if word in fault.what]
    missed = []
    for fault in chosen:
        caught = is_caught(fault)
        missed += [] if caught else [fault.what]
        print(f"{'caught' if caught else 'MISSED'}  {fault.what}", flush=True)
    print(f"{len(chosen) - len(missed)} of {len(chosen)} faults were caught")
    return bool(missed)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
