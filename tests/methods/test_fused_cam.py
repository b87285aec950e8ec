"""Fused Grad-CAM: the mean of maps that each peak at 1."""

import numpy as np
import pytest
from known import build
from numpy.testing import assert_allclose

import xaiteach as xt

LAYERS = ["relu2", "relu4", "relu5"]


def test_it_is_the_mean_of_the_maps_each_divided_by_its_maximum(cnn, digits):
    image = digits.x_test[1]
    maps = [xt.grad_cam(cnn, image, layer=layer) for layer in LAYERS]
    expected = np.mean([one / one.max() for one in maps], axis=0)
    assert_allclose(xt.fused_cam(cnn, image, layers=LAYERS), expected, atol=1e-5)


def test_of_four_sizes_the_last_three_are_taken(framework):
    """Halved three times, the picture has sizes of 16×8, 8×4, 4×2 and 2×1; layers are counted from 0."""
    halve = (np.full((2, 2, 1, 1), 0.3), [0.1])
    steps = [(np.ones((1, 1, 1, 1)), [0]), *[halve] * 3, "average", ([[1.0, -1.0]], [0, 0])]
    model = build(framework, steps, (16, 8, 1), strides=[1, 2, 2, 2])
    image = np.random.default_rng(0).random((16, 8, 1))
    expected = xt.fused_cam(model, image, 0, layers=[1, 2, 3])
    assert_allclose(xt.fused_cam(model, image, 0), expected, atol=1e-6)
    assert abs(xt.fused_cam(model, image, 0, layers=[0, 1, 2]) - expected).max() > 0.01


def test_a_layer_with_nothing_positive_adds_zeros(digits):
    kernel = np.ones((2, 2, 1, 1))
    steps = [(kernel, [0]), "relu", (kernel, [0]), "relu", "average", ([[-1.0, 1.0]], [0, 0])]
    model = build("torch", steps, (28, 28, 1))
    assert not xt.fused_cam(model, digits.x_test[0], 0).any()


def test_without_layers_or_with_one_without_a_grid_it_is_refused(cnn, digits):
    with pytest.raises(ValueError, match="layers is empty"):
        xt.fused_cam(cnn, digits.x_test[0], layers=[])
    with pytest.raises(ValueError, match=r"scores .*no height and width.*relu5 \(7×7×"):
        xt.fused_cam(cnn, digits.x_test[0], layers=["scores"])
