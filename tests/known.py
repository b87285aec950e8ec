"""Small models whose explanations are known on paper, in both frameworks.

Each is made of `steps`, and `build` turns them into a Keras or a PyTorch model: a kernel (h, w, in, out) with its
biases is a convolution without padding, a matrix (in, out) with its biases a linear layer, "relu", "flatten", "average"
are themselves. Flattening is channels first, as on paper.
"""

import numpy as np


def build(framework, steps, input_shape):
    return {"keras": _keras, "torch": _torch}[framework](steps, input_shape)


def _keras(steps, input_shape):
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
        else:
            kernel, bias = (np.asarray(part, np.float32) for part in step)
            kernel, flattened = (_rows_channels_last(kernel, flattened), None) if flattened else (kernel, None)
            size = kernel.shape
            model.add(layers.Conv2D(size[-1], size[:2]) if kernel.ndim == 4 else layers.Dense(size[-1]))
            model.layers[-1].set_weights([kernel, bias])
    return model


def _rows_channels_last(matrix, shape):
    h, w, c = shape
    return matrix.reshape(c, h, w, -1).transpose(1, 2, 0, 3).reshape(matrix.shape)


def _torch(steps, input_shape):
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
        else:
            kernel, bias = (torch.tensor(np.asarray(part, np.float32)) for part in step)
            four = kernel.ndim == 4
            layer = nn.Conv2d(*kernel.shape[2:], kernel.shape[:2]) if four else nn.Linear(*kernel.shape)
            layer.weight.data = (kernel.permute(3, 2, 0, 1) if four else kernel.T).contiguous()
            layer.bias.data = bias
            model.append(layer)
    return model


ROW_A = np.array([1, 1, 1, 1, 1, -1, -1, -1])


def model_a(framework):
    """4×4 picture, two 3×3 filters of ones with biases −50 and −75, ReLU, linear; the second class is the negative."""
    steps = [(np.ones((3, 3, 1, 2)), [-50, -75]), "relu", "flatten", (np.stack([ROW_A, -ROW_A], axis=1), [0, 0])]
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
