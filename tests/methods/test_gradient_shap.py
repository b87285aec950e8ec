"""Gradient SHAP: exact where it must be, honest about its error, drawn from a generator of its own."""

import numpy as np
import pytest
from known import image_a, linear, model_a, power
from numpy.testing import assert_allclose

import xaiteach as xt
from xaiteach.methods.grad_cam import bilinear

BOTH = pytest.mark.parametrize(("target", "sign"), [(0, 1), (1, -1)])
WEIGHTS = np.random.default_rng(0).normal(size=(3, 5, 2, 4)).astype(np.float32)
IMAGES = np.random.default_rng(1).random((5, 3, 5, 2)).astype(np.float32)
BACKGROUND = np.random.default_rng(2).random((6, 3, 5, 2)).astype(np.float32)
IMAGE = IMAGES[0]


@pytest.fixture
def four(framework):
    """Four linear classes."""
    return xt.wrap(linear(framework, WEIGHTS))


@pytest.mark.parametrize("n_samples", [1, 33])
@pytest.mark.parametrize("target", range(4))
def test_a_linear_model_with_one_background_image_is_exact(four, target, n_samples):
    options = {"background": BACKGROUND[:1], "n_samples": n_samples, "seed": 5, "details": True}
    maps, known = xt.gradient_shap(four, IMAGES, target, per_channel=True, **options)
    assert_allclose(maps, WEIGHTS[..., target] * (IMAGES - BACKGROUND[0]), atol=1e-6)
    assert_allclose(known.gap, 0, atol=1e-5)
    assert_allclose(known.standard_error, 0, atol=1e-6)
    assert_allclose(known.variance, 0, atol=1e-12)


@BOTH
def test_model_a_adds_up_to_54_within_its_standard_error(target, sign):
    a = xt.wrap(model_a("torch"), value_range=None)
    options = {"background": np.zeros((4, 4, 1)), "batch_size": 500, "details": True}
    _, known = xt.gradient_shap(a, image_a(), target, n_samples=2000, **options)
    assert known.difference == pytest.approx(sign * 54, abs=1e-4)
    assert known.accounts_for == pytest.approx(sign * 54, abs=4 * float(known.standard_error))
    assert 0.5 < known.standard_error < 3


def test_against_several_images_the_mean_background_counts():
    four = xt.wrap(linear("torch", WEIGHTS))
    options = {"background": BACKGROUND, "n_samples": 4000, "batch_size": 500, "details": True}
    maps, known = xt.gradient_shap(four, IMAGE, 2, **options)
    mean = BACKGROUND.mean(axis=0)
    expected = (WEIGHTS[..., 2] * (IMAGE - mean)).sum(axis=-1)
    assert abs(maps - expected).max() < 5 * np.sqrt(known.variance.max())
    assert known.expected_value == pytest.approx((WEIGHTS[..., 2] * mean).sum(), abs=1e-5)
    assert known.difference == pytest.approx(expected.sum(), abs=1e-5)
    assert known.gap == pytest.approx(maps.sum() - expected.sum(), abs=1e-5)


def test_on_squares_it_is_the_mean_of_its_samples_each_with_its_noise(framework):
    """One is (x + ε − b)·2(b + α (x + ε − b)), drawn in shap's order; more in reference/test_shap.py."""
    image, random, values = np.array([0.2, 0.4, 0.6, 1]).reshape(2, 2, 1), np.random.RandomState(3), []
    for _ in range(4):
        start, alpha = (0.1, 0.5, 0.9)[random.choice(3)], random.uniform()
        path = image + 0.3 * random.randn(2, 2, 1) - start
        values.append(path * 2 * (start + alpha * path))
    options = {"background": np.stack([np.full((2, 2, 1), value) for value in (0.1, 0.5, 0.9)])}
    options |= {"local_smoothing": 0.3, "n_samples": 4, "seed": 3, "details": True}
    maps, known = xt.gradient_shap(power(framework, 2), image, 0, **options)
    assert_allclose(maps, np.mean(values, axis=0)[..., 0], rtol=1e-5)
    assert_allclose(known.variance, np.var(values, axis=0)[..., 0] / 4, rtol=1e-4)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "images to compare with, such as background=x_train"),
        ({"background": BACKGROUND, "n_samples": 0}, "n_samples is 0; want at least 1"),
        ({"background": np.zeros((2, 4, 5, 2))}, "background=: .*3×5×2"),
        ({"background": 255 * BACKGROUND}, "background=: .*Divide by 255"),
        ({"background": BACKGROUND[:0]}, "background=: .*empty"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(four, options, words):
    with pytest.raises(ValueError, match=words):
        xt.gradient_shap(four, IMAGE, 0, **options)


@BOTH
def test_feature_maps_before_a_linear_head_get_what_they_add(framework, target, sign):
    """After the ReLU of model A the maps are 0 4 31 40 and 0 0 6 15, their weights 1 1 1 1 and 1 −1 −1 −1."""
    a = xt.wrap(model_a(framework), value_range=None)
    options = {
        "background": 0 * image_a()[None],
        "n_samples": 9,
        "layer": 1,
        "resize": False,
        "details": True,
    }
    maps, known = xt.gradient_shap(a, image_a(), target, per_channel=True, **options)
    expected = np.stack([[[0, 4], [31, 40]], [[0, 0], [-6, -15]]], axis=-1)
    assert_allclose(maps, sign * expected, atol=1e-4)
    assert (known.accounts_for, known.difference) == pytest.approx((sign * 54, sign * 54), abs=1e-3)


def test_maps_of_a_layer_add_up_and_are_resized_to_the_image(cnn, digits):
    images = digits.x_test[:3]
    options = {"background": digits.x_train[:20], "n_samples": 60, "layer": "relu4"}
    maps, known = xt.gradient_shap(cnn, images, details=True, **options)
    small = xt.gradient_shap(cnn, images, resize=False, batch_size=7, **options)
    assert maps.shape == (3, 28, 28) and known.variance.shape == small.shape == (3, 14, 14)
    assert_allclose(maps, bilinear(small, (28, 28)), atol=1e-5)
    assert (abs(known.gap) < 4 * known.standard_error).all() and abs(known.gap).max() > 1e-3
