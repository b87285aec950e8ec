"""HiResCAM: place by place, so that it adds up to the score where the head is linear."""

import numpy as np
import pytest
from known import image_a, model_a
from numpy.testing import assert_allclose

import xaiteach as xt


@pytest.mark.parametrize(("target", "sign"), [(0, 1), (1, -1)])
def test_on_model_a_each_place_gets_what_it_adds(framework, target, sign):
    """After the ReLU the maps are 0 4 31 40 and 0 0 6 15, their weights 1 1 1 1 and 1 −1 −1 −1."""
    a = xt.wrap(model_a(framework), value_range=None)
    expected = sign * np.array([[0, 4], [25, 25]])
    assert_allclose(xt.hires_cam(a, image_a(), target, relu=False, resize=False), expected, atol=1e-4)
    assert_allclose(xt.hires_cam(a, image_a(), target, resize=False), np.maximum(expected, 0), atol=1e-4)
