"""What a submission may do, and what is left of it: hostile cells in runs of their own."""

import shlex
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import nbformat
import psutil
import pytest
import run_submission
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from run_apart import TOKEN, Limits, end_all, run_apart, state_of
from run_submission import Allowance, Outputs, Run, cpu_seconds, overwritten
from submissions import Unusable

PYTHON = shlex.quote(sys.executable)


def _ran(*sources, **limits):
    """Of each cell what was printed, and the names of errors."""
    notebook = new_notebook(cells=[new_markdown_cell("Words."), *map(new_code_cell, sources)])
    cells = run_apart(notebook, Limits(**limits)).cells[1:]
    return [[output.get("ename") or output.get("text", "") for output in cell.outputs] for cell in cells]


def _is_gone(pid):
    """Whether a process that was killed is gone, or only waits to be counted."""
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        with suppress(psutil.TimeoutExpired):
            process.wait(timeout=60)
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    return True


def test_a_run_has_limits_touches_nothing_of_the_users_and_leaves_nothing(monkeypatch):
    """A cell without end is stopped, and one that does not listen ends the notebook."""
    monkeypatch.setenv("XAITEACH_PROGRESS", "mine")
    monkeypatch.setenv("XAITEACH_CACHE", "mine")
    starts = "import subprocess, os\nprint(subprocess.Popen(['sleep', '9000'], start_new_session=True).pid)"
    where = "import tempfile\nprint(os.environ['XAITEACH_PROGRESS'], os.environ['XAITEACH_CACHE'])\n"
    where += "print(os.getcwd(), tempfile.mkdtemp())"
    grows = "x = bytearray(2 * 10**9)"
    deaf = "while True:\n    try:\n        while True: print('x' * 1000)\n    except BaseException: pass"
    cells = [starts, where, grows, "print('1, ' * 900_000)"]
    cells += ["while True: pass", "print('goes on')", deaf, "print('after')"]
    (pid,), (places,), memory, (line,), *stopped, shouted, after = _ran(*cells, seconds=1, memory=1)
    assert _is_gone(int(pid))
    progress, cache, folder, temporary = places.split()
    assert progress == "off" and Path(cache).parent == Path(folder).parent
    assert not Path(temporary).exists() and not Path(folder).exists()
    assert memory == (["MemoryError"] if sys.platform == "linux" else [])
    assert len(line) == 2_700_001
    assert stopped == [["KeyboardInterrupt", "TookTooLong"], ["goes on\n"]]
    assert shouted[-1] == "TookTooLong" and after == ["NotRun"]
    assert sum(map(len, shouted)) < run_submission.MOST + 1000


def test_a_runner_that_is_killed_is_one_submission_that_could_not_be_run(tmp_path):
    """Its kernel, and the folders of both, are gone."""
    file = str(tmp_path / "folder")
    where = f"import os, signal\nopen({file!r}, 'w').write(f'{{os.getcwd()}} {{os.getpid()}}')"
    with pytest.raises(Unusable, match="could not be run: it was ended before its end"):
        _ran(where, "os.kill(os.getppid(), signal.SIGKILL)", "print('after')")
    folder, pid = Path(file).read_text().split()
    assert not Path(folder).exists() and _is_gone(int(pid))


SAYS = f"""{PYTHON} -c 'raise SystemExit("first\\nno image ö")'"""


@pytest.mark.parametrize(
    "inside, reason",
    [("no-such-container run", ".*no-such-container"), ("echo", ".*Expecting value"), (SAYS, "no image ö$")],
)
def test_of_a_container_that_runs_no_cells_the_last_line_is_the_reason(inside, reason):
    with pytest.raises(Unusable, match=f"could not be run: {reason}"):
        _ran("1", inside=inside)


def test_runs_are_ended_on_demand():
    waits = f"{PYTHON} -c 'import time; time.sleep(9000)'"
    with ThreadPoolExecutor() as pool:
        running = pool.submit(_ran, "1", inside=waits)
        while not any(TOKEN in child.environ() for child in psutil.Process().children()):
            assert not running.done()
        end_all()
        with pytest.raises(Unusable):
            running.result()


@pytest.fixture
def clocks(monkeypatch):
    """Seconds of CPU time and by the clock, as one sets them."""
    seconds = {"cpu": 100.0, "wall": 1000.0}
    monkeypatch.setattr(run_submission, "cpu_seconds", lambda process: seconds["cpu"])
    monkeypatch.setattr(run_submission, "monotonic", lambda: seconds["wall"])
    return seconds


@pytest.mark.parametrize("cpu, wall, is_spent", [(59, 599, False), (61, 61, True), (0, 601, True)])
def test_an_allowance_counts_cpu_time_and_ten_times_as_much_by_the_clock(clocks, cpu, wall, is_spent):
    allowance = Allowance(None, 60)
    clocks["cpu"] += cpu
    clocks["wall"] += wall
    assert allowance.is_spent() == is_spent


