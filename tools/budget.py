"""Measure seconds and peak memory of each lesson and of its solved exercises: `make budget`.

They go to the table in the README.
"""

import re
import sys
import tempfile
from pathlib import Path
from shutil import copytree

import nbformat

sys.path.insert(0, str(Path(__file__).parent))
from execute import LESSONS, execute, lessons
from exercises import exercise_path, solutions

README = LESSONS.parent / "README.md"
MARKED = re.compile(r"(<!-- budget -->\n).*?(<!-- /budget -->)", re.DOTALL)


def title(path):
    """The heading of a lesson's first cell."""
    first = nbformat.read(path, 4).cells[0].source.splitlines()[0]
    return first.removeprefix("# ").strip()


def measure():
    """A row a notebook, run on a copy so that the originals stay as they are."""
    with tempfile.TemporaryDirectory() as folder:
        copies = copytree(LESSONS, Path(folder) / "notebooks")
        for path in sorted([*lessons(), *solutions()], key=lambda path: (path.name[:2], path.parent.name)):
            seconds, megabytes = execute(copies / path.relative_to(LESSONS))
            opened = (
                (exercise_path(path) if path.parent != LESSONS else path)
                .relative_to(LESSONS.parent)
                .as_posix()
            )
            yield f"| [{path.name[:2]} {title(path)}]({opened}) | {seconds:.0f} | {megabytes:.0f} |"


def write(rows):
    head = ["| notebook | seconds | peak memory (MB) |", "| --- | ---: | ---: |"]
    table = "\n".join([*head, *rows]) + "\n"
    README.write_text(
        MARKED.sub(lambda found: found[1] + table + found[2], README.read_text("utf-8")), "utf-8"
    )
    print(table)


if __name__ == "__main__":
    write(list(measure()))
