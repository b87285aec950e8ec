"""Put faults into copies of the package, one in each, and see a test go red for each: `make mutants`.

A fault is a piece of code, what it is replaced by, and the tests that must notice; tools/faults.toml lists
them. Usage: python tools/mutants.py [WORD]: only the faults whose description holds WORD.
"""

import contextlib
import os
import shutil
import sys
import tempfile
import tomllib
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
COPIED = ["xaiteach", "xaiteach_course", "tests", "data", "tools", "notebooks", "Makefile"]
COPIED += ["pyproject.toml", "requirements.txt"]
# Imported once: each fault is tried in a process that is forked from one that has them already.
SLOW_TO_IMPORT = ["xaiteach", "tensorflow", "torch", "torchvision", "captum.attr", "shap", "lime.lime_image"]
SLOW_TO_IMPORT += [
    "skimage.segmentation",
    "sklearn.linear_model",
    "matplotlib.pyplot",
    "hypothesis",
    "pytest",
]


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


def copy_with(fault, folder):
    """The project in an empty folder, with this fault in it."""
    for name in COPIED:
        source = ROOT / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / name)
    file = folder / fault.file
    text = file.read_text("utf-8")
    file.write_text(text.replace(fault.right, fault.wrong), encoding="utf-8")


def is_caught(fault):
    """Whether a test of the named files fails on a copy with this fault."""
    import pytest

    with tempfile.TemporaryDirectory() as folder, open(os.devnull, "w") as nowhere:
        copy_with(fault, Path(folder))
        os.chdir(folder)
        os.environ["PYTHONPATH"] = folder
        sys.path.insert(0, folder)
        for name in list(sys.modules):
            if name.partition(".")[0] in ("xaiteach", "xaiteach_course"):
                del sys.modules[name]
        tests = [f"tests/{part}" for part in fault.tests.split()]
        with contextlib.redirect_stdout(nowhere), contextlib.redirect_stderr(nowhere):
            return pytest.main(["-x", "-q", "-p", "no:cacheprovider", *tests]) == pytest.ExitCode.TESTS_FAILED


def main(word=""):
    chosen = [fault for fault in faults() if word in fault.what]
    context = get_context("forkserver")
    context.set_forkserver_preload(SLOW_TO_IMPORT)
    missed = []
    with ProcessPoolExecutor(mp_context=context, max_tasks_per_child=1) as pool:
        for fault, caught in zip(chosen, pool.map(is_caught, chosen), strict=True):
            missed += [] if caught else [fault.what]
            print(f"{'caught' if caught else 'MISSED'}  {fault.what}", flush=True)
    print(f"{len(chosen) - len(missed)} of {len(chosen)} faults were caught")
    return bool(missed)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
