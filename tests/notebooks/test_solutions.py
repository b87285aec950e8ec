"""The solutions give what is stored in them; they are run in this process, without a kernel."""

import exercises
import nbformat
import pytest
import warm
from test_notebooks import code, marked, text_output

SOLUTIONS = exercises.solutions()


@pytest.mark.parametrize("path", SOLUTIONS, ids=[path.stem for path in SOLUTIONS])
def test_a_solution_prints_what_is_stored(path):
    ran = warm.run(nbformat.read(path, 4), path.parent)
    for cell, (text, error) in zip(code(path), ran, strict=True):
        assert error is None, cell.source
        if marked(cell):
            assert text.strip() == text_output(cell), cell.source
