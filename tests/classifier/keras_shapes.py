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


def residual(x):
    x = conv("stem", strides=2)(x)
    y = apply(x, conv("one", activation="relu"), conv("two"))
    return apply(layers.Add(name="join")([x, y]), layers.ReLU(name="after"), *head())


def auxiliary_branch(x):
    """The branch is called last, and added to the score after it was stopped: it does not feed it."""
    x = conv("trunk", strides=2)(x)
    score = apply(x, *head())
    branch = apply(x, conv("branch"), layers.Lambda(lambda t: keras.ops.stop_gradient(t)), *head())
    return layers.Lambda(lambda pair: pair[0] + keras.ops.stop_gradient(pair[1]))([score, branch])


def reused(x):
    same = conv("same", 3)
    return apply(x, same, layers.MaxPooling2D(name="pool"), same, *head())


def squeeze_and_excite(x):
    x = conv("stem")(x)
    weight = apply(x, layers.GlobalAveragePooling2D(keepdims=True), layers.Conv2D(4, 1, activation="sigmoid"))
    return apply(layers.Multiply(name="weighted")([x, weight]), *head())


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


def flat():
    return [layers.Flatten(), layers.Dense(3)]


def keeps_a_place():
    pool = layers.GlobalAveragePooling2D(keepdims=True)
    return sequential(conv("a"), pool, layers.Conv2D(3, 1), layers.Flatten())


def nested():
    return sequential(Sequential([conv("a"), Sequential([conv("b", 2)])], name="outer"), *head())


def functional_in_sequential():
    deep = functional(conv("deep", strides=2))
    return sequential(deep, layers.ReLU(name="after"), *head())


def rescaled(*parts):
    return sequential(layers.Rescaling(2.0, -1.0, name="rescale"), *parts)


def made_a_grid():
    return sequential(layers.Flatten(), layers.Reshape((12, 64, 1), name="grid"), *flat())


def with_dropout():
    return sequential(conv("a"), layers.ReLU(), layers.Dropout(0.5, name="drop"), *head())


SHAPES = {
    "convolution, GAP": (lambda: sequential(conv("a"), conv("b", 5, strides=2), *head()), "b", (8, 8, 5)),
    "pooling": (lambda: sequential(conv("a"), layers.MaxPooling2D(name="pool"), *flat()), "pool", (8, 8, 4)),
    "activation and dropout after the convolution": (with_dropout, "drop", (16, 16, 4)),
    "GAP that keeps a 1×1 grid": (keeps_a_place, "a", (16, 16, 4)),
    "not built": (lambda: Sequential([conv("a"), conv("b", strides=4), *head()]), "b", (4, 4, 4)),
    "nested": (nested, "outer", (16, 16, 2)),
    "Functional in Sequential": (functional_in_sequential, "after", (8, 8, 4)),
    "residual": (lambda: functional(residual), "after", (8, 8, 4)),
    "an auxiliary branch called last": (lambda: functional(auxiliary_branch), "trunk", (8, 8, 4)),
    "a layer called twice": (lambda: functional(reused), "same", (8, 8, 3)),
    "squeeze and excite": (lambda: functional(squeeze_and_excite), "weighted", (16, 16, 4)),
    "layers not called or without use": (Skips, "used", (16, 16, 4)),
    "rescaling first": (lambda: rescaled(conv("a"), *head()), "a", (16, 16, 4)),
    "rescaling first, then dense": (lambda: rescaled(*flat()), "rescale", (16, 16, 3)),
    "reshaped into a grid": (made_a_grid, "grid", (12, 64, 1)),
}
