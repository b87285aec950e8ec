"""Keras models one can see through (`glass`), of every build, and with every head."""

import keras
import tensorflow as tf
from glass import BIASES, WEIGHTS, H, K, W
from keras import Input, Sequential, layers


def see():
    """The parts: a convolution and a ReLU that change nothing, and the linear layer."""
    return [layers.Conv2D(1, 1, kernel_initializer="ones"), layers.ReLU(), layers.Flatten(), dense()]


def dense(**options):
    fixed = {"kernel_initializer": lambda *_, **__: WEIGHTS, "bias_initializer": lambda *_, **__: BIASES}
    return layers.Dense(K, **fixed, **options)


def sequential(*end, first=()):
    return Sequential([*(first or [Input((H, W, 1))]), *see(), *end])


def functional(single=lambda x: x):
    inputs = Input((H, W, 1))
    outputs = inputs
    for layer in see():
        outputs = layer(outputs)
    return keras.Model(single(inputs), single(outputs))


def nested():
    inputs = Input((H, W, 1))
    grid = Sequential(see()[:2], name="grid")
    middle = keras.Model(inputs, layers.Flatten()(grid(inputs)), name="middle")
    return Sequential([Input((H, W, 1)), middle, dense()])


class InList(keras.Model):
    def __init__(self):
        super().__init__()
        self.parts = see()

    def call(self, x):
        for part in self.parts:
            x = part(x)
        return x


class InDict(keras.Model):
    def __init__(self):
        super().__init__()
        self.parts = dict(zip(["conv", "relu", "flatten", "dense"], see(), strict=True))
        self.dropout = layers.Dropout(0.5)

    def call(self, x, training=None):
        x = self.dropout(self.parts["conv"](x), training=training)
        return self.parts["dense"](self.parts["flatten"](self.parts["relu"](x)))


class WithOps(InList):
    def call(self, x):
        conv, _, _, dense = self.parts
        return keras.ops.softmax(dense(tf.reshape(tf.nn.relu(conv(x)), (-1, H * W))))


class Compiled(InList):
    @tf.function
    def call(self, x):
        return tf.nn.softmax(super().call(x))


def quiet():
    """Layers that make noise while training and nothing else."""
    return [layers.GaussianNoise(1.0), layers.Dropout(0.5), layers.SpatialDropout2D(0.5)]


def noisy():
    conv, *rest = see()
    normalise = layers.BatchNormalization(epsilon=0)
    return Sequential([Input((H, W, 1)), *quiet(), conv, normalise, *quiet(), *rest])


def used():
    """Built by a first call, and compiled and trained a little, its weights put back."""
    model = Sequential(see())
    model.compile("sgd", "mse")
    weights = sequential().get_weights()
    model.fit(tf.zeros((2, H, W, 1)), tf.zeros((2, K)), verbose=0)
    model.set_weights(weights)
    return model


BUILDS = {
    "Sequential": sequential,
    "Sequential, not built": lambda: Sequential(see()),
    "Sequential, input_shape=": lambda: Sequential([layers.ReLU(input_shape=(H, W, 1)), *see()]),
    "Sequential, any size": lambda: sequential(first=(Input((None, None, 1)), layers.Resizing(H, W))),
    "batches of one only": lambda: sequential(first=(Input(batch_shape=(1, H, W, 1)),)),
    "Functional": functional,
    "Functional, its input and output in lists": lambda: functional(lambda x: [x]),
    "Sequential in Functional in Sequential": nested,
    "subclassed, layers in a list": InList,
    "subclassed, layers in a dict, training argument": InDict,
    "subclassed, functional ops": WithOps,
    "subclassed, compiled by tf.function": Compiled,
    "dropout, noise and batch normalisation": noisy,
    "trained": used,
    "images (H, W)": lambda: sequential(first=(Input((H, W)), layers.Reshape((H, W, 1)))),
    "flat images": lambda: sequential(first=(Input((H * W,)), layers.Reshape((H, W, 1)))),
    "frozen": lambda: setattr(model := sequential(), "trainable", False) or model,
}


def cast_twice(x):
    return tf.cast(tf.cast(x, "float64"), "float32")


HEADS = {
    "no head": ("scores", lambda: []),
    "Softmax layer": ("softmax", lambda: [layers.Softmax()]),
    "Activation": ("softmax", lambda: [layers.Activation("softmax")]),
    "softmax then dropout": ("softmax", lambda: [layers.Activation("softmax"), layers.Dropout(0.5)]),
    "softmax in float32": ("softmax", lambda: [layers.Activation("softmax", dtype="float32")]),
    "softmax, then two casts": ("softmax", lambda: [layers.Softmax(), layers.Lambda(cast_twice)]),
    "sigmoid": ("sigmoid", lambda: [layers.Activation("sigmoid")]),
    "log softmax": ("log_softmax", lambda: [layers.Activation("log_softmax")]),
    "a nested model": ("softmax", lambda: [Sequential([layers.Softmax()])]),
}


def with_activation(name):
    conv, relu, flatten, _ = see()
    return Sequential([Input((H, W, 1)), conv, relu, flatten, dense(activation=name)])
