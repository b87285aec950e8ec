"""How far two rows of numbers go together."""

import numpy as np
import pytest

from xaiteach.metrics.ranks import correlation

ROWS, OTHERS = np.random.default_rng(0).normal(size=(2, 3, 4, 5))


@pytest.mark.parametrize("scale", [1, 1e-7, 1e9])
def test_the_correlation_is_pearson_s_whatever_the_units(scale):
    expected = [np.corrcoef(a.ravel(), b.ravel())[0, 1] for a, b in zip(ROWS, OTHERS, strict=True)]
    np.testing.assert_allclose(correlation(scale * ROWS, 10 * scale * OTHERS), expected)


@pytest.mark.parametrize("value", [0, 0.1, 1e-9, 1e9])
def test_a_row_that_does_not_vary_but_by_rounding_goes_with_none(value):
    for flat in (np.full((3, 4, 5), value, np.float32), np.full((3, 4, 5), value)):
        assert (correlation(flat, ROWS) == 0).all() and (correlation(ROWS, flat) == 0).all()
