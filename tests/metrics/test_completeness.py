"""The completeness gap, on a linear model and on what integrated gradients say of themselves."""

import numpy as np
import pytest
from known import linear

import xaiteach as xt
from xaiteach import metrics

WEIGHTS = np.random.default_rng(0).normal(size=(3, 4, 2, 3))
IMAGES = np.random.default_rng(1).random((4, 3, 4, 2))


@pytest.mark.parametrize("target", range(3))
def test_the_shares_of_a_linear_model_add_up(framework, target):
    model = linear(framework, WEIGHTS, [5, 6, 7])
    maps = (WEIGHTS[..., target] * (IMAGES - 0.25)).sum(axis=-1)
    gap = metrics.completeness_gap(model, IMAGES, maps, target, baseline=0.25)
    np.testing.assert_allclose(gap.value, 0, atol=1e-5)
    more = metrics.completeness_gap(model, IMAGES, maps + 0.5, target, baseline=0.25)
    np.testing.assert_allclose(more.value, 12 * 0.5, atol=1e-5)
    black = metrics.completeness_gap(model, IMAGES, maps, target)
    np.testing.assert_allclose(black.value, -0.25 * WEIGHTS[..., target].sum(), atol=1e-5)


def test_several_baselines_are_averaged():
    maps = (WEIGHTS[..., 1] * (IMAGES - 0.5)).sum(axis=-1)
    gap = metrics.completeness_gap(linear("torch", WEIGHTS), IMAGES, maps, 1, baseline=[0.25, 0.75])
    np.testing.assert_allclose(gap.value, 0, atol=1e-5)


def test_it_is_the_gap_that_integrated_gradients_tell(cnn, digits):
    images = digits.x_test[:3]
    maps, known = xt.integrated_gradients(cnn, images, (4, 9), steps=5, details=True, progress=False)
    found = metrics.completeness_gap(cnn, images, maps, (4, 9))
    np.testing.assert_allclose(found.value, known.gap, atol=1e-4)
    share = metrics.completeness_gap(cnn, images, maps, (4, 9), relative=True)
    np.testing.assert_allclose(share.value, known.gap / abs(known.difference), atol=1e-4)
    assert abs(share.value).max() > 1e-3


def test_a_share_of_nothing_is_no_number():
    image = np.zeros((3, 4, 2))
    assert np.isnan(
        metrics.completeness_gap(linear("torch", WEIGHTS), image, np.ones((3, 4)), 0, relative=True).value
    )
