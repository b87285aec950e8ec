"""Run a submission in a process of its own, and end whatever it leaves behind."""

import json
import os
import shlex
import subprocess
import sys
from contextlib import ExitStack, suppress
from copy import deepcopy
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import NamedTuple
from uuid import uuid4

import nbformat
import psutil
from marks import headings
from run_submission import DIED, IN_ALL, START, TOO_LONG, WALL
from submissions import Unusable

from xaiteach.files.errors import short

RUNNER = Path(__file__).resolve().with_name("run_submission.py")
ROOT = RUNNER.parents[2]
TOKEN = "XAITEACH_SUBMISSION"  # a variable that all processes of a submission inherit
MINE = f"{os.getpid()}-"  # what the tokens of this process begin with
WORDS = {TOO_LONG: "took too long", DIED: "kernel died"}


class Limits(NamedTuple):
    """Of a run: CPU seconds of a cell (a notebook has five times as many), GB of a process, and a container.

    `inside` is a command that runs there what follows it, "" for none.
    """

    seconds: float = 60
    memory: float = 4
    inside: str = ""


def run_apart(notebook, limits):
    """A copy of the notebook with its outputs; cells that could not be run have an error that says so.

    Where the run did not come to its end it is `Unusable`.
    """
    command = [sys.executable, str(RUNNER)]
    if limits.inside:
        command = [*shlex.split(limits.inside), "python", RUNNER.relative_to(ROOT).as_posix()]
    command += ["--seconds", str(limits.seconds), "--memory", str(limits.memory)]
    executed = deepcopy(notebook)
    code = [cell for cell in executed.cells if cell.cell_type == "code"]
    patience = 2 * START + WALL * (IN_ALL + 2) * limits.seconds
    token = MINE + uuid4().hex
    with ExitStack() as files:
        # Files, not pipes, take what a run says: else its children that live on would be waited for.
        sources, outputs, log = (files.enter_context(TemporaryFile("w+", errors="replace")) for _ in range(3))
        folder = files.enter_context(TemporaryDirectory(prefix="xaiteach-", ignore_cleanup_errors=True))
        files.callback(end_all, token)
        variables = {**os.environ, **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), folder), TOKEN: token}
        where = {"cwd": ROOT, "env": variables, "stdin": sources, "stdout": outputs, "stderr": log}
        json.dump([cell.source for cell in code], sources)
        sources.seek(0)
        try:
            subprocess.run(command, timeout=patience, check=True, **where)
            outputs.seek(0)
            for cell, shown in zip(code, json.load(outputs), strict=True):
                cell.outputs = nbformat.from_dict(shown)
        except subprocess.SubprocessError:
            log.seek(0)
            lines = log.read().strip().splitlines() or ["it was ended before its end"]
            raise Unusable(f"could not be run: {lines[-1]}") from None
        except (OSError, ValueError) as error:
            raise Unusable(f"could not be run: {short(error)}") from None
    return executed


def end_all(token=MINE):
    """End what a run has left behind; of all runs of this process, where none is named."""
    ended = []
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if process.environ().get(TOKEN, "").startswith(token):
                process.kill()
                ended.append(process)
    psutil.wait_procs(ended, timeout=2)


def state_of(executed):
    """In words, which cells were stopped, how, and at which task; "graded" where none was."""
    words = []
    for cell, heading in zip(executed.cells, headings(executed), strict=True):
        task = f"at task {heading}" if heading else "before the first task"
        names = [output.get("ename") for output in cell.get("outputs", [])]
        words += [f"{WORDS[name]} {task}" for name in names if name in WORDS]
    return "; ".join(dict.fromkeys(words)) or "graded"
