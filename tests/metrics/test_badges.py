"""Badges: numbers of tests in words."""

import numpy as np
import pytest

import xaiteach as xt
from xaiteach.metrics import Measured, badges


def test_a_badge_says_how_a_map_stood_its_tests():
    stable, sane = Measured(np.array([0.934, 1.0])), Measured(np.array([-0.021, 0.999]))
    assert badges(stability=stable, sanity=sane) == [
        "same twice 0.93; weights redrawn −0.02",
        "same twice 1.00; weights redrawn 1.00",
    ]
    assert badges(sanity=np.array([-0.001])) == ["weights redrawn 0.00"]
    assert badges(stability=stable.first()) == "same twice 0.93"


def test_a_badge_about_nothing_is_refused():
    with pytest.raises(ValueError, match="want stability=, sanity="):
        badges()


def test_badges_are_shown_below_their_maps():
    images, maps = np.zeros((2, 6, 5, 1)), np.random.default_rng(0).normal(size=(2, 6, 5))
    words = badges(stability=np.array([0.5, 0.25]))
    alt = xt.show(images, maps, badges=words).alt
    assert words[0] in alt and words[1] in alt
