"""Keras's answers to the three questions, each compiled once for an image shape."""

import math
from contextlib import contextmanager
from functools import partial, wraps
from inspect import signature
from types import FunctionType
from unittest.mock import patch

import keras
import numpy as np
import tensorflow as tf

from xaiteach.classifier.base import Classifier, need_gradient, warn_without_relu
from xaiteach.classifier.outputs import need_one
from xaiteach.layers.calls import LayerCall
from xaiteach.layers.keras import attention_scopes, narrow_steps, recording, stopping_at_kernel

CONVOLUTION = keras.layers.Conv2D.__base__
MOVES = ("Identity", "Cast", "Reshape", "Squeeze", "ExpandDims", "ConcatV2")


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
        self._model_shape = () if options.get("inputs") else _model_shape(model)
        if len(self._model_shape) > 1:  # a row of values tells no sides
            options["input_shape"] = options.get("input_shape") or (*self._model_shape, 1)[:3]
        super().__init__(model, **options)

    often_up_to_255 = True
    options = (bool, str, int, float, FunctionType)  # which a compiled graph holds, as a slope

    @compiled
    def _forward(self, images):
        return self._call(images)

    @compiled
    def _gradient(self, images, weights):
        return _backward(self._score_tensor(images), images, weights)

    @compiled
    def _guided_gradient(self, images, weights):
        graph = tf.compat.v1.get_default_graph()
        with graph.gradient_override_map({"Relu": "GuidedRelu", "Relu6": "GuidedRelu6"}):
            scores = self._score_tensor(images)
        warn_without_relu(any(op.type in ("Relu", "Relu6") for op in graph.get_operations()))
        return _backward(scores, images, weights)

    @compiled
    def _layer_output(self, images, call):
        with recording(self.model, call) as outputs:
            self._call(images)
        return outputs[call.turn][1]

    @compiled
    def _layer_output_and_gradient(self, images, weights, call):
        with recording(self.model, call) as outputs:
            scores = self._score_tensor(images)
        output = outputs[call.turn][1]
        return output, _backward(scores, output, weights)

    @compiled
    def _gradient_inside(self, images, outputs, weights, call):
        with recording(self.model, call, outputs):
            scores = self._score_tensor(images)
        return _backward(scores, outputs, weights)

    @compiled
    def _scores_inside(self, images, outputs, call):
        with recording(self.model, call, outputs):
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

    def _first_input(self, images):
        with inlined(), stopping_at_kernel():
            self._ask(self._inputs(self._reshape(tf.constant(images))))

    def parts(self):
        """Each layer and its name, in the order of the model."""
        return [(layer.name, layer) for layer in getattr(self.model, "_flatten_layers", list)()]

    def _parts(self):
        parts = [layer for _, layer in self.parts() if layer is not self.model]
        return (
            parts,
            self._options((self.model, *parts)),
            [tuple(weight.shape) for weight in self.model.weights],
        )

    def _list_layers(self, pictures):
        found = []

        def trace(images):
            with recording(self.model) as recorded:
                scores = self._score_tensor(images)
            weights = np.random.default_rng(0).normal(size=(scores.shape[1], 1))
            outputs = [output for _, output, _ in recorded]
            gradients = tf.gradients(scores @ tf.constant(weights, tf.float32), outputs)
            scopes, narrow = attention_scopes(recorded), narrow_steps(scores, images)
            for layer, output, scope in recorded:
                is_inside, is_narrow = f"{scope}/".startswith(scopes), output.op in narrow
                found.append(LayerCall(layer.name, layer, inside=is_inside, is_bottleneck=is_narrow))
            return [tuple(map(_floats, pair)) for pair in zip(outputs, gradients, strict=True)]

        if not self._takes_one:
            pictures = tf.constant(pictures)
            arrays = tf.function(trace, autograph=False).get_concrete_function(_spec(pictures))(pictures)
            for call, pair in zip(found, arrays, strict=True):
                yield call, *map(_numpy, pair)

    def _call(self, images):
        """The model's outputs, and what went into its final softmax or sigmoid (None where it has none)."""
        inputs = self._inputs(self._reshape(self._preprocess(images)))
        with inlined():
            outputs = self._take(self._ask(inputs))
        need_one(outputs, tf.is_tensor, lambda tensor: tensor.dtype.is_floating)
        ends = look_through(outputs) if self._looks_through else (outputs, None)
        return [None if end is None else tf.cast(end, tf.float32) for end in ends]

    def _ask(self, inputs):
        """What the model gives to its inputs, or to arguments where `call` of one's own model has several."""
        arguments = signature(self.model.call).parameters.keys() - {"training", "mask"}
        if isinstance(inputs, dict) and inputs.keys() <= arguments:
            return self.model(**inputs, training=False)
        if isinstance(inputs, tuple) and 1 < len(inputs) <= len(arguments):
            return self.model(*inputs, training=False)
        return self.model(inputs, training=False)

    def _preprocessed(self, images):
        return np.asarray(self._preprocess(tf.constant(images)))

    def _reshape(self, inputs):
        """To rows of values or to (H, W), where the model wants images like this."""
        if len(self._model_shape) == 1:
            return tf.reshape(inputs, (-1, math.prod(inputs.shape[1:])))
        return inputs[..., 0] if len(self._model_shape) == 2 else inputs


