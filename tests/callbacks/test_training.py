"""The training does not notice that it is watched, and every epoch is seen as it is."""

import numpy as np
import pytest

import xaiteach as xt


def test_every_epoch_sees_the_new_weights(framework, digits):
    """The classifier is compiled once; yet each epoch has maps of its own, the last the trained model's."""
    watch = xt.callbacks.HeatMaps(digits.x_test[:2], "grad_cam", targets=[4, 9])
    model = xt.build_cnn(framework)
    options = {"epochs": 2, "each_epoch": watch, "progress": False}
    xt.train(model, digits.x_train[:128], digits.y_train[:128], **options)
    assert watch.epochs == [1, 2] and abs(watch.maps[0] - watch.maps[1]).max() > 1e-4
    np.testing.assert_array_equal(watch.maps[-1], xt.grad_cam(model, digits.x_test[:2], [4, 9]))


def fit_keras(digits, *watches):
    """A model and its weights after a short training with all that draws from Keras's global seed."""
    import keras
    from keras import layers

    keras.utils.set_random_seed(7)
    parts = [layers.Conv2D(4, 3), layers.BatchNormalization(), layers.ReLU(), layers.Dropout(0.3)]
    model = keras.Sequential([keras.Input((28, 28, 1)), *parts, layers.Flatten(), layers.Dense(10)])
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    callbacks = [watch.for_keras() for watch in watches]
    model.fit(digits.x_train[:96], digits.y_train[:96], epochs=2, verbose=0, callbacks=callbacks)
    return model, [variable.numpy() for variable in model.weights]


def fit_torch(digits, *watches):
    """The same in PyTorch's own loop, in train mode; its gradients add up, so one lost would be noticed."""
    import torch
    from torch import nn

    torch.manual_seed(7)
    parts = [nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Dropout(0.3)]
    model = nn.Sequential(*parts, nn.Flatten(), nn.Linear(4 * 26 * 26, 10))
    images, labels = torch.from_numpy(digits.x_train[:96]), torch.from_numpy(digits.y_train[:96])
    optimizer = torch.optim.SGD(model.parameters(), 0.01, momentum=0.9)
    for epoch in (1, 2):
        for chosen in torch.randperm(96).split(32):
            scores = model(images[chosen].permute(0, 3, 1, 2))
            nn.functional.cross_entropy(scores, labels[chosen]).backward()
            optimizer.step()
        for watch in watches:
            watch(model, epoch)
    assert all(module.training for module in model.modules())
    return model, [tensor.detach().numpy().copy() for tensor in [*model.parameters(), *model.buffers()]]


@pytest.mark.parametrize("fit", [fit_keras, fit_torch])
def test_a_model_that_was_watched_has_the_same_weights(fit, digits):
    watches = [xt.callbacks.HeatMaps(digits.x_test[:2], method) for method in ("grad_cam", "smooth_grad")]
    _, expected = fit(digits)
    model, weights = fit(digits, *watches)
    assert all(np.array_equal(*pair) for pair in zip(weights, expected, strict=True))
    assert watches[0].epochs == [1, 2]
    np.testing.assert_array_equal(watches[0].maps[-1], xt.grad_cam(model, digits.x_test[:2]))


def test_a_keras_callback_can_explain_the_wrapped_model(digits):
    watch = xt.callbacks.HeatMaps(digits.x_test[:1], "saliency", targets=1)
    model = xt.build_dense("keras")
    callback = watch.for_keras(xt.wrap(model, class_names=[f"digit {k}" for k in range(10)]))
    callback.set_model(model)
    callback.on_epoch_end(0)
    assert watch.epochs == [1] and watch.captions[0][0].startswith("digit 1 (")
