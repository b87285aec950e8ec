"""The README's table of what each lesson and its exercises cost."""

import re
from pathlib import Path

import pytest
from exercises import exercise_path, solutions
from test_notebooks import LESSONS, ROOT

OPENED = [path.relative_to(ROOT).as_posix() for path in [*LESSONS, *map(exercise_path, solutions())]]
README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| \[(?P<title>.+)\]\((?P<name>.+)\) \| (?P<seconds>\d+) \| (?P<memory>\d+) \|$", re.M)
MEASURED = {row["name"]: row for row in ROW.finditer(README)}
SECONDS, MEGABYTES = 90, 1500
OF_TWO_FRAMEWORKS = {"notebooks/10_explain_your_own_model.ipynb": 1600}  # megabytes of lessons that load both


@pytest.mark.parametrize("name", OPENED)
def test_each_notebook_was_measured_and_stays_within_its_limits(name):
    assert name in MEASURED, "run `make budget`"
    row = MEASURED[name]
    assert 0 < int(row["seconds"]) <= SECONDS
    assert 0 < int(row["memory"]) <= OF_TWO_FRAMEWORKS.get(name, MEGABYTES)


def test_the_table_names_no_notebook_that_is_not_there():
    assert set(MEASURED) == set(OPENED)
