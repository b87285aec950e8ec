"""SmoothGrad: the arithmetic of its draws, its kinds, its noise, its seed."""

import numpy as np
import pytest
from known import power
from numpy.testing import assert_allclose

import xaiteach as xt

SMALL = np.array([0.2, 0.4, 0.6, 1], np.float32).reshape(2, 2, 1)
STATISTICS = {
    "mean": lambda gradients: np.mean(gradients, axis=0),
    "squared": lambda gradients: np.mean(np.square(gradients), axis=0),
    "variance": lambda gradients: np.var(gradients, axis=0),
}


@pytest.mark.parametrize("kind", STATISTICS)
@pytest.mark.parametrize(("target", "sign"), [(0, 1), (1, -1)])
def test_of_cubes_each_kind_is_the_statistic_of_the_same_draws(framework, kind, target, sign):
    """The gradient of x³ is 3x², here at the image and its noise, σ = 0.2."""
    random = np.random.default_rng(4)
    copies = [SMALL + 0.2 * random.standard_normal((2, 2, 1), np.float32) for _ in range(9)]
    expected = STATISTICS[kind]([sign * 3 * copy**2 for copy in copies])[..., 0]
    maps = xt.smooth_grad(power(framework, 3), SMALL, target, noise=0.2, n_samples=9, kind=kind, seed=4)
    assert_allclose(maps, expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(("value_range", "sigma"), [((0, 1), 0.1), ((-1, 3), 0.4), (None, 0.08)])
def test_noise_is_a_share_of_the_value_range_or_else_of_the_image_s_own(value_range, sigma):
    """The variance of the gradient 2(x + ε) of a square is 4σ²."""
    model = xt.wrap(power("torch", 2), value_range=value_range)
    images = np.stack([SMALL, np.full_like(SMALL, 0.9)])
    images[1, 0, 0] = 0.1
    options = {"noise": 0.1, "n_samples": 3000, "batch_size": 1000, "kind": "variance"}
    maps = xt.smooth_grad(model, images, 0, **options)
    assert_allclose(maps, 4 * sigma**2, rtol=0.2)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"n_samples": 0}, "n_samples is 0; want at least 1"),
        ({"noise": -0.1}, "noise is -0.1; want a fraction"),
        ({"kind": "smoothgrad_sq"}, "kind='smoothgrad_sq'; want one of mean, squared, variance"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(framework, options, words):
    with pytest.raises(ValueError, match=words):
        xt.smooth_grad(power(framework, 2), SMALL, 0, **options)
