"""A small network that looks at every place by itself, and so learns a short cut readily."""

import numpy as np

from xaiteach.classifier.frameworks import check_framework

FILTERS = (8, 16)


def build_network(framework, seed):
    """Two convolutions and one linear layer: from pictures of 28×28×3 to 10 scores.

    The linear layer begins with zeros, so that a place where nothing has ever been says nothing. The
    convolutions begin with the same numbers in both frameworks, drawn by the seed.

    Source: He, Zhang, Ren and Sun, Delving deep into rectifiers, ICCV 2015 (the size of the first weights).
    """
    build = {"keras": _keras, "torch": _torch}[check_framework(framework)]
    random = np.random.default_rng(seed)
    kernels, channels = [], 3
    for filters in FILTERS:
        size = np.sqrt(2 / (3 * 3 * channels))
        kernels.append(random.normal(0, size, (3, 3, channels, filters)).astype(np.float32))
        channels = filters
    return build(kernels)


def _keras(kernels):
    import keras
    from keras import layers

    zeros = {"kernel_initializer": "zeros"}
    model = keras.Sequential([keras.Input((28, 28, 3))])
    for kernel in kernels:
        model.add(layers.Conv2D(kernel.shape[-1], 3, padding="same", use_bias=False, **zeros))
        model.layers[-1].kernel.assign(kernel)
        model.add(layers.ReLU())
        model.add(layers.AveragePooling2D(2))
    model.add(layers.Flatten())
    model.add(layers.Dense(10, **zeros))
    return model


def _torch(kernels):
    import torch
    from torch import nn

    with torch.random.fork_rng(devices=[]):
        model = nn.Sequential()
        for kernel in kernels:
            convolution = nn.Conv2d(*kernel.shape[2:], 3, padding=1, bias=False)
            convolution.weight.data = torch.from_numpy(kernel.transpose(3, 2, 0, 1).copy())
            model.extend([convolution, nn.ReLU(), nn.AvgPool2d(2)])
        scores = nn.Linear(FILTERS[-1] * 7 * 7, 10)
    for weights in scores.parameters():
        nn.init.zeros_(weights)
    return model.extend([nn.Flatten(), scores]).eval()
