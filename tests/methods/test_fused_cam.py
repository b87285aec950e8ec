"""Fused Grad-CAM: the mean of maps that each peak at 1."""

import numpy as np
import pytest

import xaiteach as xt

LAYERS = ["relu2", "relu4", "relu5"]


def test_it_is_the_mean_of_the_maps_each_divided_by_its_maximum(cnn, digits):
    image = digits.x_test[1]
    maps = [xt.grad_cam(cnn, image, layer=layer) for layer in LAYERS]
    expected = np.mean([one / one.max() for one in maps], axis=0)
    np.testing.assert_allclose(xt.fused_cam(cnn, image, layers=LAYERS), expected, atol=1e-5)


def test_without_layers_it_takes_the_last_of_each_size_of_grid(cnn, digits):
    image = digits.x_test[1]
    np.testing.assert_allclose(xt.fused_cam(cnn, image), xt.fused_cam(cnn, image, layers=LAYERS), atol=1e-5)


def test_one_layer_is_grad_cam_with_a_maximum_of_one(cnn, digits):
    one = xt.grad_cam(cnn, digits.x_test[:3])
    fused = xt.fused_cam(cnn, digits.x_test[:3], layers=["relu5"])
    np.testing.assert_allclose(fused, one / one.max(axis=(1, 2), keepdims=True), atol=1e-5)


def test_a_layer_by_name_by_index_and_itself_is_the_same(cnn, digits):
    image, call = digits.x_test[0], cnn.find_layer(digits.x_test[:1], "relu4")
    by_name = xt.fused_cam(cnn, image, layers=["relu4"])
    np.testing.assert_array_equal(by_name, xt.fused_cam(cnn, image, layers=[call.layer]))
    np.testing.assert_array_equal(by_name, xt.fused_cam(cnn, image, layers=[cnn.layers.index("relu4")]))


def test_a_layer_with_nothing_positive_adds_zeros(digits):
    from known import build

    kernel = np.ones((2, 2, 1, 1))
    model = build(
        "torch",
        [(kernel, [0]), "relu", (kernel, [0]), "relu", "average", ([[-1.0, 1.0]], [0, 0])],
        (28, 28, 1),
    )
    assert not xt.fused_cam(model, digits.x_test[0], 0).any()


@pytest.mark.parametrize(("layers", "words"), [([], "layers is empty"), (["scores"], "no height and width")])
def test_layers_that_will_not_do_are_refused(cnn, digits, layers, words):
    with pytest.raises(ValueError, match=words):
        xt.fused_cam(cnn, digits.x_test[0], layers=layers)
