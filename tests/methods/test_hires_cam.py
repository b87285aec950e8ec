"""HiResCAM: place by place, and adding up to the score wherever the head is linear."""

import numpy as np
import pytest
from known import build, image_a, model_a
from numpy.testing import assert_allclose

import xaiteach as xt

HEAD = np.random.default_rng(0).normal(size=(4 * 5 * 3, 2))
KERNEL = np.random.default_rng(1).normal(size=(2, 2, 1, 3))
IMAGES = np.random.default_rng(2).random((4, 5, 6, 1))


@pytest.mark.parametrize(("target", "sign"), [(0, 1), (1, -1)])
def test_on_model_a_each_place_gets_what_it_adds(framework, target, sign):
    """After the ReLU the maps are 0 4 31 40 and 0 0 6 15, their weights 1 1 1 1 and 1 −1 −1 −1."""
    a = xt.wrap(model_a(framework), value_range=None)
    expected = sign * np.array([[0, 4], [25, 25]])
    assert_allclose(xt.hires_cam(a, image_a(), target, relu=False, resize=False), expected, atol=1e-4)
    assert_allclose(xt.hires_cam(a, image_a(), target, resize=False), np.maximum(expected, 0), atol=1e-4)


@pytest.mark.parametrize("target", [0, 1])
def test_before_a_flat_head_it_sums_to_the_score_less_the_bias_and_grad_cam_does_not(framework, target):
    bias = [0.7, -1.3]
    model = build(framework, [(KERNEL, [0.1, 0, -0.1]), "relu", "flatten", (HEAD, bias)], (5, 6, 1))
    score = xt.wrap(model).scores(IMAGES)[:, target] - bias[target]
    sums = xt.hires_cam(model, IMAGES, target, relu=False, resize=False).sum(axis=(1, 2))
    assert_allclose(sums, score, atol=1e-5)
    others = xt.grad_cam(model, IMAGES, target, relu=False, resize=False).sum(axis=(1, 2))
    assert abs(others - score).max() > 0.1


def test_behind_averaging_it_is_grad_cam(cnn, digits):
    for options in ({}, {"relu": False}, {"resize": False}):
        maps = xt.hires_cam(cnn, digits.x_test[:4], 3, **options)
        assert_allclose(maps, xt.grad_cam(cnn, digits.x_test[:4], 3, **options), atol=1e-5)
