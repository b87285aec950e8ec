"""Badges: numbers of tests in words."""

import numpy as np
import pytest

from xaiteach.metrics import Measured, badges


def test_a_badge_says_how_a_map_stood_its_tests():
    stable, sane = Measured(np.array([0.934, 1.0])), Measured(np.array([-0.021, 0.999]))
    first, second = "same twice 0.93; weights redrawn −0.02", "same twice 1.00; weights redrawn 1.00"
    assert badges(stability=stable, sanity=sane) == [first, second]
    assert badges(sanity=np.array([-0.001])) == ["weights redrawn 0.00"]
    assert badges(stability=stable.first()) == "same twice 0.93"
    with pytest.raises(ValueError, match="want stability=, sanity="):
        badges()
