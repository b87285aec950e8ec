"""A small network that looks at every place by itself, and so learns a short cut readily."""

import numpy as np

from xaiteach.classifier.frameworks import check_framework

FILTERS = (8, 16)


def build_network(framework, seed):
    """Two convolutions and one linear layer: from pictures of 28×28×3 to 10 scores.

    The linear layer begins with zeros, so that a place where nothing has ever been says nothing. The
    convolutions begin with the same numbers in both frameworks.

    Args:
        framework: "keras" or "torch".
        seed: of the first weights.

    Returns:
        A `keras.Sequential` or a `torch.nn.Sequential`.

    Source: He, Zhang, Ren and Sun, Delving deep into rectifiers, ICCV 2015 (the size of the first weights).
    """
    random = np.random.default_rng(seed)
    shapes = [(3, 3, into, out) for into, out in zip((3, *FILTERS), FILTERS, strict=False)]
    kernels = [
        random.normal(0, np.sqrt(2 / np.prod(shape[:3])), shape).astype(np.float32) for shape in shapes
    ]
    return {"keras": _keras, "torch": _torch}[check_framework(framework)](kernels)


def _keras(kernels):
    import keras
    from keras import layers

    model = keras.Sequential([keras.Input((28, 28, 3))])
    for filters in FILTERS:
        model.add(layers.Conv2D(filters, 3, padding="same", use_bias=False))
        model.add(layers.ReLU())
        model.add(layers.AveragePooling2D(2))
    model.add(layers.Flatten())
    model.add(layers.Dense(10, kernel_initializer="zeros"))
    for layer, kernel in zip((model.layers[0], model.layers[3]), kernels, strict=True):
        layer.kernel.assign(kernel)
    return model


def _torch(kernels):
    import torch
    from torch import nn

    blocks = [
        (nn.Conv2d(into, out, 3, padding=1, bias=False), nn.ReLU(), nn.AvgPool2d(2))
        for into, out in zip((3, *FILTERS), FILTERS, strict=False)
    ]
    model = nn.Sequential(*blocks[0], *blocks[1], nn.Flatten(), nn.Linear(FILTERS[-1] * 7 * 7, 10))
    nn.init.zeros_(model[7].weight)
    nn.init.zeros_(model[7].bias)
    with torch.no_grad():
        for layer, kernel in zip((model[0], model[3]), kernels, strict=True):
            layer.weight.copy_(torch.from_numpy(kernel.transpose(3, 2, 0, 1).copy()))
    return model.eval()
