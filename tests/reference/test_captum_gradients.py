"""The same numbers as captum's gradient methods, where its conventions are ours."""

import warnings

import numpy as np
import pytest
import torch
from captum.attr import GuidedBackprop, InputXGradient, IntegratedGradients, NoiseTunnel, Saliency
from known import smooth

import xaiteach as xt


@pytest.fixture(scope="module")
def model():
    return xt.load_cnn("torch")


@pytest.fixture(scope="module")
def images(digits):
    return digits.x_test[:4]


def tensor(images):
    return torch.tensor(images).permute(0, 3, 1, 2)


@pytest.mark.parametrize("target", [0, 3])
def test_integrated_gradients_are_captum_s_with_midpoints(framework, target):
    """Its default is Gauss–Legendre, and its trapezoid's weights don't sum to 1."""
    captum, model = IntegratedGradients(smooth("torch")), smooth(framework)
    pictures, others = np.random.default_rng(1).random((2, 4, 8, 8, 2)).astype(np.float32)
    for ours, theirs in ((0.0, 0.0), (0.3, 0.3), (others, tensor(others))):
        expected = captum.attribute(tensor(pictures), theirs, target, method="riemann_middle", n_steps=20)
        maps = xt.integrated_gradients(model, pictures, target, baseline=ours, steps=20, per_channel=True)
        np.testing.assert_allclose(maps, expected.detach().permute(0, 2, 3, 1), atol=1e-5)


def test_on_the_cnn_they_are_captum_s_but_for_a_relu_that_rounding_opens(model, images, framework, cnns):
    theirs = IntegratedGradients(model).attribute(tensor(images), 0.0, 3, method="riemann_middle", n_steps=16)
    theirs = theirs[:, 0].detach().numpy()
    maps = xt.integrated_gradients(cnns[framework], images, 3, steps=16)
    assert np.linalg.norm(maps - theirs) < 2e-3 * np.linalg.norm(theirs)


def test_input_x_gradient_and_guided_backpropagation_are_captum_s(model, images, cnns, framework):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for method, peer in (
            (xt.input_x_gradient, InputXGradient),
            (xt.guided_backpropagation, GuidedBackprop),
        ):
            theirs = peer(model).attribute(tensor(images).requires_grad_(), target=3)[:, 0].detach()
            np.testing.assert_allclose(method(cnns[framework], images, 3), theirs, atol=1e-5)


@pytest.mark.parametrize(
    ("kind", "theirs"), [("mean", "smoothgrad"), ("squared", "smoothgrad_sq"), ("variance", "vargrad")]
)
def test_smooth_grad_is_captum_s_on_the_same_noise(model, images, cnns, framework, kind, theirs, monkeypatch):
    """Captum draws from PyTorch's global generator; here it is handed the draws that ours makes."""
    draws = np.random.default_rng(5)
    noise = np.stack([draws.standard_normal((28, 28, 1), np.float32) for _ in range(12)])
    noise = 0.15 * tensor(noise)

    def handed(self, inputs, deviation, n):
        return inputs.repeat_interleave(n, 0) + noise.repeat(len(inputs), 1, 1, 1)

    monkeypatch.setattr(NoiseTunnel, "_add_noise_to_input", handed)
    tunnel = NoiseTunnel(Saliency(model))
    expected = tunnel.attribute(
        tensor(images), nt_type=theirs, nt_samples=12, stdevs=0.15, target=3, abs=False
    )
    ours = xt.smooth_grad(cnns[framework], images, 3, kind=kind, n_samples=12, noise=0.15, seed=5)
    np.testing.assert_allclose(ours, expected[:, 0].detach(), atol=1e-5)
