"""The training does not notice that it is watched, and every epoch is seen as it is."""

import random

import numpy as np
import pytest
from PIL import Image

import xaiteach as xt


def test_every_epoch_sees_the_new_weights(framework, digits):
    """The classifier is compiled once; yet each epoch has maps of its own, the last the trained model's."""
    watch = xt.callbacks.HeatMaps(digits.x_test[:2], "grad_cam", targets=[4, 9])
    model = xt.build_cnn(framework)
    options = {"epochs": 2, "each_epoch": watch, "progress": False}
    xt.train(model, digits.x_train[:128], digits.y_train[:128], **options)
    assert watch.epochs == [1, 2] and abs(watch.maps[0] - watch.maps[1]).max() > 1e-4
    np.testing.assert_array_equal(watch.maps[-1], xt.grad_cam(model, digits.x_test[:2], [4, 9]))


def fit_keras(digits, *callbacks):
    """A model and its weights after a short training with all that draws from Keras's global seed."""
    import keras
    from keras import layers

    keras.utils.set_random_seed(7)
    parts = [layers.Conv2D(4, 3), layers.BatchNormalization(), layers.ReLU(), layers.Dropout(0.3)]
    model = keras.Sequential([keras.Input((28, 28, 1)), *parts, layers.Flatten(), layers.Dense(10)])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("sgd", loss)
    model.fit(digits.x_train[:96], digits.y_train[:96], epochs=2, verbose=0, callbacks=list(callbacks))
    return model, [variable.numpy() for variable in model.weights]


def fit_torch(digits, watch=None):
    """The same in PyTorch's own loop; the model is in train mode and holds gradients all along."""
    import torch
    from torch import nn

    torch.manual_seed(7)
    parts = [nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Dropout(0.3)]
    model = nn.Sequential(*parts, nn.Flatten(), nn.Linear(4 * 26 * 26, 10))
    data = torch.from_numpy(digits.x_train[:96]).permute(0, 3, 1, 2), torch.from_numpy(digits.y_train[:96])
    loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(*data), 32, shuffle=True)
    optimizer = torch.optim.SGD(model.parameters(), 0.01, momentum=0.9)
    for epoch in (1, 2):
        for images, labels in loader:
            nn.functional.cross_entropy(model(images), labels).backward()
            optimizer.step()
        if watch is not None:
            watch(model, epoch)
    return model, [tensor.detach().numpy().copy() for tensor in [*model.parameters(), *model.buffers()]]


def test_a_keras_model_that_was_watched_has_the_same_weights(digits):
    watches = [xt.callbacks.HeatMaps(digits.x_test[:2], method) for method in ("grad_cam", "smooth_grad")]
    _, expected = fit_keras(digits)
    model, got = fit_keras(digits, *(watch.for_keras() for watch in watches))
    assert all(np.array_equal(a, b) for a, b in zip(got, expected, strict=True))
    assert watches[0].epochs == [1, 2]
    np.testing.assert_array_equal(watches[0].maps[-1], xt.grad_cam(model, digits.x_test[:2]))


def test_a_torch_model_that_was_watched_has_the_same_weights(digits):
    """Its gradients add up over all steps, so a gradient left behind or lost would change the weights too."""
    watches = [xt.callbacks.HeatMaps(digits.x_test[:2], method) for method in ("grad_cam", "smooth_grad")]
    _, expected = fit_torch(digits)
    model, got = fit_torch(digits, lambda model, epoch: [watch(model, epoch) for watch in watches])
    assert all(np.array_equal(a, b) for a, b in zip(got, expected, strict=True))
    assert all(module.training for module in model.modules())
    np.testing.assert_array_equal(watches[0].maps[-1], xt.grad_cam(model, digits.x_test[:2]))


def test_no_global_random_number_is_drawn(framework, digits, tmp_path):
    import torch

    model = xt.build_cnn(framework)
    states = lambda: (random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state().tolist())  # noqa: E731
    before = states()
    watch = xt.callbacks.HeatMaps(
        digits.x_test[:1], "lime", n_samples=20, folder=tmp_path, tensorboard=tmp_path
    )
    watch(model, 1)
    assert states() == before


def test_a_keras_callback_can_explain_the_wrapped_model(digits):
    watch = xt.callbacks.HeatMaps(digits.x_test[:1], "saliency", targets=1)
    names = [f"digit {k}" for k in range(10)]
    model = xt.build_dense("keras")
    callback = watch.for_keras(xt.wrap(model, class_names=names))
    callback.set_model(model)
    callback.on_epoch_end(0)
    assert watch.epochs == [1] and watch.captions[0][0].startswith("digit 1 (")


def test_after_an_interrupted_training_the_film_is_there(tmp_path, digits):
    watch = xt.callbacks.HeatMaps(digits.x_test[:1], "saliency")

    def until_two(model, epoch):
        watch(model, epoch)
        if epoch == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        options = {"epochs": 9, "progress": False, "each_epoch": until_two}
        xt.train(xt.build_dense("torch"), digits.x_train[:64], digits.y_train[:64], **options)
    watch.save(tmp_path / "film.gif")
    with Image.open(tmp_path / "film.gif") as animation:
        assert animation.n_frames == 2


def test_a_second_fit_with_the_same_watcher_is_refused_before_its_first_epoch(digits):
    watch, ended = xt.callbacks.HeatMaps(digits.x_test[:1], "saliency"), []
    fit_keras(digits, watch.for_keras())
    import keras

    count = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: ended.append(epoch))
    with pytest.raises(ValueError, match="Epoch 1 comes after epoch 2"):
        fit_keras(digits, watch.for_keras(), count)
    assert ended == [] and watch.epochs == [1, 2]
