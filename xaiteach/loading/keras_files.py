"""Keras models from `.h5` and `.keras` files, without executing or unpickling anything in them."""

import re
from inspect import signature

import numpy as np

from xaiteach.files.archive import read_zip
from xaiteach.files.errors import short
from xaiteach.loading.hdf5 import read_hdf5
from xaiteach.loading.keras_config import WEIGHTS, layers_of, read_config

ROOT = "/model_weights"
NEEDED = ("config.json", "model.weights.h5")
OTHER_NAMES = {"depthwise": "kernel"}
SWITCHES = {"bias": "use_bias", "beta": "center", "gamma": "scale"}
ADVICE = (
    "If you trust it, load it with Keras yourself and give the model: xt.wrap(keras.models.load_model(path))."
)


def read_h5(data, name):
    """The Keras model in an HDF5 file of Keras 2 or 3, given as bytes and called `name` in messages."""
    attributes, arrays = read_hdf5(data, name)
    text = attributes[""].get("model_config")
    if not isinstance(text, str):
        raise ValueError(f"{name} holds no model, at most its weights; save it whole: model.save({name!r}).")
    return _built(name, text, lambda layers: _old_weights(layers, attributes, arrays))


def read_keras(data, name):
    """The Keras model in a `.keras` file, given as bytes and called `name` in messages."""
    files = read_zip(data, name, NEEDED.__contains__)
    missing = [needed for needed in NEEDED if needed not in files]
    if missing:
        cure = "save it anew with model.save(path)"
        raise ValueError(f"{name} is no Keras model, it holds no {missing[0]}; {cure}.")
    _, arrays = read_hdf5(files[NEEDED[1]], f"{NEEDED[1]} in {name}")
    text = files[NEEDED[0]].decode("utf-8", "replace")
    return _built(name, text, lambda layers: [_numbered(layer, arrays) for layer in layers])


def _built(name, text, weights_of):
    """The model of a configuration; `weights_of(layers)` gives each layer's arrays by slot."""
    import keras

    try:
        config = read_config(text)
        layers = [layer for layer in layers_of(config) if layer.kind in WEIGHTS]
        for layer, arrays in zip(layers, weights_of(layers), strict=True):
            for slot in WEIGHTS[layer.kind]:
                array = arrays.get(slot, arrays.get(OTHER_NAMES.get(slot)))
                layer.options[f"{slot}_initializer"] = _stored(layer.names[-1], slot, array)
        _drop_idle_options(config)
        return keras.saving.deserialize_keras_object(config)
    except Exception as error:
        sentence = str(error).rpartition("Exception encountered: ")[2]  # Keras shows the configuration first
        raise ValueError(f"{name} can't be taken: {short(sentence, 200).rstrip('.')}. {ADVICE}") from None


def _drop_idle_options(config):
    """Leave out what this version of Keras does not know, where it is switched off, or for training only."""
    import keras

    for layer in layers_of(config):
        known = signature(getattr(keras.layers, layer.kind)).parameters
        for key, value in list(layer.options.items()):
            switched_off = value is None or value is False or (key, value) == ("groups", 1)
            idle = switched_off or layer.kind.startswith("Random")
            if key not in known and key not in ("name", "trainable") and idle:
                del layer.options[key]


def _stored(name, slot, array):
    """An initializer that gives the stored array. Another shape is refused before room is taken for it."""

    def initial(shape, dtype=None):
        if array is None:
            raise ValueError(f"it holds no {slot} for the layer {name!r}")
        if array.shape != tuple(shape):
            raise ValueError(f"the {slot} of the layer {name!r} is {array.shape}, not {tuple(shape)}")
        if not np.isfinite(array).all():
            raise ValueError(f"the {slot} of the layer {name!r} has NaN or infinite values")
        return array

    return initial


def _old_weights(layers, attributes, arrays):
    """The arrays by slot of each layer: HDF5 keeps one group for each part of the outermost model."""
    found = []
    for part in dict.fromkeys(layer.names[0] for layer in layers):
        group = f"{ROOT}/{part}"
        own = [layer for layer in layers if layer.names[0] == part]
        found += _shared_out(own, _by_owner(group, attributes.get(group, {}), arrays))
    return found


def _by_owner(group, attributes, arrays):
    """{what stands before the last slash of the stored names: {the rest: array}} in the order of the file."""
    owners = {}
    for name in _weight_names(attributes):
        owner, _, rest = name.rpartition("/")
        slot = re.sub(r"(_kernel)?(_\d+)?(:\d+)?$", "", rest)
        owners.setdefault(owner, {})[slot] = arrays.get(f"{group}/{name}")
    return owners


def _weight_names(attributes):
    """The names in the file's order; a list too long for one attribute goes on in weight_names0, 1, 2, …"""
    parts = [key for key in attributes if re.fullmatch(r"weight_names\d*", key)]
    parts.sort(key=lambda key: int(key.removeprefix("weight_names") or 0))
    return [name for part in parts for name in attributes[part]]


def _shared_out(layers, owners):
    """The arrays of each layer: by name, or else in order, those that were not trained last."""
    if len(layers) != len(owners):
        raise ValueError(f"it has {len(layers)} layers with weights, and weights of {len(owners)}")
    by_name = {owner.rpartition("/")[2]: arrays for owner, arrays in owners.items()}
    if {layer.names[-1] for layer in layers} != set(by_name):
        in_order = sorted(layers, key=lambda layer: layer.options.get("trainable") is False)
        names = [layer.names[-1] for layer in in_order]
        by_name = dict(zip(names, owners.values(), strict=True))
    return [by_name[layer.names[-1]] for layer in layers]


def _numbered(layer, arrays):
    """The arrays of a layer by slot: `.keras` files number them."""
    slots = [slot for slot in WEIGHTS[layer.kind] if layer.options.get(SWITCHES.get(slot), True)]
    older = layer.trail.replace("layers/", "_layer_checkpoint_dependencies/")
    trail = layer.trail if f"{layer.trail}/vars/0" in arrays else older
    return {slot: arrays.get(f"{trail}/vars/{i}") for i, slot in enumerate(slots)}
