"""Keras's answers to the three questions, each compiled once for an image shape."""

import math
import warnings
from contextlib import contextmanager
from functools import partial, wraps

import keras
import numpy as np
import tensorflow as tf

from xaiteach.classifier.base import Classifier
from xaiteach.classifier.layers import LayerCall, need_gradient, number_turns, warn_without_relu
from xaiteach.classifier.outputs import need_one


def compiled(question):
    """A question in tensors as one in arrays, its graph made at the first call for each shape.

    Called eagerly, a model takes four times as long; traced at each call, longer than any method.
    """

    @wraps(question)
    def ask(self, *arrays, **options):
        shapes = [array.shape[1:] for array in arrays]
        key = (question.__name__, *options.values(), *shapes)
        if key not in self._graphs:
            function = tf.function(partial(question, self, **options), autograph=False)
            self._graphs[key] = function.get_concrete_function(*map(_spec, arrays))
        tensors = [tf.constant(array, tf.float32) for array in arrays]
        return tf.nest.map_structure(_numpy, self._graphs[key](*tensors))

    return ask


class KerasClassifier(Classifier):
    """A Keras 3 model on TensorFlow, (N, H, W, C) → (N, K). A final softmax or sigmoid is looked through."""

    def __init__(self, model, **options):
        backend = keras.backend.backend()
        if backend != "tensorflow":
            raise TypeError(f"Keras runs on {backend} here; set KERAS_BACKEND=tensorflow first.")
        self._model_shape = _model_shape(model)
        if len(self._model_shape) > 1:  # a row of values tells no sides
            options["input_shape"] = options.get("input_shape") or (*self._model_shape, 1)[:3]
        super().__init__(model, **options)
        self._graphs = {}
        if self.value_range == (0, 1) and options.get("preprocess") is None:
            _warn_of_rescaling(model)

    @compiled
    def _forward(self, images):
        return self._call(images)

    @compiled
    def _gradient(self, images, weights):
        return _backward(self._score_tensor(images), images, weights)

    @compiled
    def _guided_gradient(self, images, weights):
        graph = tf.compat.v1.get_default_graph()
        with graph.gradient_override_map({"Relu": "GuidedRelu"}):
            scores = self._score_tensor(images)
        warn_without_relu(any(op.type == "Relu" for op in graph.get_operations()))
        return _backward(scores, images, weights)

    @compiled
    def _activations(self, images, call):
        with recording(self.model, call.layer) as outputs:
            self._call(images)
        return outputs[call.turn][1]

    @compiled
    def _activations_and_gradient(self, images, weights, call):
        with recording(self.model, call.layer) as outputs:
            scores = self._score_tensor(images)
        maps = outputs[call.turn][1]
        return maps, _backward(scores, maps, weights)

    @compiled
    def _gradient_inside(self, images, maps, weights, call):
        with recording(self.model, call.layer, call.turn, maps):
            scores = self._score_tensor(images)
        return _backward(scores, maps, weights)

    @compiled
    def _scores_inside(self, images, maps, call):
        with recording(self.model, call.layer, call.turn, maps):
            return self._score_tensor(images)

    @staticmethod
    def weights_of(layer):
        """The parameters of a layer itself, without those of layers inside it, as arrays."""
        return [variable.numpy() for variable in layer._trainable_variables]

    @staticmethod
    def set_weights_of(layer, arrays):
        for variable, array in zip(layer._trainable_variables, arrays, strict=True):
            variable.assign(array)

    def _score_model(self, shape):
        inputs = keras.Input(shape)
        scores = tf.function(self._score_tensor, autograph=False)
        return keras.Model([inputs], keras.layers.Lambda(scores, (self.n_classes,))(inputs))

    def _as_inputs(self, images):
        return images

    def _list_layers(self, example):
        outputs, gradients = [], []

        def trace(images):
            with recording(self.model) as recorded:
                scores = self._score_tensor(images)
            outputs.extend(recorded)
            gradients.extend(tf.gradients(scores, [tensor for _, tensor in recorded]))

        tf.function(trace, autograph=False).get_concrete_function(_spec(example))
        calls = []
        for (layer, tensor), gradient in zip(outputs, gradients, strict=True):
            calls.append(LayerCall(layer.name, layer, tuple(tensor.shape[1:]), gradient is not None))
        return number_turns(calls)

    def _call(self, images):
        """The model's outputs, and what went into its final softmax or sigmoid (None where it has none)."""
        inputs = self._reshape(self._preprocess(images))
        with inlined():
            outputs = self.model(inputs, training=False)
        need_one(outputs, tf.is_tensor)
        ends = (outputs, None) if self._outputs == "scores" else look_through(outputs)
        return [None if end is None else tf.cast(end, tf.float32) for end in ends]

    def _reshape(self, inputs):
        """To rows of values or to (H, W), where the model wants images like this."""
        if len(self._model_shape) == 1:
            return tf.reshape(inputs, (-1, math.prod(inputs.shape[1:])))
        return inputs[..., 0] if len(self._model_shape) == 2 else inputs


