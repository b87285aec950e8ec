"""The configuration of a Keras 2 or 3 model, from the JSON in its file, each class in it checked.

What comes out is made of the classes listed here and of plain options alone, so nothing is ever executed.
"""

import json
import re
from inspect import signature
from itertools import chain

LAYERS = """
Activation ActivityRegularization AdaptiveAveragePooling2D AdaptiveMaxPooling2D Add AdditiveAttention
AlphaDropout Attention AutoContrast Average AveragePooling1D AveragePooling2D BatchNormalization
Bidirectional CenterCrop Concatenate Conv1D Conv2D Conv2DTranspose Cropping2D Dense DepthwiseConv2D Dot
Dropout ELU EinsumDense Embedding Flatten GRU GaussianDropout GaussianNoise GlobalAveragePooling1D
GlobalAveragePooling2D GlobalMaxPooling1D GlobalMaxPooling2D GroupNormalization Identity InputLayer LSTM
LayerNormalization LeakyReLU Maximum MaxPooling1D MaxPooling2D Minimum MultiHeadAttention Multiply
Normalization PReLU Permute RMSNormalization RandomBrightness RandomColorJitter RandomContrast RandomCrop
RandomErasing RandomFlip RandomGrayscale RandomHue RandomRotation RandomSaturation RandomSharpness
RandomShear RandomTranslation RandomZoom ReLU RepeatVector Rescaling Reshape Resizing SeparableConv2D
SimpleRNN Softmax SpatialDropout2D Subtract TimeDistributed UnitNormalization UpSampling2D ZeroPadding2D
"""
MODULES = dict.fromkeys(LAYERS.split(), "keras.layers") | {
    "Sequential": "keras",
    "Functional": "keras.src.models.functional",
    "CustomScaleLayer": "keras.src.applications.inception_resnet_v2",
    "LayerScale": "keras.src.applications.convnext",
    "StochasticDepth": "keras.src.applications.convnext",
}
MODELS = ("Sequential", "Functional")
OPERATIONS = {  # steps between the layers, such as x / 255
    "keras.src.ops.numpy": """
    Absolute Add BroadcastTo Clip Concatenate Divide Exp ExpandDims Flip GetItem Log Matmul Max Maximum
    Mean Min Minimum Moveaxis Multiply Negative Pad Power Repeat Reshape Split Sqrt Square Squeeze Stack
    Std Subtract Sum Swapaxes Tanh Tile Transpose TrueDivide Var
    """,
    "keras.src.ops.nn": """
    Elu Gelu HardSigmoid HardSilu LeakyRelu LogSoftmax Relu Relu6 Selu Sigmoid Silu Softmax Softplus
    """,
    "keras.src.ops.core": "Cast",
}
OLD_STEPS = {  # of Keras 2, by the end of TensorFlow's name
    "truediv": "Divide", "divide": "Divide", "add": "Add", "subtract": "Subtract", "multiply": "Multiply",
}  # fmt: skip
VALUES = ("__keras_tensor__", "__tensor__", "__numpy__", "__slice__", "__ellipsis__")
SHAPES = ("batch_input_shape", "batch_shape", "build_input_shape")
NEEDLESS = re.compile(
    "dtype|seed|sparse|ragged|optional|noise_shape|batch_shape|(batch|build)_input_shape|"
    ".*_(initializer|regularizer|constraint)"
)


def read_config(text):
    """A model's configuration as `keras.saving.deserialize_keras_object` takes it.

    Raises:
        ValueError: in words, for what is no configuration, or not of plain Keras layers.
    """
    try:
        return _part(json.loads(text))
    except json.JSONDecodeError:
        raise ValueError("its plan is damaged") from None
    except (RecursionError, AttributeError, LookupError, TypeError) as error:
        raise ValueError(f"its plan is damaged ({type(error).__name__})") from None


def _part(entry):
    """A layer, a model or a step between layers, written anew."""
    kind, module = _checked_class(entry)
    given = entry["config"]
    name = entry.get("name") or (given.get("name") if isinstance(given, dict) else None)
    if not isinstance(name, (str, type(None))):
        raise TypeError("a name that is no text")
    if kind == "Sequential":
        config = _chain(given)
    elif kind == "Functional":
        config = _graph(given)
    elif kind == "InputLayer":
        config = {"batch_shape": _shape_in(given)}
    elif module in OPERATIONS:
        config = _value(given)
    else:
        config = _options(kind, given)
    return _written(kind, module, name, config)


def _checked_class(entry):
    """The class of a part and the module it is from, where they are on the lists above."""
    kind, module, registered = (
        str(entry.get(key) or "") for key in ("class_name", "module", "registered_name")
    )
    if kind == "Model":  # the Functional of older files
        kind, registered = "Functional", "" if registered == "Model" else registered
    ours = module.partition(".")[0] in ("", "keras", "tf_keras") and registered in ("", kind)
    if not module and "trainable" not in entry["config"]:  # HDF5 files do not tell the modules
        module = next((each for each, kinds in OPERATIONS.items() if kind in kinds.split()), "")
    if ours and kind in OPERATIONS.get(module, "").split():
        return kind, module
    if not ours or module in OPERATIONS or kind not in MODULES:
        own = f"{module} {registered or kind}".strip()
        raise ValueError(f"it has a part of the class {own[:60]!r}, which is none of the plain Keras layers")
    return kind, MODULES[kind]


