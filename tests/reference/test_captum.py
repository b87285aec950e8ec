"""The same numbers as captum, where its conventions are ours."""

import captum.attr as captum
import numpy as np
import pytest
import torch
from known import smooth
from numpy.testing import assert_allclose

import xaiteach as xt

pytestmark = pytest.mark.filterwarnings("ignore:Input Tensor", "ignore:Setting backward hooks")


@pytest.fixture(scope="module")
def model(cnns):
    return cnns["torch"].model.eval()


@pytest.fixture(scope="module")
def images(digits):
    return digits.x_test[:4]


def tensor(images):
    return torch.tensor(images).permute(0, 3, 1, 2)


PEERS = {
    xt.saliency: lambda *args, **options: captum.Saliency(*args).attribute(abs=False, **options),
    xt.input_x_gradient: lambda *args, **options: captum.InputXGradient(*args).attribute(**options),
    xt.guided_backpropagation: lambda *args, **options: captum.GuidedBackprop(*args).attribute(**options),
}


@pytest.mark.parametrize("method", PEERS, ids=lambda method: method.__name__)
def test_gradient_methods_are_captum_s(model, images, cnn, method):
    theirs = PEERS[method](model, inputs=tensor(images).requires_grad_(), target=3)
    assert_allclose(method(cnn, images, 3), theirs[:, 0].detach(), atol=1e-5)


@pytest.mark.parametrize("layer", ["relu5", "norm5", "relu3"])
def test_grad_cam_is_captum_s_with_a_relu_and_bilinear_resizing(model, images, layer):
    peer = captum.LayerGradCam(model, getattr(model, layer))
    cam = peer.attribute(tensor(images), target=3, relu_attributions=True)
    theirs = captum.LayerAttribution.interpolate(cam, (28, 28), interpolate_mode="bilinear")[:, 0]
    assert_allclose(xt.grad_cam(model, images, 3, layer=layer), theirs.detach(), atol=1e-5)


@pytest.mark.parametrize("target", [0, 3])
def test_integrated_gradients_are_captum_s_with_midpoints(framework, target):
    """Its default is Gauss–Legendre, and its trapezoid's weights don't sum to 1."""
    peer, model = captum.IntegratedGradients(smooth("torch")), smooth(framework)
    pictures, others = np.random.default_rng(1).random((2, 4, 8, 8, 2)).astype(np.float32)
    for ours, theirs in ((0.0, 0.0), (0.3, 0.3), (others, tensor(others))):
        expected = peer.attribute(tensor(pictures), theirs, target, method="riemann_middle", n_steps=20)
        maps = xt.integrated_gradients(model, pictures, target, baseline=ours, steps=20, per_channel=True)
        assert_allclose(maps, expected.detach().permute(0, 2, 3, 1), atol=1e-5)


@pytest.mark.parametrize(
    ("kind", "theirs"), [("mean", "smoothgrad"), ("squared", "smoothgrad_sq"), ("variance", "vargrad")]
)
def test_smooth_grad_is_captum_s_on_the_same_noise(model, images, cnn, kind, theirs, monkeypatch):
    """Captum draws from PyTorch's global generator; here it is handed the draws that ours makes."""
    draws = np.random.default_rng(5)
    noise = 0.15 * tensor(np.stack([draws.standard_normal((28, 28, 1), np.float32) for _ in range(12)]))

    def handed(self, inputs, deviation, n):
        return inputs.repeat_interleave(n, 0) + noise.repeat(len(inputs), 1, 1, 1)

    monkeypatch.setattr(captum.NoiseTunnel, "_add_noise_to_input", handed)
    tunnel = captum.NoiseTunnel(captum.Saliency(model))
    options = {"nt_type": theirs, "nt_samples": 12, "stdevs": 0.15, "target": 3, "abs": False}
    expected = tunnel.attribute(tensor(images), **options)[:, 0].detach()
    maps = xt.smooth_grad(cnn, images, 3, kind=kind, n_samples=12, noise=0.15, seed=5)
    assert_allclose(maps, expected, atol=1e-5)


def occluded(function, images, window, stride, target, fill):
    options = {"sliding_window_shapes": (1, *window), "strides": (1, *stride), "target": target}
    return captum.Occlusion(function).attribute(tensor(images), baselines=fill, **options)[:, 0].detach()


@pytest.mark.parametrize(
    ("window", "stride", "fill"),
    [((5, 5), (3, 3), 0.0), ((7, 3), (4, 3), 0.5), ((28, 28), (1, 1), 1.0), ((6, 9), (5, 7), 0.0)],
)
@pytest.mark.parametrize("target", [3, 8])
def test_the_drop_of_the_score_is_captum_s(model, images, window, stride, fill, target):
    ours = xt.occlusion(model, images, target, window=window, stride=stride, fill=fill, of="score")
    assert abs(ours).max() > 0.1
    assert_allclose(ours, occluded(model, images, window, stride, target, fill), atol=1e-5)


def test_the_drop_of_the_probability_covered_with_another_image_is_captum_s(model, images, digits):
    other, targets = digits.x_test[7], [3, 1, 4, 8]
    fill = tensor(other[None])
    expected = occluded(lambda x: model(x).softmax(1), images, (6, 6), (2, 2), torch.tensor(targets), fill)
    assert_allclose(xt.occlusion(model, images, targets, window=6, stride=2, fill=other), expected, atol=1e-5)
