"""Small models whose explanations are known on paper, in both frameworks.

Each is made of `steps`, and `build` turns them into a Keras or a PyTorch model: a kernel (h, w, in, out) with
its biases is a convolution without padding, a matrix (in, out) with its biases a linear layer, "relu",
"flatten", "average" are themselves, a function is applied to every value. Flattening is channels first.
"""

import numpy as np

import xaiteach as xt


def build(framework, steps, input_shape, strides=None):
    """`strides` are those of the convolutions, in their order; None for 1."""
    strides = iter(strides or [1] * len(steps))
    return {"keras": _keras, "torch": _torch}[framework](steps, input_shape, strides)


def _keras(steps, input_shape, strides):
    import keras
    from keras import layers

    words = {"relu": layers.ReLU, "flatten": layers.Flatten, "average": layers.GlobalAveragePooling2D}
    model, flattened = keras.Sequential([keras.Input(input_shape)]), None
    for step in steps:
        if step == "flatten":
            flattened = model.output_shape[1:] if model.layers else input_shape
        if isinstance(step, str):
            model.add(words[step]())
        elif callable(step):
            model.add(layers.Activation(step))
        else:
            kernel, bias = (np.asarray(part, np.float32) for part in step)
            if flattened:
                h, w, c = flattened
                kernel = kernel.reshape(c, h, w, -1).transpose(1, 2, 0, 3).reshape(kernel.shape)
                flattened = None
            *size, _, units = kernel.shape
            model.add(layers.Conv2D(units, size, next(strides)) if size else layers.Dense(units))
            model.layers[-1].set_weights([kernel, bias])
    return model


def _torch(steps, input_shape, strides):
    import torch
    from torch import nn

    class Each(nn.Module):
        def __init__(self, function):
            super().__init__()
            self.forward = lambda values: function(values)

    average = lambda: nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())  # noqa: E731
    words = {"relu": nn.ReLU, "flatten": nn.Flatten, "average": average}
    model = nn.Sequential()
    for step in steps:
        if isinstance(step, str):
            model.append(words[step]())
        elif callable(step):
            model.append(Each(step))
        else:
            kernel, bias = (torch.tensor(np.asarray(part, np.float32)) for part in step)
            *size, ins, outs = kernel.shape
            layer = nn.Conv2d(ins, outs, size, next(strides)) if size else nn.Linear(ins, outs)
            layer.weight.data = (kernel.permute(3, 2, 0, 1) if size else kernel.T).contiguous()
            layer.bias.data = bias
            model.append(layer)
    return model


ROW_A = np.array([1, 1, 1, 1, 1, -1, -1, -1])


def model_a(framework):
    """4×4 picture, two 3×3 filters of ones with biases −50 and −75, ReLU, linear; and the negative of it."""
    first, second = (np.ones((3, 3, 1, 2)), [-50, -75]), (np.stack([ROW_A, -ROW_A], axis=1), [0, 0])
    return build(framework, [first, "relu", "flatten", second], (4, 4, 1))


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
    head = normal(size=(80, 4)), np.zeros(4)
    return build(framework, [first, bend, second, bend, "flatten", head], (8, 8, 2))


def in_two(p):
    """A function of images as a model of two classes: what it gives, and what is missing to 1."""
    return lambda images: np.stack([p(images), 1 - p(images)], axis=1)


class Watched:
    """A plain function that remembers every picture it was shown."""

    def __init__(self, function):
        self.function, self.shown = function, []

    def __call__(self, images):
        self.shown.append(images)
        return self.function(images)

    def wrapped(self, image, **options):
        """As a classifier that has met an image of this shape, and without the memory of it."""
        classifier = xt.wrap(self, **options)
        classifier.predict(image)
        self.shown.clear()
        return classifier

    @property
    def pictures(self):
        return np.concatenate(self.shown)


def distinct(pictures):
    """How many different ones there are."""
    return len(np.unique(pictures.reshape(len(pictures), -1), axis=0))


def damaged(data, rng):
    """The bytes cut, with flipped bits, with a block of zeros, or with two blocks swapped."""
    data, how, size = bytearray(data), rng.randrange(4), min(rng.choice([8, 64, 512]), len(data) // 2)
    first, second = (rng.randrange(len(data) - size) for _ in range(2))
    if how == 0:
        return bytes(data[:first])
    if how == 1:
        for _ in range(rng.choice([1, 3, 30])):
            data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    if how == 2:
        data[first : first + size] = bytes(size)
    if how == 3:
        one, other = data[first : first + size], data[second : second + size]
        data[first : first + size], data[second : second + size] = other, one
    return bytes(data)
