"""Run a submission in a process of its own, and end whatever it leaves behind."""

import os
import shlex
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

import nbformat
import psutil
from run_submission import DIED, IN_ALL, TOO_LONG
from submissions import Unusable

RUNNER = Path(__file__).resolve().with_name("run_submission.py")
ROOT = RUNNER.parent.parent
TOKEN = "XAITEACH_SUBMISSION"  # a variable that all processes of a submission inherit
SPARE = 120  # seconds for a kernel to start and to end
WORDS = {TOO_LONG: "took too long", DIED: "kernel died"}


class Limits(NamedTuple):
    """Of a run: seconds of a cell (a notebook has five times as long), GB of a process, and a command that runs in a
    container what follows it, "" for none."""

    seconds: float = 60
    memory: float = 4
    inside: str = ""


def run_apart(notebook, limits):
    """The notebook with its outputs; cells that could not be run have an error that says so.

    Raises:
        Unusable: where nothing came back.
    """
    there = [*shlex.split(limits.inside), "python", f"tools/{RUNNER.name}"]
    command = there if limits.inside else [sys.executable, str(RUNNER)]
    command += ["--seconds", str(limits.seconds), "--memory", str(limits.memory)]
    token, patience = uuid4().hex, IN_ALL * limits.seconds + SPARE
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as got, tempfile.TemporaryFile() as said:
        given.write(nbformat.writes(notebook).encode())
        given.seek(0)
        task = {"args": command, "cwd": ROOT, "env": {**os.environ, TOKEN: token}}
        try:
            subprocess.run(**task, stdin=given, stdout=got, stderr=said, timeout=patience)
        except subprocess.TimeoutExpired:
            raise Unusable("took too long, and could not be stopped") from None
        except OSError as error:
            raise Unusable(f"could not be run: {error}") from None
        finally:
            _end_all(token)
        return _read(got, said)


def _read(got, said):
    for file in (got, said):
        file.seek(0)
    try:
        return nbformat.reads(got.read().decode(), 4)
    except Exception:
        lines = said.read().decode(errors="replace").strip().splitlines() or ["no reason was given"]
        raise Unusable(f"could not be run: {lines[-1]}") from None


def _end_all(token):
    """Files, not pipes, take what a run says: else its children that live on would be waited for before this."""
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if process.environ().get(TOKEN) == token:
                process.kill()


def state_of(executed):
    """How a run went, in words, and at which task."""
    words, task = [], "before the first task"
    for cell in executed.cells:
        if cell.cell_type == "markdown":
            task = next((f"at task {line[3:]}" for line in cell.source.splitlines() if line.startswith("## ")), task)
        stops = [WORDS[output.ename] for output in cell.get("outputs", []) if output.get("ename") in WORDS]
        words += [f"{stop} {task}" for stop in stops]
    return "; ".join(dict.fromkeys(words)) or "graded"