def test_the_cpu_time_of_a_child_counts():
    works = "import time\nwhile time.process_time() < 0.6: pass\nprint(flush=True)\ninput()"
    before = cpu_seconds(psutil.Process())
    with subprocess.Popen([sys.executable, "-c", works], stdin=-1, stdout=-1) as child:
        child.stdout.readline()
        assert cpu_seconds(psutil.Process()) - before >= 0.5
        child.communicate(b"\n")
    assert cpu_seconds(psutil.Process()) - before >= 0.5
    assert cpu_seconds(psutil.Process()) < before + 60


class Kernel(Run):
    """One whose cells use as many seconds as their source says, and end when they are interrupted, or not."""

    def __init__(self, clocks, ends=True):
        self.clocks, self.ends, self.seconds = clocks, ends, 1
        self.manager, self.client, self.process, self.is_over = self, self, None, False
        self.whole = Allowance(None, run_submission.IN_ALL)

    def execute(self, source, allow_stdin):
        self.left = float(source)
        return "request"

    def get_iopub_msg(self, timeout):
        self.clocks["wall"] += timeout
        self.clocks["cpu"] += min(timeout, self.left)
        self.left -= timeout
        state = "idle" if self.left < 1e-9 else "busy"
        header = {"msg_id": "request"}
        return {"parent_header": header, "msg_type": "status", "content": {"execution_state": state}}

    def is_alive(self):
        return self.left < 50

    def interrupt_kernel(self):
        self.left = 0.2 if self.ends else self.left


@pytest.mark.parametrize(
    "seconds, ends, errors",
    [
        ([0.8, 2, 0.8], True, ["", "TookTooLong", ""]),
        ([0.8] * 8, True, [""] * 6 + ["TookTooLong", "NotRun"]),  # all have five together
        ([0.8, 9, 0.8], False, ["", "TookTooLong", "NotRun"]),
        ([0.8, 99, 0.8], True, ["", "KernelDied", "NotRun"]),
    ],
)
def test_a_cell_has_a_limit_and_all_cells_have_five_of_it(clocks, seconds, ends, errors):
    kernel = Kernel(clocks, ends)
    outputs = [kernel.run_cell(str(second)) for second in seconds]
    assert [cell[-1]["ename"] if cell else "" for cell in outputs] == errors


def test_a_run_that_was_stopped_says_where():
    def stopped(name):
        cell = new_code_cell("1")
        cell.outputs = [new_output("error", ename=name, evalue="", traceback=[])]
        return cell

    heading = new_markdown_cell("Words.\n## 3. Read this")
    cells = [stopped("TookTooLong"), heading, new_markdown_cell("### Part"), new_code_cell("## no heading")]
    cells += [stopped("KernelDied"), stopped("NotRun")]
    assert state_of(new_notebook(cells=cells)) == (
        "took too long before the first task; kernel died at task 3. Read this"
    )


def _printed(*pieces):
    outputs = Outputs()
    for name, text in pieces:
        outputs.keep("stream", {"name": name, "text": text})
    return [(output["name"], output["text"]) for output in outputs]


def test_pieces_of_one_kind_are_joined_and_of_a_bar_the_last_state_is_left():
    pieces = [("stdout", "1"), ("stdout", "2\n"), ("stderr", "a"), ("stdout", "b")]
    assert _printed(*pieces) == [("stdout", "12\n"), ("stderr", "a"), ("stdout", "b")]
    assert overwritten("1 %\r2 %\r100 %\nready\r\n") == "100 %\nready\n"


def test_outputs_are_kept_as_nbformat_wants_them_up_to_a_limit_and_errors_always(monkeypatch):
    monkeypatch.setattr(Outputs, "room", 150)
    outputs = Outputs()
    shown = {"data": {"text/plain": "." * 40}, "metadata": {}}
    outputs.keep("display_data", {**shown, "transient": {}})
    outputs.keep("execute_result", {**shown, "execution_count": 1})
    outputs.keep("status", {"execution_state": "busy"})
    for _ in range(2):
        outputs.keep("error", {"ename": "E", "evalue": "." * 200, "traceback": []})
    outputs.keep("stream", {"name": "stdout", "text": "more"})
    outputs.add_error("KernelDied", "Python ended")
    assert [output["output_type"] for output in outputs] == ["display_data", *["error"] * 3]
    nbformat.validate(new_notebook(cells=[new_code_cell("1", outputs=nbformat.from_dict(outputs))]))
    assert _printed(("stdout", "." * 300), ("stdout", ".")) == [("stdout", "." * 150)]
    outputs.keep("clear_output", {"wait": False})
    assert outputs == []
