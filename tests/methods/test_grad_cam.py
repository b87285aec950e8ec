"""Grad-CAM: exact on an averaging head, from the right layer, blown up rightly."""

import numpy as np
import pytest
from known import build, image_a, model_a
from numpy.testing import assert_allclose, assert_array_equal

import xaiteach as xt
from xaiteach.methods.grad_cam import bilinear


def bias_of(model):
    return model.layers[-1].bias.numpy() if hasattr(model, "layers") else model.scores.bias.detach().numpy()


def test_weights_are_means_over_height_and_width_and_what_is_negative_is_all_zeros(framework):
    """Filter 0 sees the left half and is for the class, filter 1 the right half, twice as strong, against."""
    kernel = np.eye(2).reshape(1, 1, 2, 2)
    head = [[1.0, -1.0], [-2.0, 0]], [0, 0]
    model = build(framework, [(kernel, [0, 0]), "relu", "average", head], (2, 4, 2))
    image = np.zeros((2, 4, 2))
    image[:, :2, 0] = image[:, 2:, 1] = 1
    cam = xt.grad_cam(model, image, 0, relu=False, resize=False)
    assert_allclose(cam, [[1 / 8, 1 / 8, -2 / 8, -2 / 8]] * 2, atol=1e-6)
    assert_array_equal(xt.grad_cam(model, image, 1), np.zeros((2, 4)))


def test_resizing_is_bilinear_with_pixel_centres_aligned():
    """From 2 to 4 pixels the weights are 1, ¾, ¼, 0: worked out by hand. Other axes keep their order."""
    weights = np.array([[1, 0], [0.75, 0.25], [0.25, 0.75], [0, 1]])
    maps = np.arange(24.0).reshape(2, 2, 2, 3)
    assert_allclose(bilinear(maps, (2, 3)), maps, atol=1e-6)
    assert_allclose(bilinear(maps, (4, 3)), np.einsum("ij,ntjw->ntiw", weights, maps), atol=1e-6)
    small = np.array([[[1.0, 2], [3, 7]]])
    assert_allclose(bilinear(small, (4, 4))[0], weights @ small[0] @ weights.T, atol=1e-6)


@pytest.mark.parametrize("method", [xt.grad_cam, xt.hires_cam])
def test_details_say_how_much_of_the_score_the_map_accounts_for(cnn, digits, method):
    """All of it behind averaging, where a layer of zeros leaves the bias."""
    images = digits.x_test[:3]
    maps, known = method(cnn, images, (4, 9), details=True)
    assert_allclose(maps, method(cnn, images, (4, 9)), atol=1e-6)
    scores = cnn.scores(images) - bias_of(cnn.model)
    assert_allclose(known.difference, scores[:, 4] - scores[:, 9], atol=1e-4)
    sums = method(cnn, images, (4, 9), relu=False, resize=False).sum(axis=(1, 2))
    assert_allclose(sums, known.difference, atol=1e-4)
    assert_allclose(known.gap, 0, atol=1e-4)
    assert_allclose(known.accounts_for - known.gap, known.difference, atol=1e-6)


@pytest.mark.parametrize(("layer", "accounts_for"), [(1, 64.5), (0, 67.5)])
def test_on_model_a_the_map_accounts_for_more_than_the_score(framework, layer, accounts_for):
    """Of 54, since one weight a filter does not fit a flat head: 0 + 4 + 28 + 32.5, and before the ReLU
    11.25 + 13.5 + 20.25 + 22.5; zeros before or after the ReLU give a score of 0."""
    a = xt.wrap(model_a(framework), value_range=None)
    _, known = xt.grad_cam(a, image_a(), 0, layer=layer, details=True)
    assert (known.accounts_for, known.difference, known.gap) == pytest.approx(
        (accounts_for, 54, accounts_for - 54)
    )
