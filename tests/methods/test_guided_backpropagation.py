"""Guided backpropagation: no ReLU lets a negative gradient back; the model stays the same."""

import warnings

import keras
import numpy as np
import pytest
import torch
from known import build, linear
from numpy.testing import assert_allclose, assert_array_equal
from torch import nn
from torch.nn import functional as F

import xaiteach as xt

IMAGES = np.array([[0.9, 0.2, 0.4], [0.1, 0.8, 0.5]], np.float32).reshape(2, 1, 3, 1)
FIRST = np.array([[1.0, -2, 3], [-1, 4, 1], [2, 1, -3]], np.float32)
SECOND = np.array([[1.0, -1], [-2, 3], [2, 1]], np.float32)
THIRD = np.array([[2.0, -2], [-3, 3]], np.float32)


def by_hand(image, target):
    """Two ReLU layers: at each the gradient keeps what is positive and comes to an open unit."""
    one = np.maximum(image.ravel() @ FIRST, 0)
    two = np.maximum(one @ SECOND, 0)
    back = SECOND @ ((two > 0) * np.maximum(THIRD[:, target], 0))
    return (FIRST @ ((one > 0) * np.maximum(back, 0))).reshape(1, 3)


def steps(relu="relu"):
    return ["flatten", (FIRST, np.zeros(3)), relu, (SECOND, np.zeros(2)), relu, (THIRD, np.zeros(2))]


def test_two_layers_are_as_worked_out_by_hand_for_each_class_and_for_all_at_once(framework):
    expected = np.array([[by_hand(image, target) for target in (0, 1)] for image in IMAGES])
    model = build(framework, steps(), (1, 3, 1))
    assert_allclose(xt.guided_backpropagation(model, IMAGES, "all"), expected, atol=1e-5)
    for target in (0, 1):
        assert_allclose(xt.guided_backpropagation(model, IMAGES, target), expected[:, target], atol=1e-5)
        assert abs(xt.saliency(model, IMAGES, target) - expected[:, target]).max() > 0.5


WRITTEN = {
    "torch.relu": torch.relu,
    "F.relu": F.relu,
    "F.relu, in place": lambda x: F.relu(x, inplace=True),
    "x.relu": lambda x: x.relu(),
    "x.relu_": lambda x: x.relu_(),
    "in place, result dropped": lambda x: (torch.relu_(x), x)[1],
    "nn.ReLU": nn.ReLU(),
    "nn.ReLU, in place": nn.ReLU(inplace=True),
    "keras.ops": keras.ops.relu,
    "keras layer": keras.layers.ReLU(),
    "keras name": keras.activations.relu,
}


UP_TO_6 = [("torch", nn.ReLU6()), ("torch", F.relu6), ("torch", nn.Hardtanh(0, 6))]
UP_TO_6 += [("keras", keras.ops.relu6), ("keras", keras.layers.ReLU(6))]


@pytest.mark.parametrize(("framework", "relu"), UP_TO_6)
def test_a_relu_that_ends_at_6_is_one_below(framework, relu):
    model = build(framework, steps(relu), (1, 3, 1))
    expected = [by_hand(0.1 * image, 1) for image in IMAGES]
    assert_allclose(xt.guided_backpropagation(model, 0.1 * IMAGES, 1), expected, atol=1e-5)


@pytest.mark.parametrize("name", WRITTEN)
def test_a_relu_is_a_relu_however_it_is_written(name):
    model = build("keras" if "keras" in name else "torch", steps(WRITTEN[name]), (1, 3, 1))
    expected = [by_hand(image, 1) for image in IMAGES]
    assert_allclose(xt.guided_backpropagation(model, IMAGES, 1), expected, atol=1e-5)


def test_the_model_is_left_as_it_was(cnn, digits):
    image = digits.x_test[:2]
    before = xt.saliency(cnn, image, 3), cnn.scores(image)
    xt.guided_backpropagation(cnn, image, 3)
    assert_array_equal(xt.saliency(cnn, image, 3), before[0])
    assert_array_equal(cnn.scores(image), before[1])


def test_without_a_relu_it_is_the_gradient_and_says_so(framework):
    model = linear(framework, np.random.default_rng(0).normal(size=(1, 3, 1, 2)))
    with pytest.warns(UserWarning, match="no ReLU that can be seen.*plain gradient"):
        maps = xt.guided_backpropagation(model, IMAGES, 1)
    assert_array_equal(maps, xt.saliency(model, IMAGES, 1))
    with warnings.catch_warnings(action="error"):
        xt.guided_backpropagation(build(framework, steps(), (1, 3, 1)), IMAGES, 1)
