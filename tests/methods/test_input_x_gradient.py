"""Input × gradient: exact on a linear model, blind where the score is saturated."""

import numpy as np
import pytest
from known import image_b, linear, model_b, saturated
from numpy.testing import assert_allclose, assert_array_equal

import xaiteach as xt


@pytest.mark.parametrize("target", range(4))
def test_on_a_linear_model_it_is_what_each_value_adds(framework, target):
    weights = np.random.default_rng(0).normal(size=(3, 5, 2, 4)).astype(np.float32)
    images = np.random.default_rng(1).random((5, 3, 5, 2)).astype(np.float32)
    maps = xt.input_x_gradient(linear(framework, weights), images, target, per_channel=True)
    assert_allclose(maps, images * weights[..., target], atol=1e-6)


@pytest.mark.parametrize(("target", "sign"), [(0, 1), (1, -1)])
def test_model_b_gets_its_end_slope_and_a_saturated_unit_nothing(framework, target, sign):
    b, flat = (xt.wrap(make(framework), value_range=None) for make in (model_b, saturated))
    assert_allclose(xt.input_x_gradient(b, image_b(), target), sign * np.array([[80, 200, 120]]), rtol=1e-6)
    assert_array_equal(xt.input_x_gradient(flat, np.full((1, 1, 1), 2.0), target), [[0]])
