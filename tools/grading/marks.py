"""What nbgrader's marks say of a notebook's cells. Nothing here needs nbgrader."""

import re

HEADING = re.compile(r"^## (.+)", re.MULTILINE)


def mark_of(cell):
    return cell.metadata.get("nbgrader") or {}


def name_of(cell):
    """The cell's name in the gradebook; None for a cell without a mark."""
    return mark_of(cell).get("grade_id")


def is_test(cell):
    return bool(mark_of(cell).get("locked"))


def is_answer(cell):
    """Whether the learner writes into it, code or text."""
    return bool(mark_of(cell).get("solution"))


def is_text(cell):
    """Whether it is an answer that a person reads and gives points for."""
    return is_answer(cell) and bool(mark_of(cell)["grade"])


def tests_of(notebook):
    """{name in the gradebook: the test}."""
    return {name_of(cell): cell.source.strip() for cell in notebook.cells if is_test(cell)}


def headings(notebook):
    """For each cell the heading of its task, such as "1. Build this"; "" before the first."""
    found = []
    heading = ""
    for cell in notebook.cells:
        match = HEADING.search(cell.source)
        if match and cell.cell_type == "markdown":
            heading = match[1]
        found.append(heading)
    return found
