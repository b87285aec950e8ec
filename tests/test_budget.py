"""The README's table of what each lesson costs."""

import re
from pathlib import Path

import pytest
from test_notebooks import LESSONS

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| \[(?P<title>.+)\]\(notebooks/(?P<name>.+)\) \| (?P<seconds>\d+) \| (?P<memory>\d+) \|$", re.M)
MEASURED = {row["name"]: row for row in ROW.finditer(README)}
SECONDS, MEGABYTES = 90, 1500
OF_TWO_FRAMEWORKS = {"10_explain_your_own_model.ipynb": 1600}  # megabytes of lessons that load both


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.name)
def test_each_lesson_was_measured_and_stays_within_its_limits(lesson):
    assert lesson.name in MEASURED, "run `make budget`"
    row = MEASURED[lesson.name]
    assert 0 < int(row["seconds"]) <= SECONDS
    assert 0 < int(row["memory"]) <= OF_TWO_FRAMEWORKS.get(lesson.name, MEGABYTES)


def test_the_table_names_no_lesson_that_is_not_there():
    assert set(MEASURED) == {path.name for path in LESSONS}
