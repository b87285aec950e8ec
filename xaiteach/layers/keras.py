"""Ways to watch the layers of a Keras model at work, in a TensorFlow graph."""

from contextlib import contextmanager
from unittest.mock import patch

import keras
import numpy as np
import tensorflow as tf

from xaiteach.layers.calls import bottlenecks
from xaiteach.layers.frame import FirstInput

TABLES = (keras.layers.Softmax, keras.layers.Activation)


@contextmanager
def recording(model, only=None, replaced_by=None):
    """All layers but the model, or that of the call `only`, in order: layer, output, scope of its caller.

    Steps between layers, such as the sum in x + y, count as layers. The model goes on with the tensor
    `replaced_by` in place of the output of that call.
    """
    outputs = []
    graph = tf.compat.v1.get_default_graph()

    def leave(layer, result):
        if layer is model or (only is not None and layer is not only.layer):
            return result
        # What belongs to a loop inside the graph can't be followed from here.
        if getattr(result, "graph", None) is not graph:
            return result
        outputs.append((layer, result, graph.get_name_scope()))
        if replaced_by is None or len(outputs) - 1 != only.turn:
            return result
        return tf.cast(replaced_by, result.dtype)

    with calls_watched(leave=leave):
        yield outputs


@contextmanager
def stopping_at_kernel():
    """Models stop at the first layer with a kernel or a matrix, by a `FirstInput` with what it gets."""

    def enter(layer, inputs):
        has_kernel = any(len(variable.shape) > 1 for variable in layer._trainable_variables)
        is_inmost = len(layer._flatten_layers()) == 1
        # Not while a layer is built, from tensors without numbers.
        if tf.executing_eagerly() and has_kernel and is_inmost and inputs and tf.is_tensor(inputs[0]):
            first = np.asarray(inputs[0], float)
            if not (first.ndim and len(first) > 1 and (first == first[:1]).all()):
                raise FirstInput(first)

    with calls_watched(enter=enter):
        yield


@contextmanager
def calls_watched(enter=lambda layer, inputs: None, leave=lambda layer, result: result):
    """Before each call of a layer `enter`; after it, or a step between, `leave` gives what to go on with."""
    call_layer, call_step = keras.layers.Layer.__call__, keras.Operation.__call__

    def call(layer, *args, **kwargs):
        enter(layer, args)
        return leave(layer, call_layer(layer, *args, **kwargs))

    def step(operation, *args, **kwargs):
        result = call_step(operation, *args, **kwargs)
        return result if isinstance(operation, keras.layers.Layer) else leave(operation, result)

    with (
        patch.object(keras.layers.Layer, "__call__", call),
        patch.object(keras.Operation, "__call__", step),
    ):
        yield


def attention_scopes(recorded):
    """How the scopes in layers begin that weigh places against each other, by a softmax over a table."""
    graph = tf.compat.v1.get_default_graph()
    callers = {output.op: scope for layer, output, scope in recorded if isinstance(layer, TABLES)}
    tables = [op for op in graph.get_operations() if op.type == "Softmax" and op.inputs[0].shape.rank > 2]
    return tuple(f"{callers.get(op, op.name.rpartition('/')[0])}/" for op in tables)


def narrow_steps(scores, images):
    """The steps of the graph through which all that the scores get from the images comes."""
    return bottlenecks(scores.op, images.op, _sources)


def _sources(op):
    """The steps that one is computed from, but for the sizes of their outputs."""
    return [] if op.type.startswith("Shape") else [tensor.op for tensor in op.inputs]
