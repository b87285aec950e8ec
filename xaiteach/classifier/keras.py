"""Keras's answers to the three questions, each compiled once for an image shape."""

from contextlib import contextmanager
from functools import partial
from typing import Any, NamedTuple

import keras
import tensorflow as tf

from xaiteach.classifier.base import Classifier
from xaiteach.classifier.layers import LayerCall, need_gradient, number_turns


class KerasClassifier(Classifier):
    """A Keras 3 model on TensorFlow, from (N, H, W, C) to (N, K). A final softmax or sigmoid is looked through."""

    def __init__(self, model, **options):
        if keras.backend.backend() != "tensorflow":
            raise TypeError(f"Keras runs on {keras.backend.backend()} here; set KERAS_BACKEND=tensorflow first.")
        self._model_shape = _model_shape(model)
        options["input_shape"] = options.get("input_shape") or _image_shape(self._model_shape)
        super().__init__(model, **options)
        self._compiled = {}

    def _forward(self, part):
        outputs = self._run("forward", part)
        return [None if output is None else output.numpy() for output in outputs]

    def _gradient(self, part, weights):
        return self._run("gradient", part, weights).numpy()

    def _activations(self, part, call):
        return self._run("activations", part, call=call).numpy()

    def _activations_and_gradient(self, part, weights, call):
        maps, gradient = self._run("activations_and_gradient", part, weights, call=call)
        return maps.numpy(), gradient.numpy()

    def _list_layers(self, example):
        found = []

        def trace(images):
            with recording(self.model) as outputs:
                scores = self._explained(*self._call(images))
            found.extend(zip(outputs, tf.gradients(scores, [output.tensor for output in outputs]), strict=True))

        tf.function(trace).get_concrete_function(_spec(example))
        return number_turns(
            LayerCall(output.layer.name, output.layer, tuple(output.tensor.shape[1:]), gradient is not None)
            for output, gradient in found
        )

    def _run(self, question, *arrays, call=None):
        """Ask the compiled graph of one question; it is made at the first call for each shape."""
        key = question, call, *(array.shape[1:] for array in arrays)
        if key not in self._compiled:
            graph = getattr(self, f"_{question}_graph")
            asked = graph if call is None else partial(graph, call=call)
            self._compiled[key] = tf.function(asked).get_concrete_function(*map(_spec, arrays))
        return self._compiled[key](*(tf.constant(array, tf.float32) for array in arrays))

    def _forward_graph(self, images):
        return self._call(images)

    def _gradient_graph(self, images, weights):
        return _backward(self._explained(*self._call(images)), images, weights)

    def _activations_graph(self, images, call):
        with recording(self.model, call.layer) as outputs:
            self._call(images)
        return outputs[call.turn].tensor

    def _activations_and_gradient_graph(self, images, weights, call):
        with recording(self.model, call.layer) as outputs:
            scores = self._explained(*self._call(images))
        maps = outputs[call.turn].tensor
        return maps, _backward(scores, maps, weights)

    def _call(self, images):
        """The model's outputs, and what went into its final softmax or sigmoid (None where it has none)."""
        inputs = self._preprocess(images)
        if self._model_shape is not None and len(self._model_shape) != 3:
            inputs = tf.reshape(inputs, (-1, *self._model_shape))
        return look_through(self.model(inputs, training=False))


def look_through(outputs):
    """`outputs` and what went into the softmax or sigmoid that made them, read from the graph being traced."""
    end = outputs
    while end.op.type in ("Identity", "Cast"):
        end = end.op.inputs[0]
    if end.op.type == "LogSoftmax":
        return end.op.inputs[0], None
    return outputs, (end.op.inputs[0] if end.op.type in ("Softmax", "Sigmoid") else None)


class Output(NamedTuple):
    layer: Any
    tensor: tf.Tensor


@contextmanager
def recording(model, only=None):
    """The outputs of `only` that layer, or of all but the model itself, in the order of their calls."""
    outputs, original = [], keras.layers.Layer.__call__

    def call(layer, *args, **kwargs):
        result = original(layer, *args, **kwargs)
        if layer is not model and only in (None, layer) and tf.is_tensor(result):
            outputs.append(Output(layer, result))
        return result

    keras.layers.Layer.__call__ = call
    try:
        yield outputs
    finally:
        keras.layers.Layer.__call__ = original


def _backward(scores, tensor, weights):
    """The gradient of Σₖ weight · score with respect to `tensor`, one for each target."""
    gradients = [tf.gradients(scores, tensor, grad_ys=row)[0] for row in tf.unstack(weights, axis=1)]
    need_gradient(gradients[0] is not None)
    return tf.stack(gradients, axis=1)


def _spec(array):
    return tf.TensorSpec((None, *array.shape[1:]), tf.float32)


def _model_shape(model):
    """(H, W, C), (H, W) or (values,) that the model wants, or None where it is not built yet."""
    shape = getattr(model, "input_shape", None)
    if shape is None:
        return None
    if not isinstance(shape, tuple) or (shape and not isinstance(shape[0], (int, type(None)))):
        raise TypeError(f"This model has several inputs {shape}; wrap a function that fills in all but the image.")
    return shape[1:]


def _image_shape(shape):
    if shape is None or len(shape) not in (2, 3):
        return None
    return shape if len(shape) == 3 else (*shape, 1)
