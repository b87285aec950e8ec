"""The completeness gap, on a linear model and on what integrated gradients say of themselves."""

import numpy as np
import pytest
from known import linear

import xaiteach as xt
from xaiteach.metrics import completeness_gap

WEIGHTS = np.random.default_rng(0).normal(size=(3, 4, 2, 3))
IMAGES = np.random.default_rng(1).random((4, 3, 4, 2))


@pytest.mark.parametrize("target", range(3))
def test_the_shares_of_a_linear_model_add_up(framework, target):
    model = linear(framework, WEIGHTS, [5, 6, 7])
    maps = (WEIGHTS[..., target] * (IMAGES - 0.25)).sum(axis=-1)
    gap = completeness_gap(model, IMAGES, maps, target, baseline=0.25)
    np.testing.assert_allclose(gap.value, 0, atol=1e-5)
    more = completeness_gap(model, IMAGES, maps + 0.5, target, baseline=0.25)
    np.testing.assert_allclose(more.value, 12 * 0.5, atol=1e-5)
    black = completeness_gap(model, IMAGES, maps, target)
    np.testing.assert_allclose(black.value, -0.25 * WEIGHTS[..., target].sum(), atol=1e-5)


def test_several_baselines_are_averaged():
    maps = (WEIGHTS[..., 1] * (IMAGES - 0.5)).sum(axis=-1)
    gap = completeness_gap(linear("torch", WEIGHTS), IMAGES, maps, 1, baseline=[0.25, 0.75])
    np.testing.assert_allclose(gap.value, 0, atol=1e-5)


def test_it_is_the_gap_that_integrated_gradients_tell(cnn, digits):
    images = digits.x_test[:3]
    maps, details = xt.integrated_gradients(cnn, images, (4, 9), steps=5, details=True)
    assert abs(details.gap).max() > 1e-3
    np.testing.assert_allclose(completeness_gap(cnn, images, maps, (4, 9)).value, details.gap, atol=1e-4)


def test_a_share_has_the_sign_of_the_gap_whichever_way_the_score_went():
    """The score of a white picture is 6 above or below that of a black one; a map of halves adds up to 1."""
    weights = np.full((1, 2, 1, 2), [3.0, -3.0])
    ask = [linear("torch", weights), np.ones((1, 2, 1)), np.full((1, 2), 0.5)]
    assert completeness_gap(*ask, 0, relative=True).value == pytest.approx((1 - 6) / 6)
    assert completeness_gap(*ask, 1, relative=True).value == pytest.approx((1 + 6) / 6)


def test_a_share_of_nothing_is_no_number():
    black = completeness_gap(linear("torch", WEIGHTS), np.zeros((3, 4, 2)), np.ones((3, 4)), 0, relative=True)
    assert np.isnan(black.value)