@contextmanager
def inlined():
    """Functions that the model's author compiled are traced in place, so that one can look into them."""
    before = tf.config.functions_run_eagerly()
    tf.config.run_functions_eagerly(True)
    try:
        yield
    finally:
        tf.config.run_functions_eagerly(before)


def look_through(outputs):
    """Probabilities, and what went into the softmax or sigmoid that made them; else `outputs` and None."""
    end = outputs
    while end.op.type in ("Identity", "Cast"):
        end = end.op.inputs[0]
    if end.op.type not in ("Softmax", "LogSoftmax", "Sigmoid"):
        return outputs, None
    probabilities = tf.exp(outputs) if end.op.type == "LogSoftmax" else outputs
    return probabilities, end.op.inputs[0]


@contextmanager
def recording(model, only=None, turn=None, maps=None):
    """Pairs (layer, output) of `only` that layer, or of all but the model itself, in the order of calls.

    With `turn`, the model goes on with `maps` in place of the output of that call.
    """
    outputs = []
    original = keras.layers.Layer.__call__
    graph = tf.compat.v1.get_default_graph()

    def call(layer, *args, **kwargs):
        result = original(layer, *args, **kwargs)
        if layer is model or only not in (None, layer):
            return result
        # What belongs to a loop inside the graph can't be followed from here.
        if getattr(result, "graph", None) is not graph:
            return result
        outputs.append((layer, result))
        return tf.cast(maps, result.dtype) if len(outputs) - 1 == turn else result

    keras.layers.Layer.__call__ = call
    try:
        yield outputs
    finally:
        keras.layers.Layer.__call__ = original


@tf.RegisterGradient("GuidedRelu")
def _guided_relu(relu, gradient):
    return tf.where(relu.outputs[0] > 0, tf.nn.relu(gradient), 0)


def _backward(scores, tensor, weights):
    """The gradient of Σₖ weight · score to `tensor`, one for each target."""
    rows = tf.unstack(weights, axis=1)
    gradients = [tf.gradients(scores, tensor, grad_ys=row)[0] for row in rows]
    need_gradient(gradients[0] is not None)
    return tf.stack(gradients, axis=1)


def _spec(array):
    return tf.TensorSpec((None, *array.shape[1:]), tf.float32)


def _numpy(tensor):
    return None if tensor is None else np.asarray(tensor, np.float32)


def _model_shape(model):
    """(H, W, C), (H, W) or (values,) that the model wants; () where it is not built yet."""
    shape = getattr(model, "input_shape", ())
    if not isinstance(shape, tuple) or not all(isinstance(side, int | None) for side in shape):
        raise TypeError(f"Several inputs {shape}; wrap a function that fills in all but the image.")
    return shape[1:]


def _warn_of_rescaling(model):
    """A model that divides by 255 itself takes a picture in [0, 1] for a black one."""
    for layer in getattr(model, "layers", ()):
        if isinstance(layer, keras.layers.Rescaling) and np.max(np.abs(layer.scale)) < 0.02:
            warnings.warn(
                f"This model divides by 255 itself (layer {layer.name!r}), so it wants values up to 255: "
                "wrap(model, preprocess=lambda x: 255 * x).",
                stacklevel=4,
            )
        _warn_of_rescaling(layer)
