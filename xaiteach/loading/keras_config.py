"""The configuration of a Keras 2 or 3 model, from the JSON in its file, checked and written anew.

What comes out is made of the layers listed here and of plain options alone, so nothing is ever executed.
"""

import json
import re
from collections import Counter
from itertools import chain
from typing import NamedTuple

WEIGHTS = {
    "BatchNormalization": ("gamma", "beta", "moving_mean", "moving_variance"),
    "Conv2D": ("kernel", "bias"),
    "Dense": ("kernel", "bias"),
    "DepthwiseConv2D": ("depthwise", "bias"),
    "LayerNormalization": ("gamma", "beta"),
    "PReLU": ("alpha",),
    "SeparableConv2D": ("depthwise", "pointwise", "bias"),
}
OTHERS = """
Activation Add Average AveragePooling2D Concatenate Cropping2D Dropout ELU Flatten GaussianDropout
GaussianNoise GlobalAveragePooling2D GlobalMaxPooling2D InputLayer LeakyReLU Maximum MaxPooling2D Minimum
Multiply Permute RandomBrightness RandomContrast RandomFlip RandomRotation RandomTranslation RandomZoom ReLU
Rescaling Reshape Softmax SpatialDropout2D Subtract UpSampling2D ZeroPadding2D
"""
LAYERS = {*WEIGHTS, *OTHERS.split()}
MODELS = {"Sequential": "keras", "Functional": "keras.src.models.functional"}
ACTIVATIONS = "linear relu relu6 softmax sigmoid tanh elu selu gelu swish silu softplus softsign"
CLASS_KEYS = ("class_name", "module", "registered_name")
SHAPES = ("batch_input_shape", "batch_shape", "build_input_shape")
NEEDLESS = re.compile(
    "name|dtype|seed|sparse|ragged|optional|noise_shape|batch_shape|(batch|build)_input_shape|"
    ".*_(initializer|regularizer|constraint)"
)


class Layer(NamedTuple):
    kind: str
    names: tuple  # its own name after those of the models around it
    trail: str  # where its weights lie in a .keras file
    options: dict  # those in the configuration: what is put there goes to the layer


def read_config(text):
    """A model's configuration as `keras.saving.deserialize_keras_object` takes it.

    Raises:
        ValueError: in words, for what is no configuration, or not of plain Keras layers.
    """
    try:
        model = _part(json.loads(text))
    except json.JSONDecodeError:
        raise ValueError("its plan is damaged") from None
    except (RecursionError, AttributeError, LookupError, TypeError) as error:
        raise ValueError(f"its plan is damaged ({type(error).__name__})") from None
    if input_shape(model) is None:
        raise ValueError("it does not say how large its images are")
    return model


def layers_of(model, names=(), trail=""):
    """Each `Layer` of a model, in the file's order; Keras 3 files weights by class, the second with _1."""
    seen = Counter()
    for part in model["config"].get("layers", []):
        kind, own_names = part["class_name"], (*names, part["name"])
        number = f"_{seen[kind]}" if seen[kind] else ""
        seen[kind] += 1
        own_trail = f"{trail}/layers/{_snake(kind)}{number}"
        if kind in MODELS:
            yield from layers_of(part, own_names, own_trail)
        else:
            yield Layer(kind, own_names, own_trail, part["config"])


def input_shape(model):
    """[None, H, W, C] of what goes into a model; None where it does not say."""
    parts = model["config"].get("layers", [])
    return next((part["config"]["batch_shape"] for part in parts if part["class_name"] == "InputLayer"), None)


def _snake(name):
    """BatchNormalization becomes batch_normalization, ReLU becomes re_lu."""
    return re.sub("([a-z])([A-Z])", r"\1_\2", re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)).lower()


def _part(entry):
    """A layer or a model, written anew."""
    kind, given = _kind_of(entry), entry["config"]
    name = entry.get("name") or given.get("name")
    if not isinstance(name, (str, type(None))):
        raise TypeError("a name that is no text")
    if kind == "Sequential":
        return _written(kind, name, _chain(given))
    if kind == "Functional":
        return _written(kind, name, _graph(given))
    if kind == "InputLayer":
        return _written(kind, name, {"batch_shape": _shape_in(given)})
    return _written(kind, name, _options(given))


def _kind_of(entry):
    """The class of a part, where it is one of the lists above."""
    kind, module, registered = (str(entry.get(key) or "") for key in CLASS_KEYS)
    ours = module.partition(".")[0] in ("", "keras", "tf_keras") and registered in ("", kind)
    if ours and kind == "Model":  # the Functional of older files
        return "Functional"
    if not ours or kind not in LAYERS | MODELS.keys():
        own = f"{module} {registered or kind}".strip()
        raise ValueError(f"it has a part of the class {own[:60]!r}, which is none of the plain Keras layers")
    return kind


