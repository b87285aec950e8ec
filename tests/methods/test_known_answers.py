"""Every method against answers worked out on paper, in both frameworks, for a class and for its negative."""

import numpy as np
import pytest
from known import image_a, image_b, linear, model_a, model_b, saturated
from numpy.testing import assert_allclose, assert_array_equal

import xaiteach as xt


@pytest.fixture
def a(framework):
    return xt.wrap(model_a(framework), value_range=None)


@pytest.mark.parametrize(("target", "sign"), [(0, 1), (1, -1)])
def test_the_gradient_of_model_a_is_one_wherever_a_single_open_window_looks(a, target, sign):
    expected = np.array([[0, 1, 1, 1]] * 3 + [[0, 0, 0, 0]])
    assert_allclose(xt.saliency(a, image_a(), target), sign * expected, atol=1e-5)


@pytest.mark.parametrize(
    ("layer", "target", "expected"),
    [(None, 0, [[0, 4], [28, 32.5]]), (0, 0, [[11.25, 13.5], [20.25, 22.5]]), (None, 1, np.zeros((2, 2)))],
    ids=["after the ReLU", "before the ReLU", "against the class"],
)
def test_grad_cam_of_model_a(a, layer, target, expected):
    assert_allclose(xt.grad_cam(a, image_a(), target, layer=layer, resize=False), expected, atol=1e-4)


def test_the_gradient_of_a_linear_model_is_its_weights_and_times_the_image_what_each_value_adds(framework):
    weights = np.random.default_rng(0).normal(size=(3, 5, 2, 4))
    model, image = linear(framework, weights), np.random.default_rng(1).random((3, 5, 2))
    for target in range(4):
        maps = xt.saliency(model, image, target, per_channel=True)
        assert_allclose(maps, weights[..., target], rtol=1e-5, atol=1e-6)
        assert_allclose(xt.saliency(model, image, target), maps.sum(axis=-1), rtol=1e-4, atol=1e-5)
        adds = xt.input_x_gradient(model, image, target, per_channel=True)
        assert_allclose(adds, image * weights[..., target], atol=1e-6)


def test_the_absolute_gradient_is_taken_before_channels_are_summed(framework):
    weights = np.zeros((2, 2, 3, 2))
    weights[0, 1, :, 0] = [1, -2, 4]
    got = xt.saliency(linear(framework, weights), np.full((2, 2, 3), 0.5), 0, absolute=True)
    assert_allclose(got, [[0, 7], [0, 0]], atol=1e-6)


@pytest.mark.parametrize(("target", "sign"), [(0, 1), (1, -1)])
def test_input_x_gradient_of_model_b_is_its_end_slope_and_a_flat_unit_gets_nothing(framework, target, sign):
    b, flat = (xt.wrap(make(framework), value_range=None) for make in (model_b, saturated))
    assert_allclose(xt.input_x_gradient(b, image_b(), target), [np.multiply(sign, [80, 200, 120])], rtol=1e-6)
    for method in (xt.saliency, xt.input_x_gradient):
        assert_array_equal(method(flat, np.full((1, 1, 1), 2.0), target), [[0]])