@contextmanager
def inlined():
    """Functions that the model's author compiled are traced in place, so that one can look into them.

    Keras's own of a convolution in groups stays compiled: as it is, TensorFlow can't do it on a CPU.
    """
    before, convolve = tf.config.functions_run_eagerly(), CONVOLUTION.convolution_op

    def convolution_op(layer, *args):
        tf.config.run_functions_eagerly(layer.groups == 1)
        try:
            return convolve(layer, *args)
        finally:
            tf.config.run_functions_eagerly(True)

    tf.config.run_functions_eagerly(True)
    try:
        with patch.object(CONVOLUTION, "convolution_op", convolution_op):
            yield
    finally:
        tf.config.run_functions_eagerly(before)


def look_through(outputs):
    """Probabilities, and what went into the softmax or sigmoid that made them; else `outputs` and None."""
    scores, is_log = _before_squash(outputs)
    return tf.exp(outputs) if is_log else outputs, scores


def _before_squash(tensor):
    """The scores in the form of a tensor of probabilities, or None; and whether it holds their logarithms."""
    op = tensor.op
    if op.type in ("Softmax", "LogSoftmax", "Sigmoid"):
        return op.inputs[0], op.type == "LogSoftmax"
    if op.type not in MOVES:
        return None, False
    parts = list(op.inputs)[:-1] if op.type == "ConcatV2" else [op.inputs[0]]
    found = [_before_squash(part) for part in parts]
    if any(scores is None for scores, _ in found) or len({is_log for _, is_log in found}) > 1:
        return None, False
    scores, is_log = found[0]
    if op.type == "ConcatV2":
        return tf.concat([scores for scores, _ in found], op.inputs[-1]), is_log
    return tf.cast(tf.reshape(scores, tf.shape(tensor)), tensor.dtype), is_log


@tf.RegisterGradient("GuidedRelu")
def _guided_relu(relu, gradient):
    return tf.where(relu.outputs[0] > 0, tf.nn.relu(gradient), 0)


@tf.RegisterGradient("GuidedRelu6")
def _guided_relu_6(relu, gradient):
    return tf.where(relu.outputs[0] < 6, _guided_relu(relu, gradient), 0)


def _backward(scores, tensor, weights):
    """The gradient of Σₖ weight · score to `tensor`, one for each target."""
    rows = tf.unstack(weights, axis=1)
    gradients = [tf.gradients(scores, tensor, grad_ys=row)[0] for row in rows]
    need_gradient(gradients[0] is not None)
    return tf.stack(gradients, axis=1)


def _spec(array):
    return tf.TensorSpec((None, *array.shape[1:]), tf.float32)


def _floats(tensor):
    """A tensor of numbers for each picture; None for none."""
    if tensor is None or not tensor.dtype.is_floating or not tensor.shape.rank:
        return None
    return tf.convert_to_tensor(tf.cast(tensor, tf.float32))


def _numpy(tensor):
    return None if tensor is None else np.asarray(tensor, np.float32)


def _model_shape(model):
    """(H, W, C), (H, W) or (values,) that the model wants; () where it is not built yet."""
    shape = getattr(model, "input_shape", ())
    if not isinstance(shape, tuple) or not all(isinstance(side, int | None) for side in shape):
        more = "say what it is called with, wrap(model, inputs=lambda images: [images, other])"
        raise TypeError(f"The model takes several inputs {shape}; {more}.")
    if len(shape) > 4:
        more = "make that of one, wrap(model, inputs=lambda images: tf.stack([images] * 8, axis=1))"
        raise TypeError(f"The model wants {shape[1:]} where an image is (H, W, C); {more}.")
    return shape[1:]