def _written(kind, name, config):
    """An entry as Keras 3 writes it, which allows no slash in a name."""
    return {
        "module": MODELS.get(kind, "keras.layers"),
        "class_name": kind,
        "config": config | {"name": name and name.replace("/", "_")},
        "registered_name": None,
        "name": name,
    }


def _chain(given):
    """The configuration of a Sequential, which begins with an InputLayer wherever its shape is said."""
    parts = [_part(entry) for entry in given["layers"]]
    if not parts:
        raise ValueError("it has a model without layers")
    if parts[0]["class_name"] != "InputLayer":
        first = given["layers"][0]["config"]
        shape = input_shape(parts[0]) or _shape_in(first) or _shape_in(given)
        if shape:
            parts.insert(0, _written("InputLayer", None, {"batch_shape": shape}))
    return {"layers": parts}


def _graph(given):
    """The configuration of a Functional model; its calls are lists, in the way of Keras 2.

    Keras 2 counted the calls of a model inside from 1, since its making was a call. Keras 3 counts from 0,
    except where the output of the whole is that of a Functional model.
    """
    parts = [_part(entry) for entry in given["layers"]]
    inputs = [part for part in parts if part["class_name"] == "InputLayer"]
    if len(inputs) != 1 or inputs[0]["config"]["batch_shape"] is None:
        raise ValueError(f"it has {len(inputs)} inputs; a classifier of images has one")
    calls = [[_sources(call) for call in entry.get("inbound_nodes", [])] for entry in given["layers"]]
    output = _only(given["output_layers"])
    used = {output}.union(*chain.from_iterable(calls))
    kinds = {part["name"]: part["class_name"] for part in parts}
    first = {name: int(kind in MODELS and (name, 0) not in used) for name, kind in kinds.items()}
    for part, own in zip(parts, calls, strict=True):
        part["inbound_nodes"] = [
            [[name, call - first.get(name, 0), 0] for name, call in sources] for sources in own
        ]
    name, call = output
    call = call - first.get(name, 0) + (kinds.get(name) == "Functional")
    return {"layers": parts, "input_layers": [inputs[0]["name"], 0, 0], "output_layers": [name, call, 0]}


def _options(config):
    options = {key: _plain(key, value) for key, value in config.items() if not NEEDLESS.fullmatch(key)}
    activation = options.get("activation", "linear")
    if activation not in ACTIVATIONS.split():
        raise ValueError(f"it has the activation {str(activation)[:60]!r}, which is none of the plain ones")
    return options


def _plain(key, value, depth=3):
    """The value of an option: text, a number, or a list of these."""
    if isinstance(value, list) and depth and len(value) <= 16:
        values = tuple(_plain(key, part, depth - 1) for part in value)
        return values[0] if key == "axis" and len(values) == 1 else values
    if value is None or isinstance(value, (int, float, str)):
        return value
    raise ValueError(f"its option {key[:40]!r} is {str(value)[:40]!r}, which no plain Keras layer has")


def _shape_in(config):
    """[None, H, W, C] where a layer says what goes in; None where it does not."""
    given = next((config[key] for key in SHAPES if config.get(key)), None)
    if given is None:
        return None
    sides = list(given[1:])
    if not all(side is None or (type(side) is int and side > 0) for side in sides):
        raise ValueError(f"it wants images of the shape {str(sides)[:60]}")
    return [None, *sides]


def _sources(call):
    """The (name, call) of the parts whose outputs go into one call, from either dialect."""
    if isinstance(call, dict):
        given, more = call["args"], call["kwargs"]
        given = given[0] if len(given) == 1 and isinstance(given[0], list) else given
        histories = [tensor["config"]["keras_history"] for tensor in given]
    else:
        histories = [call] if isinstance(call[0], str) else call
        more = {key: value for node in histories for key, value in (node[3] if len(node) > 3 else {}).items()}
    if any(more.values()):
        raise ValueError(f"it calls a layer with the option {next(iter(more))[:40]!r}, which can't be read")
    return [_source(history) for history in histories]


def _source(history):
    name, call, which = history[:3]
    if which != 0 or not isinstance(name, str) or type(call) is not int:
        raise ValueError("it has layers with several outputs, which can't be read")
    return name, call


def _only(ends):
    """The one output of a model."""
    ends = [ends] if ends and isinstance(ends[0], str) else ends
    if not isinstance(ends, list) or len(ends) != 1:
        raise ValueError("it has several outputs; a classifier has one")
    return _source(ends[0])
