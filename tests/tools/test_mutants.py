"""The list of faults stays one of this code."""

import pytest
from mutants import ROOT, faults


@pytest.mark.parametrize("fault", faults(), ids=lambda fault: fault.what)
def test_a_fault_is_put_where_the_code_still_is_and_changes_it(fault):
    text = (ROOT / fault.file).read_text("utf-8")
    assert text.count(fault.right) == 1 and fault.right != fault.wrong
    assert all((ROOT / "tests" / part.partition("::")[0]).exists() for part in fault.tests.split())
