"""What a submission may do, and what is left of it: hostile cells, each in a run of its own, without the course."""

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import nbformat
import psutil
import pytest
from run_apart import Limits, end_all, run_apart, state_of
from run_submission import joined
from submissions import Unusable


def _ends(pid, patience=10):
    """Whether a process is gone, or only waits to be counted, within seconds."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        with suppress(psutil.NoSuchProcess):
            if psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
                time.sleep(0.1)
                continue
        return True
    return False


def _ran(*sources, **limits):
    notebook = nbformat.v4.new_notebook(cells=list(map(nbformat.v4.new_code_cell, sources)))
    cells = run_apart(notebook, Limits(**limits)).cells
    return [[output.get("ename") or output.get("text", "") for output in cell.outputs] for cell in cells]


def test_a_run_leaves_no_process_and_touches_neither_progress_nor_cache(monkeypatch):
    monkeypatch.setenv("XAITEACH_PROGRESS", "mine")
    monkeypatch.setenv("XAITEACH_CACHE", "mine")
    stays = "import subprocess, os\nprint(subprocess.Popen(['sleep', '900'], start_new_session=True).pid)"
    where = "print(os.environ['XAITEACH_PROGRESS'], os.environ['XAITEACH_CACHE'], os.getcwd(), sep='\\n')"
    (pid,), (places,) = _ran(stays, where)
    assert _ends(int(pid))
    progress, cache, folder = places.split()
    assert progress == "off"
    assert not Path(folder).exists() and Path(cache).parent == Path(folder).parent


def test_a_cell_that_does_not_listen_ends_the_notebook_and_not_the_run():
    deaf = "while True:\n    try:\n        while True: print('x' * 1000)\n    except BaseException: pass"
    first, second, third = _ran("print('before')", deaf, "print('after')", seconds=2)
    assert first == ["before\n"] and second[-1] == "TookTooLong" and third == ["NotRun"]
    assert sum(map(len, second)) < 11e6


@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited on Linux")
def test_memory_has_a_limit():
    assert _ran("x = bytearray(2 * 10**9)", "print('after')", memory=1) == [["MemoryError"], ["after\n"]]


def test_a_runner_that_is_killed_is_one_submission_that_could_not_be_run():
    with pytest.raises(Unusable, match="could not be run"):
        _ran("import os, signal\nos.kill(os.getppid(), signal.SIGKILL)")


def test_what_was_run_before_a_runner_was_killed_is_kept_and_nothing_else():
    where = "import os, signal, ipykernel\nprint(os.getcwd(), ipykernel.get_connection_file(), sep='\\n')"
    first, second, third = _ran(where, "os.kill(os.getppid(), signal.SIGKILL)", "print('after')")
    assert (second, third) == (["RunEnded"], ["NotRun"])
    assert not any(Path(path).exists() for path in first[0].split())


def test_a_run_that_ended_says_where():
    cells = [nbformat.v4.new_markdown_cell("## 3. Read this"), nbformat.v4.new_code_cell("1")]
    cells[1].outputs = [nbformat.v4.new_output("error", ename="RunEnded", evalue="", traceback=[])]
    assert state_of(nbformat.v4.new_notebook(cells=cells)) == "the run ended at task 3. Read this"


def test_runs_are_ended_on_demand():
    with ThreadPoolExecutor() as pool:
        running = pool.submit(_ran, "print('before')", "import time\ntime.sleep(900)", seconds=900)
        while not any("run_submission" in word for child in _children() for word in child.cmdline()):
            time.sleep(0.1)
        end_all()
        with suppress(Unusable):
            running.result(timeout=60)


def _children():
    return psutil.Process().children()


def _printed(*pieces):
    return [nbformat.v4.new_output("stream", name=name, text=text) for name, text in pieces]


def test_pieces_of_what_was_printed_are_joined_and_a_bar_is_left_at_its_last_state():
    pieces = _printed(
        ("stdout", "1 %\r2 %"), ("stdout", "\r100 %\nready\r\n"), ("stderr", "a"), ("stdout", "b")
    )
    assert joined(pieces) == _printed(("stdout", "100 %\nready\n"), ("stderr", "a"), ("stdout", "b"))


def test_a_line_of_any_length_is_only_printed():
    ((line,),) = _ran("print('1, ' * 900_000)", seconds=20)
    assert len(line) == 2_700_001


def test_a_command_that_is_not_there_says_so():
    with pytest.raises(Unusable, match="no-such-container"):
        _ran("1", inside="no-such-container run")
