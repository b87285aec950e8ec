"""The README's table of what each lesson and its exercises cost."""

import re

from exercises import exercise_path, solutions
from test_notebooks import LESSONS, ROOT

OPENED = [path.relative_to(ROOT).as_posix() for path in [*LESSONS, *map(exercise_path, solutions())]]
README = (ROOT / "README.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| \[(?P<title>.+)\]\((?P<name>.+)\) \| (?P<seconds>\d+) \| (?P<memory>\d+) \|$", re.M)
MEASURED = {row["name"]: row for row in ROW.finditer(README)}
SECONDS, MEGABYTES = 90, 1500
OF_TWO_FRAMEWORKS = {"notebooks/10_explain_your_own_model.ipynb": 1600}  # megabytes of lessons that load both


def test_each_notebook_was_measured_and_stays_within_its_limits():
    assert set(MEASURED) == set(OPENED), "run `make budget`"
    for name, row in MEASURED.items():
        assert 0 < int(row["seconds"]) <= SECONDS, name
        assert 0 < int(row["memory"]) <= OF_TWO_FRAMEWORKS.get(name, MEGABYTES), name
