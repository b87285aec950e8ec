"""Run notebooks in this process, where the frameworks are loaded already: a kernel takes ten seconds more."""

import os
from contextlib import contextmanager
from typing import NamedTuple

from IPython.core.displayhook import DisplayHook
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output


class Ran(NamedTuple):
    """What a cell printed and gave as text, and the exception that ended it, or None."""

    text: str
    error: BaseException | None


class _Result(DisplayHook):
    """The last value of a cell as nbval compares it: its text, without a prompt, and nothing of a figure."""

    def write_output_prompt(self):
        pass

    def write_format_data(self, format_dict, md_dict=None):
        if "image/png" not in format_dict:
            print(format_dict["text/plain"])


class _Shell(InteractiveShell):
    displayhook_class = _Result

    def _showtraceback(self, *_):
        """Errors are handed back, not printed."""

    def enable_gui(self, gui=None):
        """There are no windows here."""


def run(notebook, folder):
    """Run the cells of code in `folder`, from an empty namespace; a `Ran` for each."""
    shell = _Shell.instance()
    shell.reset(new_session=True)
    shell.run_line_magic("matplotlib", "inline")
    sources = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    with _inside(folder):
        return [_run_cell(shell, source) for source in sources]


def _run_cell(shell, source):
    with capture_output() as captured:
        outcome = shell.run_cell(source, store_history=False)
    shown = [output.data for output in captured.outputs]
    texts = [str(data.get("text/plain", "")) for data in shown if "image/png" not in data]
    error = outcome.error_before_exec or outcome.error_in_exec
    return Ran(captured.stdout + "".join(texts), error)


@contextmanager
def _inside(folder):
    before = os.getcwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
