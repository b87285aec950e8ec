"""Run the code of a notebook, whatever it does: `python tools/grading/run_submission.py < sources > outputs`.

Both are JSON: the sources of the cells, and for each cell a list of its outputs. A cell that takes too long
is interrupted, and the next one runs. Where the kernel died or does not listen, or all cells together took
too long, the cells that are left are not run and say so. Nothing here knows of notebooks or a gradebook, so
this part of the grading starts quickly, and can go into a container (see GRADING.md).
"""

import argparse
import json
import os
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from queue import Empty
from subprocess import DEVNULL
from time import monotonic

import psutil
from jupyter_client.manager import KernelManager

READY, TOO_LONG, DIED, NOT_RUN = "Ready", "TookTooLong", "KernelDied", "NotRun"
IN_ALL = 5  # the limit of a notebook, in limits of a cell
WALL = 10  # seconds by the clock that there are for one of CPU time
START = 300  # seconds by the clock for a kernel to start
PATIENCE = 0.5  # of a cell's limit, for an interrupted cell to come to its end
LOOK = 0.2  # seconds between two looks at the clocks
MOST = 3_000_000  # characters of a cell's output that are kept
FIELDS = {
    "stream": ("name", "text"),
    "display_data": ("data", "metadata"),
    "execute_result": ("data", "metadata", "execution_count"),
    "error": ("ename", "evalue", "traceback"),
}


class Allowance:
    """CPU seconds of a process and its children; by the clock there is ten times as much.

    A busy machine makes a program slower, but not its CPU time longer. The clock ends what only sleeps.
    """

    def __init__(self, process, seconds):
        self.process = process
        self.end = cpu_seconds(process) + seconds
        self.wall_end = monotonic() + WALL * seconds

    def is_spent(self):
        return monotonic() > self.wall_end or cpu_seconds(self.process) > self.end


def cpu_seconds(process):
    """What a process has used, with all that it has started."""
    spent = 0
    with suppress(psutil.Error):
        for each in [process, *process.children(recursive=True)]:
            with suppress(psutil.Error):
                times = each.cpu_times()
                spent += times.user + times.system + times.children_user + times.children_system
    return spent


class Outputs(list):
    """What a cell printed and showed, up to a limit; an error is always kept."""

    room = MOST

    def keep(self, kind, content):
        if kind == "clear_output":
            self.clear()
        if kind == "stream":
            content["text"] = content["text"][: self.room]
        size = len(content["text"] if kind == "stream" else str(content))
        if kind == "error" or (kind in FIELDS and 0 < size <= self.room):
            self.room = max(0, self.room - size)
            self.add(kind, {field: content[field] for field in FIELDS[kind]})

    def add(self, kind, content):
        """Pieces of what was printed are joined. (nbclient does it in a time that grows with the square.)"""
        is_piece = self and kind == self[-1]["output_type"] == "stream"
        if is_piece and content["name"] == self[-1]["name"]:
            self[-1]["text"] += content["text"]
        else:
            self.append({"output_type": kind, **content})

    def add_error(self, name, words):
        self.add("error", {"ename": name, "evalue": words, "traceback": [f"{name}: {words}"]})


def overwritten(text):
    """Of a line that was written over, as progress bars do, the last state."""
    return "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n"))


class Run:
    """A kernel in `folder` that runs cells one after the other; `is_over` where it can't run another one."""

    def __init__(self, folder, seconds):
        self.seconds = seconds
        self.is_over = False
        self.manager = KernelManager(kernel_name="python3")
        self.manager.start_kernel(cwd=folder, stdout=DEVNULL, stderr=DEVNULL)
        self.client = self.manager.blocking_client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=START)
        self.process = psutil.Process(self.manager.provisioner.pid)
        self.whole = Allowance(self.process, IN_ALL * seconds)

    def run_cell(self, source):
        """The outputs of a cell, with an error that says so where it was stopped."""
        outputs = Outputs()
        if self.is_over:
            outputs.add_error(NOT_RUN, "the run was stopped before this cell")
            return outputs
        request = self.client.execute(source, allow_stdin=False)
        end = self._listen(request, outputs, [Allowance(self.process, self.seconds), self.whole])
        if end == TOO_LONG:
            self.manager.interrupt_kernel()
            patience = Allowance(self.process, PATIENCE * self.seconds)
            is_deaf = self._listen(request, outputs, [patience]) != READY
            outputs.add_error(TOO_LONG, f"stopped after {self.seconds:g} seconds")
            self.is_over = is_deaf or self.whole.is_spent()
        elif end == DIED:
            outputs.add_error(DIED, "Python ended in this cell")
            self.is_over = True
        for output in outputs:
            if output["output_type"] == "stream":
                output["text"] = overwritten(output["text"])
        return outputs

    def _listen(self, request, outputs, allowances):
        """Keep what the kernel says about a request, until it is ready, died, or an allowance is spent."""
        next_look = monotonic() + LOOK
        while True:
            with suppress(Empty):
                message = self.client.get_iopub_msg(timeout=LOOK)
                is_about_it = message["parent_header"].get("msg_id") == request
                if is_about_it and message["content"].get("execution_state") == "idle":
                    return READY
                if is_about_it:
                    outputs.keep(message["msg_type"], message["content"])
            if monotonic() < next_look:
                continue
            if not self.manager.is_alive():
                return DIED
            if any(allowance.is_spent() for allowance in allowances):
                return TOO_LONG
            next_look = monotonic() + LOOK


def run(sources, seconds):
    """The outputs of cells, run in a new folder that is removed after, and with nothing of the user's."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        for name in ("IPYTHONDIR", "XAITEACH_CACHE", "JUPYTER_RUNTIME_DIR"):
            os.environ[name] = f"{folder}/{name}"
        os.environ.update(XAITEACH_PROGRESS="off", OMP_NUM_THREADS="1")
        work = Path(folder, "work")
        work.mkdir()
        kernel = Run(str(work), seconds)
        try:
            return [kernel.run_cell(source) for source in sources]
        finally:
            kernel.client.stop_channels()
            kernel.manager.shutdown_kernel(now=True)


def main(words):
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--memory", type=float, default=4)
    choice = parser.parse_args(words)
    if sys.platform == "linux":
        import resource

        # Of this process, and of each that it starts.
        most = int(choice.memory * 2**30)
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    print(json.dumps(run(json.load(sys.stdin), choice.seconds)))


if __name__ == "__main__":
    main(sys.argv[1:])
