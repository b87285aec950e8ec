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
    curve = np.array([[1, 0.9, 0.3], [1, 0.5, -0.5]])
    falls = Measured(curve[:, -1], curve, asked="weights redrawn")
    first, second = badges(sanity=falls)
    assert first == "weights redrawn 0.60 (mean of 2 layers)", "and not where it ends"
    assert second == "weights redrawn 0.00 (mean of 2 layers)"
    noisy = Measured(np.array([0.5]), asked="same under 2 % noise")
    assert badges(stability=noisy.first(), sanity=falls.first()) == f"same under 2 % noise 0.50; {first}"
    with pytest.raises(ValueError, match="want stability=, sanity="):
        badges()
