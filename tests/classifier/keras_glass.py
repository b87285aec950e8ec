"""Keras models one can see through (`glass`), of every build, and with every head."""

import keras
import tensorflow as tf
from glass import BIASES, WEIGHTS, H, K, W
from keras import Input, Sequential, layers


def see(**options):
    """The parts: a convolution and a ReLU that change nothing, and the linear layer, with options."""
    fixed = {"kernel_initializer": lambda *_, **__: WEIGHTS, "bias_initializer": lambda *_, **__: BIASES}
    linear = layers.Dense(K, **fixed, **options)
    return [layers.Conv2D(1, 1, kernel_initializer="ones"), layers.ReLU(), layers.Flatten(), linear]


def sequential(*end, first=(), **options):
    return Sequential([*(first or [Input((H, W, 1))]), *see(**options), *end])


def in_lists():
    inputs = Input((H, W, 1))
    outputs = inputs
    for layer in see():
        outputs = layer(outputs)
    return keras.Model([inputs], [outputs])


def nested():
    inputs = Input((H, W, 1))
    conv, relu, flatten, linear = see()
    grid = Sequential([conv, relu], name="grid")
    middle = keras.Model(inputs, flatten(grid(inputs)), name="middle")
    return Sequential([Input((H, W, 1)), middle, linear])


class InList(keras.Model):
    def __init__(self):
        super().__init__()
        self.parts = see()

    def call(self, x):
        for part in self.parts:
            x = part(x)
        return x


class WithTraining(InList):
    def __init__(self):
        super().__init__()
        self.dropout = layers.Dropout(0.5)

    def call(self, x, training=None):
        return super().call(self.dropout(x, training=training))


class WithOps(InList):
    def call(self, x):
        conv, _, _, dense = self.parts
        return keras.ops.softmax(dense(tf.reshape(tf.nn.relu(conv(x)), (-1, H * W))))


class InLoop(InList):
    def call(self, x):
        conv, relu, flatten, dense = self.parts
        return dense(flatten(tf.map_fn(relu, conv(x))))


class Compiled(InList):
    @tf.function
    def call(self, x):
        return tf.nn.softmax(super().call(x))


def noisy():
    """Layers that make noise while training and nothing else."""
    conv, *rest = see()
    quiet = layers.GaussianNoise(1.0), layers.Dropout(0.5), layers.SpatialDropout2D(0.5)
    return Sequential([Input((H, W, 1)), *quiet, conv, layers.BatchNormalization(epsilon=0), *rest])


BUILDS = {
    "Sequential, not built": lambda: Sequential(see()),
    "Sequential, input_shape=": lambda: Sequential([layers.ReLU(input_shape=(H, W, 1)), *see()]),
    "Sequential, any size": lambda: sequential(first=(Input((None, None, 1)), layers.Resizing(H, W))),
    "batches of one only": lambda: sequential(first=(Input(batch_shape=(1, H, W, 1)),)),
    "Functional, its input and output in lists": in_lists,
    "Sequential in Functional in Sequential": nested,
    "subclassed, layers in a list": InList,
    "subclassed, training argument": WithTraining,
    "subclassed, functional ops": WithOps,
    "subclassed, compiled by tf.function": Compiled,
    "dropout, noise and batch normalisation": noisy,
    "images (H, W)": lambda: sequential(first=(Input((H, W)), layers.Reshape((H, W, 1)))),
    "flat images": lambda: sequential(first=(Input((H * W,)), layers.Reshape((H, W, 1)))),
}


def cast_twice(x):
    return tf.cast(tf.cast(x, "float64"), "float32")


HEADS = {
    "no head": ("scores", sequential),
    "Softmax layer": ("softmax", lambda: sequential(layers.Softmax())),
    "softmax then dropout": ("softmax", lambda: sequential(layers.Softmax(), layers.Dropout(0.5))),
    "softmax in float32": ("softmax", lambda: sequential(layers.Activation("softmax", dtype="float32"))),
    "softmax, then two casts": ("softmax", lambda: sequential(layers.Softmax(), layers.Lambda(cast_twice))),
    "sigmoid": ("sigmoid", lambda: sequential(layers.Activation("sigmoid"))),
    "a nested model": ("softmax", lambda: sequential(Sequential([layers.Softmax()]))),
    "Dense, softmax": ("softmax", lambda: sequential(activation="softmax")),
    "Dense, sigmoid": ("sigmoid", lambda: sequential(activation="sigmoid")),
    "Dense, log softmax": ("log_softmax", lambda: sequential(activation="log_softmax")),
}
