"""Run a submission in a process of its own, and end whatever it leaves behind."""

import json
import os
import shlex
import subprocess
import sys
import tempfile
from contextlib import suppress
from copy import deepcopy
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

import nbformat
import psutil
from run_submission import DIED, IN_ALL, NOT_RUN, TOO_LONG
from submissions import Unusable

RUNNER = Path(__file__).resolve().with_name("run_submission.py")
ROOT = RUNNER.parents[2]
TOKEN = "XAITEACH_SUBMISSION"  # a variable that all processes of a submission inherit
SPARE = 120  # seconds for a kernel to start and to end
ENDED = "RunEnded"
WORDS = {TOO_LONG: "took too long", DIED: "kernel died", ENDED: "the run ended"}
MINE = f"{os.getpid()}-"  # what the tokens of this process begin with


class Limits(NamedTuple):
    """Of a run: seconds of a cell (a notebook has five times as long), GB of a process, and a command that runs in a
    container what follows it, "" for none."""

    seconds: float = 60
    memory: float = 4
    inside: str = ""


def run_apart(notebook, limits):
    """A copy of the notebook with its outputs; cells that could not be run have an error that says so.

    Raises:
        Unusable: where not one cell could be run.
    """
    there = [*shlex.split(limits.inside), "python", f"tools/{RUNNER.name}"]
    command = there if limits.inside else [sys.executable, str(RUNNER)]
    command += ["--seconds", str(limits.seconds), "--memory", str(limits.memory)]
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as got, tempfile.TemporaryFile() as said:
        given.write(nbformat.writes(notebook).encode())
        given.seek(0)
        end = _run(command, IN_ALL * limits.seconds + SPARE, stdin=given, stdout=got, stderr=said)
        said.seek(0)
        lines = said.read().decode(errors="replace").strip().splitlines()
        return _with_outputs(notebook, got, end, lines[-1] if lines else "it was ended before its first cell")


def _run(command, patience, **files):
    """Files, not pipes, take what a run says: else its children that live on would be waited for.

    Returns:
        The name of the error of a cell that the run did not come to.
    """
    token = MINE + uuid4().hex
    with tempfile.TemporaryDirectory(prefix="xaiteach-", ignore_cleanup_errors=True) as folder:
        places = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), folder)
        try:
            subprocess.run(
                command, cwd=ROOT, env={**os.environ, **places, TOKEN: token}, timeout=patience, **files
            )
        except subprocess.TimeoutExpired:
            return TOO_LONG
        except OSError as error:
            raise Unusable(f"could not be run: {error}") from None
        finally:
            end_all(token)
    return ENDED


def _with_outputs(notebook, got, end, reason):
    """What was run until the run ended; the first cell that it did not come to says `end`."""
    done, whole = {}, deepcopy(notebook)
    got.seek(0)
    with suppress(ValueError):  # a last line may be broken off
        done.update(map(json.loads, got))
    code = {place: cell for place, cell in enumerate(whole.cells) if cell.cell_type == "code"}
    if code and not done:
        raise Unusable(f"could not be run: {reason}")
    for place, cell in code.items():
        cell.outputs = [nbformat.from_dict(output) for output in done.get(place, [])]
        if place not in done:
            cell.outputs, end = [nbformat.v4.new_output("error", ename=end, evalue=reason)], NOT_RUN
    return whole


def end_all(token=MINE):
    """End what a run has left behind; of all runs of this process, where none is named."""
    ended = []
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if process.environ().get(TOKEN, "").startswith(token):
                process.kill()
                ended.append(process)
    psutil.wait_procs(ended, timeout=2)


def stops(cell):
    """In words, how a cell was stopped: none, or one."""
    return [WORDS[output.ename] for output in cell.get("outputs", []) if output.get("ename") in WORDS]


def state_of(executed):
    """How a run went, in words, and at which task."""
    words, task = [], "before the first task"
    for cell in executed.cells:
        if cell.cell_type == "markdown":
            task = next(
                (f"at task {line[3:]}" for line in cell.source.splitlines() if line.startswith("## ")), task
            )
        words += [f"{stop} {task}" for stop in stops(cell)]
    return "; ".join(dict.fromkeys(words)) or "graded"
