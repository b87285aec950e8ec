"""Before handing in: is an exercise notebook answered, whole, and run from top to bottom?"""

import re
from pathlib import Path

from xaiteach_course.workspace import LESSONS, WorkspaceError, as_notebook, course_command, fingerprint

TASK = re.compile(r"^## (\d+)\. ", re.MULTILINE)
STUBS = ("raise NotImplementedError", "*Write your answer here.*")
CALL = "xt.check."
VERDICT = re.compile(r"not yet: .+")


def check_in(folder, lessons=(), course=LESSONS):
    """Judge the exercises in a learner's own copy: those of the named lessons, or all.

    Returns {file: sentences}: none of them means ready to hand in, and None that it is not begun.

    Raises:
        WorkspaceError: where there is nothing to judge.
    """
    mine, make = Path(folder) / "exercises", course_command("lab", folder)
    if not mine.is_dir():
        raise WorkspaceError(f"There is no folder {mine}; make your copy with: {make}")
    exercises = sorted(course.glob("exercises/*.ipynb"))
    wanted = [path for path in exercises if not lessons or path.name[:2] in lessons]
    if not wanted:
        given = ", ".join(lessons)
        raise WorkspaceError(f"No exercise belongs to {given}; want numbers of lessons, such as 03.")
    return {path.name: judge(mine / path.name, path) for path in wanted}


def judge(path, original):
    """What keeps the notebook at `path` from being handed in, a sentence each; None where it is not begun."""
    delivered = original.read_bytes()
    content = path.read_bytes() if path.is_file() else delivered
    if fingerprint(content) == fingerprint(delivered):
        return None
    cells = cells_of(content)
    if not cells:
        return ["it can't be read as a notebook"]
    changed = [sentence for cell in cells_of(delivered) for sentence in compare(cell, cells)]
    return list(dict.fromkeys([*changed, *look_at_run(cells)]))


def cells_of(content):
    """The cells that hold something, each with the task it belongs to."""
    cells, task = [], "the beginning"
    for cell in as_notebook(content)["cells"]:
        source = "".join(cell["source"]).strip()
        headings = TASK.findall(source) if cell["cell_type"] == "markdown" else []
        task = f"task {headings[-1]}" if headings else task
        if source:
            cells.append({**cell, "source": source, "task": task})
    return cells


def compare(cell, cells):
    """What became of one cell of the course in the cells of the learner."""
    source, task = cell["source"], cell["task"]
    is_there = any(source in other["source"] for other in cells)
    same_id = [other["source"] for other in cells if other.get("id") == cell.get("id")]
    stub = next((stub for stub in STUBS if stub in source), None)
    if stub and (is_there or any(stub in other for other in same_id)):
        yield f"{task} is not answered: the line “{stub}” is still there"
    elif not is_there and not same_id:
        yield f"a cell of {task} is missing; it began with “{source.splitlines()[0]}”"
    elif not is_there and CALL in source:
        yield f"the check of {task} was changed; it was “{source}”"


def look_at_run(cells):
    """What the outputs and the counts of a notebook say about its last run."""
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    for cell in code:
        for output in cell.get("outputs", []):
            if output.get("output_type") == "error":
                yield f"a cell of {cell['task']} ended with {output.get('ename')}"
            verdict = VERDICT.search("".join(output.get("data", {}).get("text/plain", "")))
            if verdict and CALL in cell["source"]:
                yield f"the check of {cell['task']} says “{verdict[0]}”"
    if [cell.get("execution_count") for cell in code] != list(range(1, len(code) + 1)):
        yield "it was not run from top to bottom: Kernel, Restart Kernel and Run All Cells, then save"
