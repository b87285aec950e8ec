"""The completeness gap, on a linear model and on what integrated gradients say of themselves."""

import numpy as np
import pytest
from known import linear

from xaiteach.metrics import completeness_gap

WEIGHTS = np.random.default_rng(0).normal(size=(3, 4, 2, 3))
IMAGES = np.random.default_rng(1).random((4, 3, 4, 2))


@pytest.mark.parametrize("baseline", [0.25, [0.1, 0.4]])
def test_the_shares_of_a_linear_model_add_up(framework, baseline):
    """Several baselines are averaged."""
    model, weights = linear(framework, WEIGHTS, [5, 6, 7]), WEIGHTS[..., 2]
    maps = (weights * (IMAGES - 0.25)).sum(axis=-1)
    for added, expected in [(0, 0), (0.5, 12 * 0.5)]:
        gap = completeness_gap(model, IMAGES, maps + added, 2, baseline=baseline)
        np.testing.assert_allclose(gap.value, expected, atol=1e-5)
    black = completeness_gap(model, IMAGES, maps, 2)
    np.testing.assert_allclose(black.value, -0.25 * weights.sum(), atol=1e-5)


@pytest.mark.parametrize(("target", "share"), [(0, (1 - 6) / 6), (1, (1 + 6) / 6)])
def test_a_share_has_the_sign_of_the_gap_whichever_way_the_score_went(target, share):
    """The score of a white picture is 6 above or below that of a black one; a map of halves adds up to 1."""
    model, maps = linear("torch", np.full((1, 2, 1, 2), [3.0, -3.0])), np.full((1, 2), 0.5)
    white, black = np.ones((1, 2, 1)), np.zeros((1, 2, 1))
    assert completeness_gap(model, white, maps, target, relative=True).value == pytest.approx(share)
    assert np.isnan(completeness_gap(model, black, maps, target, relative=True).value)
