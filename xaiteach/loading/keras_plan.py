"""The plan of a Keras model, from the JSON in its file: every part is checked before anything is built.

Both dialects are read, that of Keras 2 and that of Keras 3. A plan is made of the layers listed here and of nothing
else, so nothing in a file is ever executed: Lambda layers and other people's classes are refused by name.
"""

import json
import math
import re
from collections import Counter
from itertools import chain
from typing import NamedTuple

MOST_LAYERS = 3_000
DEEPEST = 8
LARGEST = 10_000_000
MOST_CHARACTERS = 20_000_000

WEIGHTS = {
    "BatchNormalization": ("gamma", "beta", "moving_mean", "moving_variance"),
    "Conv2D": ("kernel", "bias"),
    "Dense": ("kernel", "bias"),
    "DepthwiseConv2D": ("depthwise", "bias"),
    "LayerNormalization": ("gamma", "beta"),
    "PReLU": ("alpha",),
    "SeparableConv2D": ("depthwise", "pointwise", "bias"),
}
JOINING = {"Add", "Average", "Concatenate", "Maximum", "Minimum", "Multiply", "Subtract"}
OTHERS = """
Activation AveragePooling2D Cropping2D Dropout ELU Flatten GaussianDropout GaussianNoise GlobalAveragePooling2D
GlobalMaxPooling2D InputLayer LeakyReLU MaxPooling2D Permute RandomBrightness RandomContrast RandomFlip RandomRotation
RandomTranslation RandomZoom ReLU Rescaling Reshape Softmax SpatialDropout2D UpSampling2D ZeroPadding2D
"""
LAYERS = JOINING | set(OTHERS.split()) | set(WEIGHTS)
MODELS = {"Sequential": "Sequential", "Functional": "Functional", "Model": "Functional"}
ACTIVATIONS = "linear relu relu6 softmax sigmoid tanh elu selu gelu swish silu softplus softsign"
SHAPES = ("batch_input_shape", "batch_shape", "build_input_shape")
NEEDLESS = re.compile(
    "name|trainable|dtype|seed|sparse|ragged|optional|noise_shape|batch_shape|(batch|build)_input_shape|"
    ".*_(initializer|regularizer|constraint)"
)


class Part(NamedTuple):
    """A layer, or a model with `parts` of its own."""

    kind: str
    names: tuple  # its own name after those of the models around it
    trail: str  # where its weights lie in a .keras file
    options: dict
    shape: tuple | None  # of an input without the batch, None where it is not said
    calls: list  # for each call of it, the (name, call) of the parts whose outputs go in
    parts: list
    output: tuple | None  # of a model of kind Functional: such a (name, call)
    frozen: bool

    @property
    def leaves(self):
        """The layers in it, those of the models inside it too, in the order of the file."""
        return (
            list(chain.from_iterable(part.leaves for part in self.parts)) if self.kind in MODELS else [self]
        )


def read_plan(text):
    """The plan of a model as a `Part`, checked.

    Raises:
        ValueError: in words, for what is no plan, or not of plain Keras layers.
    """
    if len(text) > MOST_CHARACTERS:
        raise ValueError(f"its plan has {len(text):,} characters, more than is read")
    try:
        plan = _part(json.loads(text), (), "")
    except json.JSONDecodeError:
        raise ValueError("its plan is damaged") from None
    except (RecursionError, AttributeError, KeyError, IndexError, TypeError) as error:
        raise ValueError(f"its plan is damaged ({type(error).__name__})") from None
    if plan.kind not in MODELS or not 0 < len(plan.leaves) <= MOST_LAYERS:
        raise ValueError(f"it has {len(plan.leaves):,} layers; want a model of 1 to {MOST_LAYERS:,}")
    return plan


def _part(entry, names, trail):
    kind, config = _kind_of(entry), entry["config"]
    if isinstance(config, list):  # a Sequential before Keras 2.2.3
        config = {"layers": config}
    if len(names) > DEEPEST:
        raise ValueError(f"it has models inside models, more than {DEEPEST} deep")
    return Part(
        kind=kind,
        names=names,
        trail=trail,
        options={} if kind in MODELS else _options(config),
        shape=_input_shape(config),
        calls=[_sources(call) for call in entry.get("inbound_nodes", [])],
        parts=list(_parts(config["layers"], names, trail)) if kind in MODELS else [],
        output=_only(config["output_layers"]) if kind == "Functional" else None,
        frozen=config.get("trainable") is False,
    )


def _parts(entries, names, trail):
    """The parts of a model. Keras 3 files their weights under the name of their class, numbered from the second on."""
    seen = Counter()
    for entry in entries:
        place = _snake(_kind_of(entry))
        numbered = f"{place}_{seen[place]}" if seen[place] else place
        seen[place] += 1
        name = entry.get("name") or entry["config"]["name"]
        if not isinstance(name, str):
            raise TypeError("a name that is no text")
        yield _part(entry, (*names, name[:200]), f"{trail}layers/{numbered}/")


def _snake(name):
    """BatchNormalization becomes batch_normalization, ReLU becomes re_lu."""
    return re.sub("([a-z])([A-Z])", r"\1_\2", re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)).lower()


def _kind_of(entry):
    """The class of a part, where it is one of the lists above."""
    kind, module, registered = (
        str(entry.get(key) or "") for key in ("class_name", "module", "registered_name")
    )
    ours = module.partition(".")[0] in ("", "keras", "tf_keras") and registered in ("", kind)
    if not ours or kind not in LAYERS | set(MODELS):
        own = f"{module} {registered or kind}".strip()
        raise ValueError(f"it has a part of the class {own[:60]!r}, which is none of the plain Keras layers")
    return MODELS.get(kind, kind)


def _options(config):
    options = {key: _plain(key, value) for key, value in config.items() if not NEEDLESS.fullmatch(key)}
    if options.get("activation", "linear") not in ACTIVATIONS.split():
        raise ValueError(
            f"it has the activation {str(options['activation'])[:60]!r}, which is none of the plain ones"
        )
    return options


def _plain(key, value, depth=3):
    """The value of an option: text, a number of reasonable size, or a list of these."""
    if isinstance(value, list) and depth and len(value) <= 16:
        values = tuple(_plain(key, part, depth - 1) for part in value)
        return values[0] if key == "axis" and len(values) == 1 else values
    usual = isinstance(value, (int, float)) and math.isfinite(value) and abs(value) <= LARGEST
    if usual or value is None or (isinstance(value, str) and len(value) <= 60):
        return value
    raise ValueError(f"its option {key[:40]!r} is {str(value)[:40]!r}, which no plain Keras layer has")


def _input_shape(config):
    given = next((config[key] for key in SHAPES if config.get(key)), None)
    if given is None:
        return None
    sides = given[1:]
    if not isinstance(given, list) or not all(
        side is None or (type(side) is int and side > 0) for side in sides
    ):
        raise ValueError(f"it wants images of the shape {str(sides)[:60]}")
    return tuple(sides)


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
    return name[:200], call


def _only(ends):
    """The one output of a model."""
    ends = [ends] if ends and isinstance(ends[0], str) else ends
    if not isinstance(ends, list) or len(ends) != 1:
        raise ValueError("it has several outputs; a classifier has one")
    return _source(ends[0])
