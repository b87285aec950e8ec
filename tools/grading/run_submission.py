"""Run one notebook, whatever it does: `python tools/grading/run_submission.py < notebook.ipynb > outputs`.

What comes out is a line for each cell of code, as soon as it was run: its place and its outputs, as JSON. So what was
run is known even where this process does not live to the end. A cell that takes too long is interrupted, and the next
one runs. Where the kernel died or does not listen, or the whole notebook takes too long, the cells that are left are
not run and say so. Nothing here knows of a gradebook, so this part of the grading can go into a container (see
GRADING.md).
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from time import monotonic

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError

TOO_LONG, DIED, NOT_RUN = "TookTooLong", "KernelDied", "NotRun"
IN_ALL = 5  # the limit of a notebook, in limits of a cell
PATIENCE = 15  # seconds that an interrupted cell has to come to its end
MOST = 3_000_000  # characters of a cell's output that are kept


class Run(NotebookClient):
    """The cells of a notebook, one after the other, in a kernel of its own.

    Args:
        notebook: gets the outputs.
        seconds: limit of one cell; the whole notebook has five times as long.
        memory: limit of a process in GB (on Linux).
        folder: where it runs.
    """

    def __init__(self, notebook, seconds, memory, folder):
        super().__init__(
            notebook,
            kernel_name="python3",
            allow_errors=True,
            record_timing=False,
            store_widget_state=False,
            timeout_func=lambda cell: max(0.1, min(seconds, self.end - monotonic())),
            interrupt_on_timeout=True,
            error_on_timeout={
                "ename": TOO_LONG,
                "evalue": f"stopped after {seconds:g} seconds",
                "traceback": [],
            },
            on_cell_executed=_keep_error,
            iopub_timeout=PATIENCE,
            raise_on_iopub_timeout=True,
            shutdown_kernel="immediate",
            resources={"metadata": {"path": str(folder)}},
        )
        self.seconds, self.memory, self.size, self.over = seconds, memory, 0, False

    def run(self, tell):
        """Run all cells; `tell(index, outputs)` is called after each."""
        with self.setup_kernel(stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL):
            _limit_memory(self.km.provisioner.pid, self.memory)
            self.end = monotonic() + IN_ALL * self.seconds
            for index, cell in enumerate(self.nb.cells):
                if cell.cell_type == "code":
                    self.size = 0
                    self._run_cell(cell, index)
                    cell.outputs = joined(cell.outputs)
                    tell(index, cell.outputs)

    def _run_cell(self, cell, index):
        if self.over or monotonic() > self.end:
            _add_error(cell, NOT_RUN if self.over else TOO_LONG, "the notebook was stopped before this cell")
            self.over = True
            return
        try:
            self.execute_cell(cell, index)
        except DeadKernelError:
            self.over = True
            _add_error(cell, DIED, "Python ended in this cell")
        except CellTimeoutError:
            self.over = True
            _add_error(cell, TOO_LONG, "it could not be interrupted")

    def process_message(self, msg, cell, cell_index):
        """A cell's outputs are kept up to a limit; that a cell is ready is always heard."""
        self.size += len(str(msg["content"]))
        if self.size < MOST or msg["msg_type"] == "status":
            return super().process_message(msg, cell, cell_index)
        return None


def joined(outputs):
    """Pieces of what was printed as one; of a line that was written over, as progress bars do, the last state is left.

    nbclient would do the same, in a time that grows with the square of a line's length.
    """
    whole = []
    for output in outputs:
        if (
            whole
            and output.output_type == "stream" == whole[-1].output_type
            and output.name == whole[-1].name
        ):
            whole[-1].text += output.text
        else:
            whole.append(output)
    for output in whole:
        if output.output_type == "stream":
            lines = output.text.split("\n")
            output.text = "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in lines)
    return whole


def _keep_error(cell, cell_index, execute_reply):
    """A cell that failed has an error among its outputs, whatever it printed."""
    reply = execute_reply["content"]
    if reply["status"] == "error" and reply["ename"] not in {output.get("ename") for output in cell.outputs}:
        _add_error(cell, reply["ename"], reply["evalue"])


def _add_error(cell, name, words):
    cell.outputs.append(
        nbformat.v4.new_output("error", ename=name, evalue=words, traceback=[f"{name}: {words}"])
    )


def _limit_memory(pid, gigabytes):
    with suppress(ImportError, AttributeError):  # Windows and macOS
        import resource

        resource.prlimit(pid, resource.RLIMIT_DATA, (int(gigabytes * 2**30),) * 2)


def run(notebook, seconds, memory, tell):
    """Execute a notebook in a new folder that is removed after, with nothing of the user's but Python."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        home = {name: f"{folder}/{name}" for name in ("IPYTHONDIR", "XAITEACH_CACHE", "JUPYTER_RUNTIME_DIR")}
        os.environ.update(home, XAITEACH_PROGRESS="off", OMP_NUM_THREADS="1")
        work = Path(folder, "work")
        work.mkdir()
        Run(notebook, seconds, memory, work).run(tell)


def main(words):
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--memory", type=float, default=4)
    choice = parser.parse_args(words)
    notebook = nbformat.reads(sys.stdin.buffer.read().decode("utf-8"), 4)
    run(notebook, choice.seconds, choice.memory, lambda *done: print(json.dumps(done), flush=True))


if __name__ == "__main__":
    main(sys.argv[1:])