def _written(kind, module, name, config):
    """An entry as Keras 3 writes it, which allows no slash in a name."""
    return {
        "module": module,
        "class_name": kind,
        "config": config | {"name": name and name.replace("/", "_")},
        "registered_name": None,
        "name": name,
    }


def _chain(given):
    """The configuration of a Sequential, which begins with an InputLayer wherever its shape is said."""
    given = given if isinstance(given, dict) else {"layers": given}  # of Keras up to 2.2.2
    parts = [_part(entry) for entry in given["layers"]]
    if not parts:
        raise ValueError("it has a model without layers")
    if parts[0]["class_name"] not in ("InputLayer", *MODELS):
        shape = _shape_in(given["layers"][0]["config"]) or _shape_in(given)
        if shape:
            parts.insert(0, _written("InputLayer", MODULES["InputLayer"], None, {"batch_shape": shape}))
    return {"layers": parts}


def _without_old_steps(entry):
    """A layer as it is; a step of Keras 2, such as x / 127.5 or x + y, as Keras 3 writes it."""
    if entry["class_name"] != "TFOpLambda":
        return entry
    function = str(entry["config"]["function"])
    kind = OLD_STEPS.get(function.rpartition(".")[2])
    [[*source, options]] = entry["inbound_nodes"]
    other = options.get("y")
    if kind is None or not isinstance(other, (int, float, list)):
        raise ValueError(f"it has the step {function[:40]!r} of Keras 2, which can't be read")
    module, node = "keras.src.ops.numpy", [[*source, {"x2": other}]]
    if isinstance(other, list):
        module, node = "keras.layers", [source, other[:3]]
    return entry | {"class_name": kind, "module": module, "config": {}, "inbound_nodes": [node]}


def _graph(given):
    """The configuration of a Functional model.

    Keras 2 listed its calls, and counted those of a model inside from 1, since its making was a call. Keras 3
    counts from 0, except where the output of the whole is that of a Functional model.
    """
    entries = [_without_old_steps(entry) for entry in given["layers"]]
    parts = [_part(entry) for entry in entries]
    ends = {key: _value(given[key]) for key in ("input_layers", "output_layers")}
    calls = [entry.get("inbound_nodes", []) for entry in entries]
    if not any(isinstance(call, list) for call in chain(*calls)):
        for part, own in zip(parts, calls, strict=True):
            part["inbound_nodes"] = _value(own)
        return {"layers": parts, **ends}
    calls = [[_sources(call) for call in own] for own in calls]
    outputs = _sources(ends["output_layers"])
    used = {source[:2] for sources in [outputs, *chain(*calls)] for source in sources}
    kinds = {part["name"]: part["class_name"] for part in parts}
    first = {name: int(kind in MODELS and (name, 0) not in used) for name, kind in kinds.items()}
    for part, own in zip(parts, calls, strict=True):
        part["inbound_nodes"] = [
            [[name, call - first.get(name, 0), *more] for name, call, *more in sources] for sources in own
        ]
    ends["output_layers"] = [
        [name, call - first.get(name, 0) + (kinds.get(name) == "Functional"), which]
        for name, call, which in outputs
    ]
    only = {key: end[0] for key, end in ends.items() if len(end) == 1}
    return {"layers": parts, **ends, **only}


def _sources(call):
    """The (name, call, which) of what goes into a call in Keras 2, and of a step its number in words."""
    sources = []
    for name, number, which, *options in [call] if isinstance(call[0], str) else call:
        given = {key: value for each in options for key, value in each.items() if value or key == "x2"}
        if given.keys() - {"x2"}:
            raise ValueError(f"it calls a layer with the option {min(given)[:40]!r}, which can't be read")
        sources.append((name, number, which, *([given] if given else [])))
    return sources


def _options(kind, config):
    """The options of a layer, without those this version of Keras does not know and that are switched off."""
    import keras

    options = {key: _value(value) for key, value in config.items() if not NEEDLESS.fullmatch(key)}
    axis = options.get("axis")
    if isinstance(axis, list) and len(axis) == 1:
        options["axis"] = axis[0]
    known = signature(getattr(keras.layers, kind)).parameters if hasattr(keras.layers, kind) else options
    for key in options.keys() - known.keys() - {"name", "trainable"}:
        if kind.startswith("Random") or options[key] in (None, False, 1):
            del options[key]
    return options


def _value(value):
    """An option, or what a step is called with: text, numbers, plain layers, in lists or by name."""
    if isinstance(value, list):
        return [_value(part) for part in value]
    if not isinstance(value, dict):
        return value
    kind, config = value.get("class_name"), value.get("config")
    if kind == "function" and value.get("module") == "builtins":
        return str(config)  # the name of an activation
    if kind is None or kind in VALUES:
        return {key: _value(part) for key, part in value.items()}
    return _part(value)


def _shape_in(config):
    """[None, H, W, C] where a layer says what goes in; None where it does not."""
    given = next((config[key] for key in SHAPES if config.get(key)), None)
    if given is None:
        return None
    sides = list(given[1:])
    if not all(side is None or (type(side) is int and side > 0) for side in sides):
        raise ValueError(f"it wants images of the shape {str(sides)[:60]}")
    return [None, *sides]
