"""Before handing in: is an exercise notebook answered, whole, and run from top to bottom?"""

import re
from pathlib import Path
from typing import NamedTuple

from xaiteach_course.workspace import LESSONS, WorkspaceError, as_notebook, course_command, fingerprint

TASK = re.compile(r"^## (\d+)\. ", re.MULTILINE)
STUBS = ("raise NotImplementedError", "*Write your answer here.*")
CALL = "xt.check."
VERDICT = re.compile(r"not yet: .+")


class Cell(NamedTuple):
    """A cell of a notebook; `task` names the heading above it."""

    kind: str
    source: str
    id: str
    count: int
    outputs: list
    task: str


def check_in(folder, lessons=(), course=LESSONS):
    """Judge the exercises in a learner's own copy: those of the named lessons, or all.

    Returns {file: sentences}: none of them means ready to hand in, and None that it is not begun.

    Raises:
        WorkspaceError: where there is nothing to judge.
    """
    mine = Path(folder) / "exercises"
    if not mine.is_dir():
        raise WorkspaceError(
            f"There is no folder {mine}; make your copy with: {course_command('lab', folder)}"
        )
    exercises = sorted(course.glob("exercises/*.ipynb"))
    wanted = [path for path in exercises if not lessons or path.name[:2] in lessons]
    if not wanted:
        raise WorkspaceError(
            f"No exercise belongs to {', '.join(lessons)}; want numbers of lessons, such as 03."
        )
    return {path.name: judge(mine / path.name, path) for path in wanted}


def judge(path, original):
    """What keeps the notebook at `path` from being handed in, a sentence each; None where it is not begun."""
    if not path.is_file():
        return None
    content, delivered = path.read_bytes(), original.read_bytes()
    if fingerprint(content) == fingerprint(delivered):
        return None
    cells = cells_of(content)
    if not cells:
        return ["it can't be read as a notebook"]
    changed = [sentence for cell in cells_of(delivered) for sentence in compare(cell, cells)]
    return list(dict.fromkeys(changed + look_at_run(cells)))


def cells_of(content):
    """The cells that hold something, each with the task it belongs to."""
    cells, task = [], "the beginning"
    for cell in as_notebook(content)["cells"]:
        source = "".join(cell["source"]).strip()
        headings = TASK.findall(source) if cell["cell_type"] == "markdown" else []
        task = f"task {headings[-1]}" if headings else task
        count, outputs = cell.get("execution_count"), cell.get("outputs", [])
        cells.append(Cell(cell["cell_type"], source, cell.get("id"), count, outputs, task))
    return [cell for cell in cells if cell.source]


def compare(cell, cells):
    """What became of one cell of the course in the cells of the learner."""
    is_there = any(cell.source in other.source for other in cells)
    same_id = [other.source for other in cells if other.id == cell.id]
    stub = next((stub for stub in STUBS if stub in cell.source), None)
    if stub and (is_there or any(stub in source for source in same_id)):
        yield f"{cell.task} is not answered: the line “{stub}” is still there"
    elif not is_there and not same_id:
        yield f"a cell of {cell.task} is missing; it began with “{cell.source.splitlines()[0]}”"
    elif not is_there and CALL in cell.source:
        yield f"the check of {cell.task} was changed; it was “{cell.source}”"


def look_at_run(cells):
    """What the outputs and the counts of a notebook say about its last run."""
    code = [cell for cell in cells if cell.kind == "code"]
    sentences = [sentence for cell in code for sentence in look_at_outputs(cell)]
    if [cell.count for cell in code] != list(range(1, len(code) + 1)):
        sentences.append(
            "it was not run from top to bottom: Kernel, Restart Kernel and Run All Cells, then save"
        )
    return sentences


def look_at_outputs(cell):
    for output in cell.outputs:
        if output.get("output_type") == "error":
            yield f"a cell of {cell.task} ended with {output.get('ename')}"
        verdict = VERDICT.search("".join(output.get("data", {}).get("text/plain", "")))
        if verdict and CALL in cell.source:
            yield f"the check of {cell.task} says “{verdict[0]}”"
