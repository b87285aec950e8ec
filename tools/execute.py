"""Execute notebooks in place, so that their stored outputs are exactly what nbval will see: `make lessons`.

Prints the seconds and the peak memory of each. Usage: python tools/execute.py [NOTEBOOK …], or all lessons.
"""

import os
import sys
import threading
import time
from pathlib import Path

import nbformat
import psutil
from nbclient import NotebookClient

LESSONS = Path(__file__).parents[1] / "notebooks"
WIDGET = "application/vnd.jupyter.widget-view+json"


def execute(path):
    """Run one notebook from a fresh kernel and store it; seconds and peak memory in MB are returned."""
    # ipykernel captures the output of C code only outside of pytest, and nbval runs inside of it.
    os.environ["PYTEST_CURRENT_TEST"] = "execute"
    os.environ["XAITEACH_PROGRESS"] = "off"
    notebook = nbformat.read(path, 4)
    client = NotebookClient(
        notebook,
        timeout=600,
        kernel_name="python3",
        coalesce_streams=True,
        record_timing=False,
        store_widget_state=False,
        resources={"metadata": {"path": str(path.parent)}},
    )
    meter = Meter(client)
    client.execute()
    notebook.metadata.pop("widgets", None)
    _drop_widgets(notebook)
    notebook.metadata["language_info"] = {"name": "python"}
    nbformat.write(notebook, path)
    return meter.stop()


def _drop_widgets(notebook):
    """A stored progress bar without its state is an error message in JupyterLab, and 0 % elsewhere."""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if WIDGET not in output.get("data", {})]


class Meter(threading.Thread):
    """Watches the clock and the kernel's resident memory while a notebook runs."""

    def __init__(self, client):
        super().__init__(daemon=True)
        self.client, self.peak, self.running, self.start_time = client, 0, True, time.perf_counter()
        self.start()

    def run(self):
        while self.running:
            self.peak = max(self.peak, self._resident())
            time.sleep(0.1)

    def stop(self):
        self.running = False
        return time.perf_counter() - self.start_time, self.peak / 1e6

    def _resident(self):
        provisioner = getattr(self.client.km, "provisioner", None)
        try:
            return psutil.Process(provisioner.pid).memory_info().rss
        except (AttributeError, TypeError, ValueError, psutil.Error):
            return 0


def lessons():
    """The lessons, in order, found by their number."""
    return sorted(LESSONS.glob("[0-9][0-9]_*.ipynb"))


if __name__ == "__main__":
    for path in map(Path, sys.argv[1:]) if sys.argv[1:] else lessons():
        seconds, megabytes = execute(path.resolve())
        print(f"{path.name}: {seconds:.0f} s, {megabytes:.0f} MB")
