"""What tests of the grading share."""

import commands
import exercises
import nbformat
import pytest
from example_class import NAME, solution


@pytest.fixture(scope="session")
def fresh(tmp_path_factory):
    """A course with the small exercise released: to be copied, since nbgrader is slow to make a gradebook."""
    folder = tmp_path_factory.mktemp("fresh")
    path = folder / "solutions" / f"{NAME}_solution.ipynb"
    path.parent.mkdir()
    nbformat.write(solution(), path)
    commands.release(folder, path)
    return folder


@pytest.fixture(scope="session")
def released():
    """What is handed out: stubs, and nbgrader's marks."""
    frame, copy = exercises.marked(solution()), exercises.learner_copy(solution())
    for cell, other in zip(frame.cells, copy.cells, strict=True):
        cell.source = other.source
    return exercises.bare(frame)
