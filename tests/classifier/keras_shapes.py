"""Keras models of many shapes; `SHAPES` says the last layer with a grid that feeds the score, its size."""

import keras
from keras import Input, Model, Sequential, layers


def conv(name, filters=4, **options):
    return layers.Conv2D(filters, 3, padding="same", name=name, **options)


def head():
    return [layers.GlobalAveragePooling2D(), layers.Dense(3)]


def sequential(*parts):
    return Sequential([Input((16, 16, 3)), *parts])


def functional(connect):
    inputs = Input((16, 16, 3))
    return Model(inputs, connect(inputs))


def apply(x, *parts):
    for part in parts:
        x = part(x)
    return x


def auxiliary_branch(x):
    """The branch is called last, and added to the score after it was stopped: it does not feed it."""
    x = conv("trunk", strides=2)(x)
    score = apply(x, *head())
    branch = apply(x, conv("branch"), layers.Lambda(lambda t: keras.ops.stop_gradient(t)), *head())
    return layers.Lambda(lambda pair: pair[0] + keras.ops.stop_gradient(pair[1]))([score, branch])


def reused(x):
    same = conv("same", 3)
    return apply(x, same, layers.MaxPooling2D(name="pool"), same, *head())


class Skips(Model):
    """A layer that is never called, and one called only for its own sake."""

    def __init__(self):
        super().__init__()
        self.used, self.unused, self.idle = conv("used"), conv("unused"), conv("idle")
        self.pool, self.dense = head()

    def call(self, x):
        x = self.used(x)
        self.idle(x)
        return self.dense(self.pool(x))


def nested():
    return sequential(Sequential([conv("a"), Sequential([conv("b", 2)])], name="outer"), *head())


def functional_in_sequential():
    deep = functional(conv("deep", strides=2))
    return sequential(deep, layers.ReLU(name="after"), *head())


def made_a_grid():
    grid = layers.Reshape((12, 64, 1), name="grid")
    return sequential(layers.Flatten(), grid, layers.Flatten(), layers.Dense(3))


SHAPES = {
    "not built": (lambda: Sequential([conv("a"), conv("b", strides=4), *head()]), "b", (4, 4, 4)),
    "nested": (nested, "outer", (16, 16, 2)),
    "Functional in Sequential": (functional_in_sequential, "after", (8, 8, 4)),
    "an auxiliary branch called last": (lambda: functional(auxiliary_branch), "trunk", (8, 8, 4)),
    "a layer called twice": (lambda: functional(reused), "same", (8, 8, 3)),
    "layers not called or without use": (Skips, "used", (16, 16, 4)),
    "reshaped into a grid": (made_a_grid, "grid", (12, 64, 1)),
}
