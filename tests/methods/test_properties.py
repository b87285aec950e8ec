"""What holds for every method, on the shipped CNN, in both frameworks."""

import numpy as np
import pytest

import xaiteach as xt


def grey(images):
    """Two plain pictures of the size of the images."""
    return np.stack([np.full(images.shape[-3:], value) for value in (0.1, 0.6)])


METHODS = {
    "saliency": xt.saliency,
    "grad_cam": xt.grad_cam,
    "grad_cam, signed": lambda *a, **k: xt.grad_cam(*a, relu=False, **k),
    "occlusion": lambda *a, **k: xt.occlusion(*a, of="score", window=(5, 6), stride=(3, 6), **k),
    "lime": lambda *a, **k: xt.lime(*a, n_samples=150, **k),
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
    return digits.x_test[:7]


@each_method
def test_keras_and_pytorch_give_the_same_map(cnns, some, method):
    keras, torch = (method(cnns[name], some, 4) for name in ("keras", "torch"))
    assert abs(keras).max() > 1e-3
    np.testing.assert_allclose(keras, torch, atol=1e-4)


@each_method
def test_a_batch_is_the_same_as_one_by_one(cnn, some, method):
    together = method(cnn, some, 4, batch_size=3)
    alone = np.stack([method(cnn, image, 4) for image in some])
    np.testing.assert_allclose(together, alone, atol=1e-5)


@each_method
def test_all_classes_at_once_are_the_same_as_one_by_one(cnn, some, method):
    together = method(cnn, some, "all")
    assert together.shape == (7, 10, 28, 28)
    for target in (0, 4, 9):
        np.testing.assert_allclose(together[:, target], method(cnn, some, target), atol=1e-5)


@each_method
def test_maps_of_two_classes_differ(cnn, some, method):
    four, nine = method(cnn, some, 4), method(cnn, some, 9)
    assert all(
        abs(a - b).max() > 0.1 * max(abs(a).max(), abs(b).max()) for a, b in zip(four, nine, strict=True)
    )


@each_method
def test_without_targets_the_predicted_class_is_explained(cnn, some, method):
    predicted = cnn.predict(some).argmax(axis=1)
    np.testing.assert_allclose(method(cnn, some), method(cnn, some, predicted), atol=1e-6)


@each_method
def test_a_bare_model_is_explained_like_a_wrapped_one(cnn, some, method):
    np.testing.assert_allclose(method(cnn.model, some, 4), method(cnn, some, 4), atol=1e-6)


@each_method
def test_maps_are_float32_arrays_of_the_size_of_the_image(cnn, some, method):
    maps = method(cnn, some)
    assert isinstance(maps, np.ndarray) and maps.dtype == np.float32 and maps.shape == (7, 28, 28)
    assert method(cnn, some[0]).shape == (28, 28)


@each_method
def test_images_that_are_not_square_keep_height_and_width(cnn, method):
    image = np.random.default_rng(0).random((20, 36, 1))
    assert method(cnn, image, 3).shape == (20, 36)


def test_only_methods_with_channels_can_give_one_number_a_channel(cnn, some):
    assert xt.saliency(cnn, some, 4, per_channel=True).shape == (7, 28, 28, 1)
    with pytest.raises(ValueError, match="leave per_channel out"):
        xt.grad_cam(cnn, some, 4, per_channel=True)


def test_a_model_that_only_predicts_has_no_gradient_methods(some):
    model = xt.wrap(lambda images: np.full((len(images), 2), 0.5))
    gradients = [METHODS[name] for name in METHODS if name not in ("occlusion", "lime")]
    for method in (*gradients, xt.activation_maps):
        with pytest.raises(TypeError, match="only predicts.*occlusion or lime"):
            method(model, some)
