"""Small models whose explanations are known on paper, in both frameworks.

Each is made of `steps`, and `build` turns them into a Keras or a PyTorch model: a kernel (h, w, in, out) with
its biases is a convolution without padding, a matrix (in, out) with its biases a linear layer, "relu",
"flatten", "average" are themselves, a function is applied to every value. Flattening is channels first.
"""

import numpy as np


def build(framework, steps, input_shape, strides=None):
    """`strides` are those of the convolutions, in their order; None for 1."""
    strides = iter(strides or [1] * len(steps))
    return {"keras": _keras, "torch": _torch}[framework](steps, input_shape, strides)


def _keras(steps, input_shape, strides):
    import keras
    from keras import layers

    model, flattened = keras.Sequential([keras.Input(input_shape)]), None
    for step in steps:
        if step == "relu":
            model.add(layers.ReLU())
        elif step == "flatten":
            flattened = model.output_shape[1:] if model.layers else input_shape
            model.add(layers.Flatten())
        elif step == "average":
            model.add(layers.GlobalAveragePooling2D())
        elif callable(step):
            model.add(layers.Activation(step))
        else:
            kernel, bias = (np.asarray(part, np.float32) for part in step)
            kernel, flattened = (
                (_rows_channels_last(kernel, flattened), None) if flattened else (kernel, None)
            )
            *size, _, units = kernel.shape
            layer = layers.Conv2D(units, size, next(strides)) if size else layers.Dense(units)
            model.add(layer)
            layer.set_weights([kernel, bias])
    return model


def _rows_channels_last(matrix, shape):
    h, w, c = shape
    return matrix.reshape(c, h, w, -1).transpose(1, 2, 0, 3).reshape(matrix.shape)


def _torch(steps, input_shape, strides):
    import torch
    from torch import nn

    model = nn.Sequential()
    for step in steps:
        if step == "relu":
            model.append(nn.ReLU())
        elif step == "flatten":
            model.append(nn.Flatten())
        elif step == "average":
            model.append(nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()))
        elif callable(step):
            model.append(_module(step))
        else:
            kernel, bias = (torch.tensor(np.asarray(part, np.float32)) for part in step)
            *size, ins, outs = kernel.shape
            layer = nn.Conv2d(ins, outs, size, next(strides)) if size else nn.Linear(ins, outs)
            layer.weight.data = (kernel.permute(3, 2, 0, 1) if size else kernel.T).contiguous()
            layer.bias.data = bias
            model.append(layer)
    return model


def _module(function):
    from torch import nn

    class Each(nn.Module):
        def forward(self, values):
            return function(values)

    return Each()


ROW_A = np.array([1, 1, 1, 1, 1, -1, -1, -1])


def model_a(framework):
    """4×4 picture, two 3×3 filters of ones with biases −50 and −75, ReLU, linear; and the negative of it."""
    steps = [
        (np.ones((3, 3, 1, 2)), [-50, -75]),
        "relu",
        "flatten",
        (np.stack([ROW_A, -ROW_A], axis=1), [0, 0]),
    ]
    return build(framework, steps, (4, 4, 1))


def image_a():
    """0 … 15, row by row."""
    return np.arange(16, dtype=np.float32).reshape(4, 4, 1)


def linear(framework, weights, biases=None):
    """One score a class: Σ w·x + b. `weights` are (H, W, C, K)."""
    h, w, c, k = weights.shape
    return build(framework, [(weights, np.zeros(k) if biases is None else biases), "flatten"], (h, w, c))


def units(framework, first, second):
    """A picture of n values (1, n, 1), a ReLU layer and a linear layer; each is a pair (weights, biases)."""
    n = np.shape(first[0])[0]
    return build(framework, ["flatten", first, "relu", second], (1, n, 1))


def model_b(framework):
    """Three values, four units of ones with biases −10 1 1 1, ReLU, their sum less 1; and its negative."""
    return units(framework, (np.ones((3, 4)), [-10, 1, 1, 1]), ([[1, -1]] * 4, [-1, 1]))


def image_b():
    return np.array([20, 50, 30], np.float32).reshape(1, 3, 1)


def twins_c(framework):
    """ReLU(ReLU(x₁) − 1 − ReLU(x₂)) and ReLU(ReLU(x₁ − 1) − ReLU(x₂)): the same function where x₁, x₂ ≥ 0."""
    ends = "relu", ([[1, -1]], [0, 0])
    first = build(framework, ["flatten", "relu", ([[1], [-1]], [-1]), *ends], (1, 2, 1))
    second = ["flatten", (np.eye(2), [-1, 0]), "relu", ([[1], [-1]], [0]), *ends]
    return first, build(framework, second, (1, 2, 1))


def saturated(framework):
    """1 − ReLU(1 − x), flat from 1 on, and its negative."""
    return units(framework, ([[-1.0]], [1]), ([[-1.0, 1.0]], [1, -1]))


def power(framework, exponent):
    """The sum of all values to a power, and its negative."""
    steps = ["flatten", lambda values: values**exponent, ([[1, -1]] * 4, [0, 0])]
    return build(framework, steps, (2, 2, 1))


def smooth(framework):
    """A small network on (8, 8, 2) without corners: rounding moves no gradient by more than rounding."""
    normal = np.random.default_rng(0).normal
    bend = lambda x: x / (1 + x * x)  # noqa: E731
    first, second = (normal(size=(3, 3, 2, 6)), normal(size=6)), (normal(size=(3, 3, 6, 5)), normal(size=5))
    return build(
        framework, [first, bend, second, bend, "flatten", (normal(size=(80, 4)), np.zeros(4))], (8, 8, 2)
    )
