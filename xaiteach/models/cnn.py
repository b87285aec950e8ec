"""The course's networks: a small CNN and a dense network, the same in Keras and in PyTorch.

The CNN is five convolutions (each with batch normalisation and ReLU), global average pooling, and one linear
layer to the scores: with it Grad-CAM is exact, and images of any size fit. The pooling in between is of
averages: on a flat background the gradient of a maximum would depend on how a program breaks the tie.
"""

from collections import OrderedDict
from pathlib import Path

import numpy as np

from xaiteach.classifier.frameworks import check_framework

WEIGHTS = Path(__file__).parents[2] / "data" / "weights"
FILTERS = (16, 16, 32, 64, 64)
POOL_AFTER = (1, 3)
EPSILON, MOMENTUM = 1e-3, 0.9
TORCH_NAMES = {"kernel": "weight", "gamma": "weight", "bias": "bias", "beta": "bias"}
TORCH_NAMES |= {"moving_mean": "running_mean", "moving_variance": "running_var"}


def build_cnn(framework="keras", *, channels=1, n_classes=10, seed=0):
    """An untrained CNN: 63,386 trainable parameters for grey digits, scores (before the softmax) as output.

    Args:
        framework: "keras" or "torch".
        channels: 1 for grey images, 3 for colour.
        n_classes: length of the score vector K.
        seed: of the initial weights.

    Returns:
        A `keras.Sequential` on (N, H, W, channels), or a `torch.nn.Sequential` on (N, channels, H, W).
    """
    build = {"keras": _keras_cnn, "torch": _torch_cnn}[check_framework(framework)]
    return build(channels, n_classes, seed)


def build_dense(framework="keras", *, n_classes=10, seed=0):
    """The classic dense network on 28×28 digits: flatten, 128 units with ReLU, scores. 101,770 parameters."""
    build = {"keras": _keras_dense, "torch": _torch_dense}[check_framework(framework)]
    return build(n_classes, seed)


def load_cnn(framework="keras"):
    """The shipped CNN, trained on the 4,000 embedded training digits: the same weights in both frameworks.

    It is what `build_cnn` returns; a FileNotFoundError where `data/weights/cnn.npz` is missing.
    """
    model = build_cnn(framework)
    set_weights(model, read_arrays(WEIGHTS / "cnn.npz"))
    return model


def get_weights(model):
    """A copy of the weights of a network of this course: arrays by name, in PyTorch's layout."""
    if hasattr(model, "state_dict"):
        state = model.state_dict()
        names = [name for name in state if not name.endswith("num_batches_tracked")]
        return {name: state[name].numpy(force=True).copy() for name in names}
    arrays = {name: variable.numpy() for name, variable in _keras_variables(model)}
    # Keras keeps kernels as (h, w, in, out) and (in, out), PyTorch as (out, in, h, w) and (out, in).
    return {name: a.transpose(3, 2, 0, 1) if a.ndim == 4 else a.T for name, a in arrays.items()}


def set_weights(model, arrays):
    """Put arrays by name, in PyTorch's layout, into a network of this course."""
    if hasattr(model, "state_dict"):
        import torch

        tensors = {name: torch.from_numpy(array) for name, array in arrays.items()}
        model.load_state_dict(tensors, strict=False)  # num_batches_tracked is not stored
        return
    for name, variable in _keras_variables(model):
        array = arrays[name]
        variable.assign(array.transpose(2, 3, 1, 0) if array.ndim == 4 else array.T)


def read_arrays(path):
    """Arrays by name from an .npz without pickles; a FileNotFoundError where the weights are missing."""
    if not path.exists():
        raise FileNotFoundError(f"The weights {path} are missing; `make weights` trains them.")
    with np.load(path, allow_pickle=False) as stored:
        return dict(stored)


def _keras_variables(model):
    for layer in model.layers:
        for variable in layer.weights:
            yield f"{layer.name}.{TORCH_NAMES[variable.name]}", variable


def _keras_cnn(channels, n_classes, seed):
    import keras
    from keras import layers

    keras.utils.set_random_seed(seed)
    model = keras.Sequential([keras.Input((None, None, channels))], name="cnn")
    for i, filters in enumerate(FILTERS):
        model.add(layers.Conv2D(filters, 3, padding="same", use_bias=False, name=f"conv{i + 1}"))
        model.add(layers.BatchNormalization(momentum=MOMENTUM, epsilon=EPSILON, name=f"norm{i + 1}"))
        model.add(layers.ReLU(name=f"relu{i + 1}"))
        if i in POOL_AFTER:
            model.add(layers.AveragePooling2D(2, name=f"pool{i + 1}"))
    model.add(layers.GlobalAveragePooling2D(name="average"))
    model.add(layers.Dense(n_classes, name="scores"))
    return model


def _torch_cnn(channels, n_classes, seed):
    import torch
    from torch import nn

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = nn.Sequential()
        for i, filters in enumerate(FILTERS):
            model.add_module(f"conv{i + 1}", nn.Conv2d(channels, filters, 3, padding=1, bias=False))
            model.add_module(f"norm{i + 1}", nn.BatchNorm2d(filters, eps=EPSILON, momentum=1 - MOMENTUM))
            model.add_module(f"relu{i + 1}", nn.ReLU())
            if i in POOL_AFTER:
                model.add_module(f"pool{i + 1}", nn.AvgPool2d(2))
            channels = filters
        model.add_module("average", nn.AdaptiveAvgPool2d(1))
        model.add_module("flatten", nn.Flatten())
        model.add_module("scores", nn.Linear(FILTERS[-1], n_classes))
    return model.eval()


def _keras_dense(n_classes, seed):
    import keras
    from keras import layers

    keras.utils.set_random_seed(seed)
    # All at once: each `add` would call the layers anew, and `layer.output` be that of an earlier call.
    image, flat = keras.Input((28, 28, 1)), layers.Flatten(name="flatten")
    hidden = layers.Dense(128, activation="relu", name="hidden")
    scores = layers.Dense(n_classes, name="scores")
    return keras.Sequential([image, flat, hidden, scores], name="dense")


def _torch_dense(n_classes, seed):
    import torch
    from torch import nn

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        hidden, scores = nn.Linear(784, 128), nn.Linear(128, n_classes)
    layers = OrderedDict(flatten=nn.Flatten(), hidden=hidden, relu=nn.ReLU(), scores=scores)
    return nn.Sequential(layers).eval()
