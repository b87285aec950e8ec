"""Faithfulness and monotonicity by AIX360's definitions, on a linear case worked out on paper."""

import numpy as np
import pytest

import xaiteach as xt
from xaiteach.metrics import faithfulness, monotonicity

PICTURE = np.array([[0.1, 0.9], [0.4, 0.6]])[..., None]
WEIGHTS = np.array([[0.3, 0.1], [0.2, 0.05]])
SHARES = WEIGHTS * PICTURE[..., 0]


def linear(weights=WEIGHTS, bias=0.0, **options):
    """A probability that is Σ w·x + b, and what is left of 1."""

    def probabilities(images):
        share = bias + (images[..., 0] * weights).sum(axis=(1, 2))
        return np.stack([share, 1 - share], axis=1)

    return xt.wrap(probabilities, **options)


@pytest.mark.parametrize(
    ("maps", "target", "fill", "expected"),
    [
        (SHARES, 0, 0.0, 1),
        (-SHARES, 0, 0.0, -1),
        (SHARES, 1, 0.0, -1),
        (WEIGHTS * (PICTURE[..., 0] - 0.5), 0, 0.5, 1),
        (np.ones((2, 2)), 0, 0.0, 0),
    ],
)
def test_the_shares_of_a_linear_model_are_faithful_and_reversed_they_are_not(maps, target, fill, expected):
    assert faithfulness(linear(), PICTURE, maps, target, fill=fill).value == pytest.approx(expected)


def test_the_correlation_is_pearson_s_with_the_drops_whatever_the_scale_of_the_map():
    maps = np.array([[1.0, 5], [2, 2]])
    expected = np.corrcoef(maps.ravel(), SHARES.ravel())[0, 1]
    assert faithfulness(linear(), PICTURE, 1e-9 * (maps - 3), 0).value == pytest.approx(expected)


def test_blocks_are_removed_with_the_sum_of_the_map_in_them():
    """A row of three blocks, the last of them half: the map has 3, 4 and 2 of 9."""
    picture = np.ones((2, 5, 1))
    picture[:, 2:4] *= 4 / 3
    maps = np.array([[1, 0, 2, 0, 1], [0, 2, 1, 1, 1]])
    found = faithfulness(linear(np.full((2, 5), 0.05), value_range=None), picture, maps, 0, block=2)
    assert found.value == pytest.approx(np.corrcoef([3, 4, 2], [4, 16 / 3, 2])[0, 1])


def test_monotonicity_puts_pixels_in_from_the_lowest():
    found = monotonicity(linear(), PICTURE, SHARES, 0)
    np.testing.assert_allclose(found.curve, np.cumsum([0, *np.sort(SHARES.ravel())]), atol=1e-6)
    np.testing.assert_allclose(found.fraction, np.arange(5) / 4)
    assert found.value and not monotonicity(linear(), PICTURE, SHARES, 1).value


@pytest.mark.parametrize("scale", [1, 1e-6])
@pytest.mark.parametrize("sign", [1, -1])
def test_one_step_down_is_enough_to_fail_however_small_the_answers(scale, sign):
    """The third pixel adds or takes away a hundredth of what the others add."""
    weights = scale * np.array([[0.3, 0.1], [sign * 0.01, 0.2]])
    found = monotonicity(linear(weights, 0.1 * scale), PICTURE, abs(weights) * PICTURE[..., 0], 0)
    assert found.value == (sign > 0)


def test_a_step_down_by_rounding_is_none():
    wobbling = linear(np.full((2, 2), -1e-4), 1e3, outputs="scores")
    assert monotonicity(wobbling, PICTURE, SHARES, 0, of="score").value
