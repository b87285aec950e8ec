"""What holds for every method, on the shipped CNN.

What depends on a framework's own code is asked of both; what the decorator does for all, of PyTorch alone.
"""

import inspect
from functools import partial

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal

import xaiteach as xt
from xaiteach.methods import METHODS as NAMES
from xaiteach.methods import find_method, is_ours


def grey(images):
    """Two plain pictures of the size of the images."""
    return np.stack([np.full(images.shape[-3:], value) for value in (0.1, 0.6)])


METHODS = {
    "saliency": xt.saliency,
    "grad_cam": xt.grad_cam,
    "grad_cam, signed": lambda *a, **k: xt.grad_cam(*a, relu=False, **k),
    "occlusion": lambda *a, **k: xt.occlusion(*a, of="score", window=(5, 6), stride=(3, 6), **k),
    "lime": lambda *a, **k: xt.lime(*a, n_samples=80, segments=5, **k),
    "fused_cam": xt.fused_cam,
    "hires_cam": lambda *a, **k: xt.hires_cam(*a, layer="relu3", **k),
    "input_x_gradient": xt.input_x_gradient,
    "guided_backpropagation": xt.guided_backpropagation,
    "integrated_gradients": lambda *a, **k: xt.integrated_gradients(*a, baseline=0.1, steps=3, **k),
    "gradient_shap": lambda model, images, *a, **k: xt.gradient_shap(
        model, images, *a, background=grey(images), n_samples=5, local_smoothing=0.1, **k
    ),
    "smooth_grad": lambda *a, **k: xt.smooth_grad(*a, n_samples=5, **k),
    "smooth_grad, squared": lambda *a, **k: xt.smooth_grad(*a, n_samples=5, kind="squared", **k),
}
each_method = pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)


@pytest.fixture(scope="module")
def some(digits):
    return digits.x_test[:3]


@pytest.fixture(scope="module")
def torch_cnn(cnns):
    return cnns["torch"]


@each_method
def test_keras_and_pytorch_give_the_same_map(cnns, some, method):
    in_keras, in_torch = (method(cnns[name], some, 4) for name in ("keras", "torch"))
    assert abs(in_keras).max() > 1e-3
    assert_allclose(in_keras, in_torch, atol=1e-4)


@each_method
def test_all_classes_at_once_are_the_same_as_one_by_one(cnn, some, method):
    together = method(cnn, some, "all")
    assert together.shape == (3, 10, 28, 28)
    for target in (0, 9):
        assert_allclose(together[:, target], method(cnn, some, target), atol=1e-5)
    largest = abs(together[:, [4, 9]]).max(axis=(1, 2, 3))
    assert (abs(together[:, 4] - together[:, 9]).max(axis=(1, 2)) > 0.1 * largest).all(), "maps differ"


@each_method
def test_a_batch_is_the_same_as_one_by_one(torch_cnn, some, method):
    together = method(torch_cnn, some, 4, batch_size=2)
    alone = np.stack([method(torch_cnn, image, 4) for image in some])
    assert_allclose(together, alone, atol=1e-5)


@pytest.mark.parametrize("name", ["integrated_gradients", "gradient_shap", "smooth_grad, squared"])
def test_the_batch_size_bounds_each_pass_and_changes_nothing(torch_cnn, digits, name, monkeypatch):
    method, images, passes = METHODS[name], digits.x_test[:5], []
    expected = method(torch_cnn, images, 3)
    gradient = torch_cnn._gradient
    monkeypatch.setattr(torch_cnn, "_gradient", lambda part, w: passes.append(len(part)) or gradient(part, w))
    for batch_size in (1, 3, 12, 100):
        assert_allclose(method(torch_cnn, images, 3, batch_size=batch_size), expected, atol=1e-5)
        points = {"integrated_gradients": 3}.get(name, 5)
        assert max(passes) <= batch_size and sum(passes) == points * 5
        passes.clear()


@pytest.mark.parametrize("name", ["gradient_shap", "smooth_grad", "lime"])
def test_the_seed_alone_decides_and_the_global_states_are_left_alone(torch_cnn, some, name):
    method = partial(METHODS[name], torch_cnn, some[0], 3)
    np.random.seed(1)
    torch.manual_seed(1)
    before = np.random.get_state()[1].copy(), torch.get_rng_state()
    first = method(seed=7)
    assert_array_equal(np.random.get_state()[1], before[0])
    assert torch.equal(torch.get_rng_state(), before[1])
    np.random.seed(2)
    assert_array_equal(method(seed=7), first)
    assert abs(method(seed=8) - first).max() > 1e-4


@each_method
def test_a_bare_model_without_targets_is_explained_for_the_class_it_predicts(torch_cnn, some, method):
    predicted = torch_cnn.predict(some).argmax(axis=1)
    assert_allclose(method(torch_cnn.model, some), method(torch_cnn, some, predicted), atol=1e-6)


@each_method
def test_maps_are_float32_arrays_of_the_size_of_the_image(torch_cnn, method):
    """Also where it is not square."""
    images = np.random.default_rng(0).random((2, 20, 36, 1))
    maps = method(torch_cnn, images)
    assert isinstance(maps, np.ndarray) and maps.dtype == np.float32 and maps.shape == (2, 20, 36)
    assert method(torch_cnn, images[0]).shape == (20, 36)


def test_only_methods_with_channels_can_give_one_number_a_channel(torch_cnn, some):
    assert xt.saliency(torch_cnn, some, 4, per_channel=True).shape == (3, 28, 28, 1)
    with pytest.raises(ValueError, match="leave per_channel out"):
        xt.grad_cam(torch_cnn, some, 4, per_channel=True)


def test_a_model_that_only_predicts_has_no_gradient_methods(some):
    model = xt.wrap(lambda images: np.full((len(images), 2), 0.5))
    gradients = [METHODS[name] for name in METHODS if name not in ("occlusion", "lime")]
    for method in (*gradients, xt.activation_maps):
        with pytest.raises(TypeError, match="only predicts.*occlusion or lime"):
            method(model, some)


@pytest.mark.parametrize("name", NAMES)
def test_the_help_of_a_method_tells_of_every_argument_once_and_in_order(name):
    method = getattr(xt, name)
    told = inspect.getdoc(method).split("\nArgs:\n")[1].split("\n\n")[0].splitlines()
    entries = [line.split(":")[0].strip() for line in told if line[:5].strip()]
    assert entries[:3] == ["model", "images", "targets"]
    own = [p for p in inspect.signature(method).parameters if p not in ("model", "images", "targets")]
    assert entries[3:] == own
    assert all(line.startswith("    ") and len(line) <= 110 for line in told)


def test_what_a_method_says_of_an_argument_itself_stands_in_place_of_what_all_share():
    assert "    model: a wrapped classifier, a bare model, or any function from" in xt.occlusion.__doc__
    assert "    model: a wrapped classifier, or a bare Keras or PyTorch model" in xt.saliency.__doc__


def test_a_method_of_ours_is_known_from_another_one_of_its_name():
    def saliency(model, images, targets):
        return images[..., 0]

    assert find_method("saliency") is xt.saliency and find_method(saliency) is saliency
    assert is_ours(xt.saliency) and not is_ours(saliency) and not is_ours(np.mean)
    with pytest.raises(ValueError, match="method 'salience' is not known; choose from grad_cam, "):
        find_method("salience")
