"""The same numbers as captum, where its conventions are ours."""

import numpy as np
import pytest
import torch
from captum.attr import LayerAttribution, LayerGradCam, Saliency

import xaiteach as xt


@pytest.fixture(scope="module")
def model():
    return xt.load_cnn("torch")


@pytest.fixture(scope="module")
def images(digits):
    return digits.x_test[:6]


def tensor(images):
    return torch.tensor(images).permute(0, 3, 1, 2)


def test_saliency_is_captum_s_without_the_absolute_value(model, images):
    theirs = Saliency(model).attribute(tensor(images), target=3, abs=False)[:, 0]
    np.testing.assert_allclose(xt.saliency(model, images, 3), theirs.detach(), atol=1e-5)


@pytest.mark.parametrize("layer", ["relu5", "norm5", "relu3"])
def test_grad_cam_is_captum_s_with_a_relu_and_bilinear_resizing(model, images, layer):
    cam = LayerGradCam(model, getattr(model, layer)).attribute(
        tensor(images), target=3, relu_attributions=True
    )
    theirs = LayerAttribution.interpolate(cam, (28, 28), interpolate_mode="bilinear")[:, 0]
    np.testing.assert_allclose(xt.grad_cam(model, images, 3, layer=layer), theirs.detach(), atol=1e-5)
