"""Faithfulness and monotonicity by AIX360's definitions, on a linear case worked out on paper."""

import numpy as np
import pytest

import xaiteach as xt
from xaiteach import metrics

QUIET = {"progress": False}
PICTURE = np.array([[0.1, 0.9], [0.4, 0.6]])[..., None]
WEIGHTS = np.array([[0.3, 0.1], [0.2, 0.05]])
SHARES = WEIGHTS * PICTURE[..., 0]


def linear():
    """A probability that is Σ w·x, and what is left of 1."""
    return xt.wrap(lambda images: _two((images[..., 0] * WEIGHTS).sum(axis=(1, 2))))


def _two(share):
    return np.stack([share, 1 - share], axis=1)


def test_the_shares_of_a_linear_model_are_faithful_and_monotone_and_reversed_they_are_not():
    assert metrics.faithfulness(linear(), PICTURE, SHARES, 0, **QUIET).value == pytest.approx(1)
    assert metrics.monotonicity(linear(), PICTURE, SHARES, 0, **QUIET).value == True  # noqa: E712
    assert metrics.faithfulness(linear(), PICTURE, -SHARES, 0, **QUIET).value == pytest.approx(-1)
    assert metrics.faithfulness(linear(), PICTURE, SHARES, 1, **QUIET).value == pytest.approx(-1)
    assert metrics.monotonicity(linear(), PICTURE, SHARES, 1, **QUIET).value == False  # noqa: E712


def test_the_correlation_is_pearson_s_with_the_drops():
    maps = np.array([[1.0, 5], [2, 2]])
    expected = np.corrcoef(maps.ravel(), SHARES.ravel())[0, 1]
    assert metrics.faithfulness(linear(), PICTURE, 7 * maps - 3, 0, **QUIET).value == pytest.approx(expected)


def test_a_map_that_is_the_same_everywhere_gets_0_and_a_random_one_0_on_average():
    assert metrics.faithfulness(linear(), PICTURE, np.ones((2, 2)), 0, **QUIET).value == 0
    picture = np.random.default_rng(0).random((9, 9, 1))
    model = xt.wrap(lambda images: _two(images.mean(axis=(1, 2, 3))))
    random = np.random.default_rng(1).normal(size=(60, 9, 9))
    values = metrics.faithfulness(model, np.stack([picture] * 60), random, 0, **QUIET).value
    assert abs(values.mean()) < 0.05 and values.std() > 0.05


def test_blocks_are_removed_with_the_sum_of_the_map_in_them():
    """A row of three blocks, the last of them half: their shares are 3, 4 and 2 of 9."""
    picture = np.ones((2, 5, 1))
    picture[:, 2:4] *= 4 / 3
    model = xt.wrap(lambda images: _two(images.sum(axis=(1, 2, 3)) / 20), value_range=None)
    maps = np.array([[1, 0, 2, 0, 1], [0, 2, 1, 1, 1]])
    assert metrics.faithfulness(model, picture, maps, 0, block=2, **QUIET).value == pytest.approx(
        np.corrcoef([3, 4, 2], [4, 16 / 3, 2])[0, 1]
    )


def test_monotonicity_puts_pixels_in_from_the_lowest():
    found = metrics.monotonicity(linear(), PICTURE, SHARES, 0, **QUIET)
    np.testing.assert_allclose(found.curve, np.cumsum([0, *np.sort(SHARES.ravel())]), atol=1e-6)
    np.testing.assert_allclose(found.fraction, np.arange(5) / 4)


def test_one_step_down_is_enough_to_fail():
    weights = np.array([[0.3, 0.1], [-0.01, 0.2]])
    model = xt.wrap(lambda images: _two(0.1 + (images[..., 0] * weights).sum(axis=(1, 2))))
    assert not metrics.monotonicity(model, PICTURE, abs(weights) * PICTURE[..., 0], 0, **QUIET).value


def test_a_batch_is_one_by_one(cnn, digits):
    images, maps = digits.x_test[:3], np.random.default_rng(0).normal(size=(3, 28, 28))
    for measure in (metrics.faithfulness, metrics.monotonicity):
        options = {"block": 7, "fill": "mean", "of": "score", **QUIET}
        together = measure(cnn, images, maps, batch_size=5, **options).value
        alone = [measure(cnn, *pair, **options).value for pair in zip(images, maps, strict=True)]
        np.testing.assert_allclose(together, alone, atol=1e-5)
