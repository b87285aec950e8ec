"""The same occlusion as captum's, whose windows and averages ours are."""

import numpy as np
import pytest
import torch
from captum.attr import Occlusion

import xaiteach as xt


@pytest.fixture(scope="module")
def model():
    return xt.load_cnn("torch")


def tensor(images):
    return torch.tensor(images).permute(0, 3, 1, 2)


@pytest.mark.parametrize(
    ("window", "stride", "fill"),
    [
        ((4, 4), (4, 4), 0.0),
        ((5, 5), (3, 3), 0.0),
        ((7, 3), (4, 3), 0.5),
        ((28, 28), (1, 1), 1.0),
        ((6, 9), (5, 7), 0.0),
    ],
)
@pytest.mark.parametrize("target", [3, 8])
def test_the_drop_of_the_score_is_captum_s(model, digits, window, stride, fill, target):
    images = digits.x_test[:3]
    theirs = Occlusion(model.eval()).attribute(
        tensor(images),
        sliding_window_shapes=(1, *window),
        strides=(1, *stride),
        baselines=fill,
        target=target,
        perturbations_per_eval=16,
    )
    ours = xt.occlusion(model, images, target, window=window, stride=stride, fill=fill, of="score")
    assert abs(ours).max() > 0.1
    np.testing.assert_allclose(ours, theirs[:, 0].detach(), atol=1e-5)


def test_the_drop_of_the_probability_covered_with_another_image_is_captum_s(model, digits):
    images, other = digits.x_test[:3], digits.x_test[7]
    theirs = Occlusion(lambda x: model.eval()(x).softmax(dim=1)).attribute(
        tensor(images),
        sliding_window_shapes=(1, 6, 6),
        strides=(1, 2, 2),
        baselines=tensor(other[None]),
        target=torch.tensor([3, 1, 4]),
    )
    ours = xt.occlusion(model, images, [3, 1, 4], window=6, stride=2, fill=other)
    np.testing.assert_allclose(ours, theirs[:, 0].detach(), atol=1e-5)
