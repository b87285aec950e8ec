"""Integrated gradients: answers on paper, the midpoint rule, baselines of every form, what it adds up to."""

import numpy as np
import pytest
from known import image_b, linear, model_b, power, saturated
from numpy.testing import assert_allclose

import xaiteach as xt

BOTH = pytest.mark.parametrize(("target", "sign"), [(0, 1), (1, -1)])
WEIGHTS = np.random.default_rng(0).normal(size=(3, 5, 2, 4)).astype(np.float32)
IMAGES = np.random.default_rng(1).random((5, 3, 5, 2)).astype(np.float32)
IMAGE = IMAGES[0]
SMALL = np.array([0.2, 0.4, 0.6, 1]).reshape(2, 2, 1)


@pytest.fixture
def four(framework):
    """Four linear classes."""
    return xt.wrap(linear(framework, WEIGHTS))


@BOTH
@pytest.mark.parametrize(
    ("model", "image", "expected"),
    [
        (model_b, image_b(), [[78, 195, 117]]),
        (saturated, [[[2.0]]], [[1]]),
    ],
    ids=["model b", "a saturated unit"],
)
def test_maps_are_as_on_paper(framework, model, image, expected, target, sign):
    classifier = xt.wrap(model(framework), value_range=None)
    maps, known = xt.integrated_gradients(classifier, image, target, details=True)
    assert_allclose(maps, sign * np.array(expected), rtol=1e-5)
    assert known.difference == pytest.approx(sign * np.sum(expected), rel=1e-5)


def test_midpoints_are_exact_on_squares_and_known_on_cubes(framework):
    """∫ 2αx·x = x², at one midpoint too; ∫ 3(αx)²·x = x³, at one midpoint ¾ x³, at two 15/16 x³."""
    x = SMALL[..., 0]
    for exponent, steps, expected in ((2, 1, x**2), (3, 1, 0.75 * x**3), (3, 2, 0.9375 * x**3)):
        maps = xt.integrated_gradients(power(framework, exponent), SMALL, 0, steps=steps)
        assert_allclose(maps, expected, rtol=1e-5)


@pytest.mark.parametrize("baseline", [0.5, np.full(IMAGE.shape, 0.25), IMAGES[2:], IMAGES[2]])
def test_a_baseline_is_a_number_an_image_or_one_an_image(four, baseline):
    maps = xt.integrated_gradients(four, IMAGES[:3], 2, baseline=baseline, steps=1, per_channel=True)
    assert_allclose(maps, WEIGHTS[..., 2] * (IMAGES[:3] - baseline), atol=1e-6)


def test_the_path_goes_from_the_baseline_to_the_image(framework):
    """On a square the midpoint sum is exact: x² − b², of which a path from black to x − b gives (x − b)²."""
    maps = xt.integrated_gradients(power(framework, 2), SMALL, 0, baseline=0.3, steps=3)
    assert_allclose(maps, (SMALL**2 - 0.3**2)[..., 0], atol=1e-6)


def test_a_list_of_baselines_is_averaged():
    model, several = power("torch", 3), [0.0, np.full((2, 2, 1), 0.3), np.full((1, 2, 2, 1), 0.9)]
    alone = [xt.integrated_gradients(model, SMALL, 0, baseline=b, details=True) for b in several]
    maps, known = xt.integrated_gradients(model, SMALL, 0, baseline=several, details=True)
    assert_allclose(maps, np.mean([m for m, _ in alone], axis=0), atol=1e-6)
    for name in ("accounts_for", "difference", "gap"):
        assert getattr(known, name) == pytest.approx(np.mean([getattr(k, name) for _, k in alone]), abs=1e-5)


def test_the_gap_shrinks_with_the_steps(cnns, digits):
    cnn, images = cnns["torch"], digits.x_test[:6]
    every = [xt.integrated_gradients(cnn, images, steps=n, details=True) for n in (4, 16, 64)]
    for maps, known in every:
        assert_allclose(known.accounts_for, maps.sum(axis=(1, 2)), atol=1e-4)
        assert_allclose(known.gap, known.accounts_for - known.difference, atol=1e-4)
    gaps = [abs(known.gap).mean() / abs(known.difference).mean() for _, known in every]
    assert gaps[0] > 2 * gaps[1] > 4 * gaps[2] and gaps[2] < 0.02


@pytest.mark.parametrize(("targets", "axes"), [("all", (10,)), ("top2", (2,)), (None, ()), ((4, 9), ())])
def test_details_lose_the_same_axes_as_the_maps(cnns, digits, targets, axes):
    for images, shape in ((digits.x_test[:3], (3, *axes)), (digits.x_test[0], axes)):
        maps, known = xt.integrated_gradients(cnns["torch"], images, targets, steps=2, details=True)
        assert maps.shape == (*shape, 28, 28)
        assert known.accounts_for.shape == known.difference.shape == known.gap.shape == shape


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"steps": 0}, "steps is 0; want at least 1"),
        ({"batch_size": 0}, "batch_size is 0"),
        ({"baseline": np.zeros((4, 5, 2))}, r"shape \(4, 5, 2\).*an image \(3, 5, 2\).*as a list"),
        ({"baseline": np.zeros((2, 3, 5, 2))}, r"baseline of shape \(2, 3, 5, 2\)"),
        ({"baseline": -0.42}, "baseline=: Values from -0.42"),
        ({"baseline": []}, "list of baselines is empty"),
        ({"baseline": [0.0, 2.0]}, "baseline=: Values from 2"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(four, options, words):
    with pytest.raises(ValueError, match=words):
        xt.integrated_gradients(four, IMAGES, 0, **options)
