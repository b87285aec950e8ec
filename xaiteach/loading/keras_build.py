"""From the plan of a Keras model and its weights to the model. Nothing is made larger than the weights say."""

import math
from inspect import signature

import keras
import numpy as np

from xaiteach.files.errors import short
from xaiteach.loading.keras_plan import JOINING, MODELS, WEIGHTS

MOST_VALUES = 2**26
USUAL_SIDE = 256  # where a side of an image may be of any length


def build_keras(plan, weights):
    """A Keras 3 model from its plan.

    Args:
        plan: what `keras_plan.read_plan` gives.
        weights: from the names of each layer to its arrays by slot, see `keras_plan.WEIGHTS`.

    Raises:
        ValueError: in words, where plan and weights don't fit, or a layer gives more than `MOST_VALUES` an image.
    """
    try:
        sized = _sized(plan)
        model = _make(sized, weights)
        _check_sizes(model)
        return model if sized == plan else _make(plan, weights)
    except Exception as error:
        raise ValueError(short(error, 200)) from None


def _make(part, weights):
    if part.kind == "Sequential":
        return _chain(part, weights)
    return _graph(part, weights) if part.kind == "Functional" else _layer(part, weights.get(part.names, {}))


def _layer(part, arrays):
    kind = getattr(keras.layers, part.kind)
    known = signature(kind).parameters
    options = {
        key: value
        for key, value in part.options.items()
        if key in known or not _is_idle(part.kind, key, value)
    }
    stored = {f"{slot}_initializer": _stored(part, slot, arrays) for slot in WEIGHTS.get(part.kind, ())}
    return kind(**options, **stored, name=_name(part))


def _is_idle(kind, key, value):
    """Whether an option that this version of Keras does not know is switched off, or of a layer for training only."""
    return value is None or value is False or (key == "groups" and value == 1) or kind.startswith("Random")


def _name(part):
    return part.names[-1].replace("/", "_") if part.names else None


def _stored(part, slot, arrays):
    """An initializer that gives the stored array, and nothing of another shape."""

    def initial(shape, dtype=None):
        array = arrays.get(slot)
        if array is None:
            raise ValueError(f"it holds no {slot} for the layer {_name(part)!r}")
        if array.shape != tuple(shape):
            raise ValueError(
                f"the {slot} of the layer {_name(part)!r} is {array.shape}, and should be {tuple(shape)}"
            )
        if not np.isfinite(array).all():
            raise ValueError(f"the {slot} of the layer {_name(part)!r} has NaN or infinite values")
        return array

    return initial


def _chain(part, weights):
    """A Sequential."""
    layers = [_make(inner, weights) for inner in part.parts if inner.kind != "InputLayer"]
    shape = _shape_of(part)
    if shape is None and not part.names:
        raise ValueError("it does not say how large its images are")
    return keras.Sequential([*([] if shape is None else [keras.Input(shape)]), *layers], name=_name(part))


def _shape_of(part):
    """The shape that goes into a model: that of its first layer, where that says it, or its own."""
    if not part.parts:
        raise ValueError("it has a model without layers")
    first = part.parts[0]
    return (_shape_of(first) if first.kind in MODELS else first.shape) or part.shape


def _graph(part, weights):
    """A Functional model: each call of a layer is made as soon as all that goes into it is there."""
    inputs = [inner for inner in part.parts if inner.kind == "InputLayer"]
    if len(inputs) != 1 or inputs[0].shape is None:
        raise ValueError(f"it has {len(inputs)} inputs; a classifier of images has one")
    start = keras.Input(inputs[0].shape, name=_name(inputs[0]))
    tensors = {(inputs[0].names[-1], 0): start}
    waiting = list(_calls(part, weights))
    while waiting:
        left = []
        for target, layer, sources in waiting:
            if tensors.keys() >= set(sources):
                tensors[target] = _called(layer, [tensors[source] for source in sources])
            else:
                left.append((target, layer, sources))
        if len(left) == len(waiting):
            raise ValueError("it has layers that wait for each other, or for one that is missing")
        waiting = left
    if part.output not in tensors:
        raise ValueError("its output is given by no layer of it")
    return keras.Model(start, tensors[part.output], name=_name(part))


def _calls(part, weights):
    """For each call of a layer of a Functional model: the (name, call) of what it gives, the layer, its sources.

    The calls of a model inside are counted from 1, since its own making is counted as a call.
    """
    sources = {source for inner in part.parts for call in inner.calls for source in call} | {part.output}
    for inner in part.parts:
        if inner.kind != "InputLayer":
            layer, name = _make(inner, weights), inner.names[-1]
            first = int(inner.kind in MODELS and (name, 0) not in sources)
            yield from (((name, first + turn), layer, call) for turn, call in enumerate(inner.calls))


def _called(layer, inputs):
    joins = type(layer).__name__ in JOINING
    if len(inputs) != 1 and not joins:
        raise ValueError(f"{len(inputs)} outputs go into the layer {layer.name!r}, which takes one")
    return layer(inputs if joins else inputs[0])


def _sized(part):
    """The part for images of a usual size, where it takes any; parts after the first get what they are given."""
    parts = [
        inner if i and inner.kind != "InputLayer" else _sized(inner) for i, inner in enumerate(part.parts)
    ]
    return part._replace(shape=part.shape and _usual(part.shape), parts=parts)


def _usual(shape):
    return tuple(side or USUAL_SIDE for side in shape)


def _check_sizes(layer):
    for inner in getattr(layer, "layers", ()):
        if math.prod(_usual(inner.output.shape[1:])) > MOST_VALUES:
            raise ValueError(
                f"the layer {inner.name!r} gives {inner.output.shape[1:]} values an image, too many"
            )
        _check_sizes(inner)
