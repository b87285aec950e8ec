"""Keras models from `.h5` and `.keras` files, without executing or unpickling anything in them."""

import io
import math
import re
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import numpy as np

from xaiteach.files.archive import read_zip
from xaiteach.files.errors import short
from xaiteach.loading.hdf5 import cleaned
from xaiteach.loading.keras_config import read_config

NEEDED = ("config.json", "model.weights.h5")
ADVICE = (
    "If you trust it, load it with Keras yourself and give the model: xt.wrap(keras.models.load_model(path))."
)


def read_h5(data, name):
    """The Keras model in an HDF5 file of Keras 2 or 3, given as bytes and called `name` in messages."""
    import h5py

    data = cleaned(data, name)
    with h5py.File(io.BytesIO(data)) as file:
        text = file.attrs.get("model_config")
    if not isinstance(text, str):
        raise ValueError(f"{name} holds no model, at most its weights; save it whole: model.save({name!r}).")
    return _built(name, text, data, _fill_old)


def read_keras(data, name):
    """The Keras model in a `.keras` file, given as bytes and called `name` in messages."""
    files = read_zip(data, name, NEEDED.__contains__)
    missing = [needed for needed in NEEDED if needed not in files]
    if missing:
        cure = "save it anew with model.save(path)"
        raise ValueError(f"{name} is no Keras model, it holds no {missing[0]}; {cure}.")
    data = cleaned(files[NEEDED[1]], f"{NEEDED[1]} in {name}")
    return _built(name, files[NEEDED[0]].decode("utf-8", "replace"), data, _fill)


def _built(name, text, data, fill):
    """The model of a configuration; `fill(model, data)` puts the weights of an HDF5 file into it."""
    import keras

    try:
        config = read_config(text)
        with _weights_of_nan(most=len(data) // 4):
            model = keras.saving.deserialize_keras_object(config)
        if not getattr(model, "inputs", None):
            raise ValueError("it does not say how large its images are")
        fill(model, data)
        for variable in model.weights:
            if not np.isfinite(variable.numpy()).all():
                raise ValueError(f"{variable.path} in it is missing, or has NaN or infinite values")
        return model
    except Exception as error:
        sentence = str(error).rpartition("Exception encountered: ")[2]  # Keras shows the configuration first
        raise ValueError(f"{name} can't be taken: {short(sentence, 200).rstrip('.')}. {ADVICE}") from None


@contextmanager
def _weights_of_nan(most):
    """Layers are made with NaN in their weights, which tell what was not filled; `most` numbers in all."""
    import keras

    original, unknown = keras.layers.Layer.add_weight, keras.initializers.Constant(np.nan)
    count = 0

    def add_weight(layer, shape=None, initializer=None, dtype=None, **options):
        nonlocal count
        count += math.prod(shape or ())
        if count > most:
            raise ValueError("its layers want more weights than it holds")
        whole = str(dtype).startswith("int")
        return original(layer, shape, initializer if whole else unknown, dtype, **options)

    with patch.object(keras.layers.Layer, "add_weight", add_weight):
        yield


def _fill(model, data):
    with TemporaryDirectory() as folder:
        path = Path(folder) / NEEDED[1]
        path.write_bytes(data)
        model.load_weights(path)


def _fill_old(model, data):
    """HDF5 files of models have a group for each part of the outermost model, and the names in it."""
    import h5py

    with h5py.File(io.BytesIO(data)) as file:
        root = file["model_weights"]
        for part in _listed(root, "layer_names"):
            names = _listed(root[part], "weight_names")
            if names:
                arrays = {name: root[part][name][()] for name in names}
                _fill_part(model.get_layer(part.replace("/", "_")), arrays)


def _fill_part(layer, arrays):
    """Fill a layer, or a model inside, by the names of the weights; or else in order, as Keras keeps them."""
    variables = [*layer.trainable_weights, *layer.non_trainable_weights]
    if len(variables) != len(arrays):
        raise ValueError(f"{layer.name} in it has {len(variables)} weights, and {len(arrays)} are stored")
    own, stored = [_key(variable.path) for variable in variables], [_key(name) for name in arrays]
    owners = [list(dict.fromkeys(owner for owner, _ in keys)) for keys in (own, stored)]
    if set(owners[0]) != set(owners[1]) and len(owners[0]) == len(owners[1]):
        renamed = dict(zip(*reversed(owners), strict=True))
        stored = [(renamed[owner], slot) for owner, slot in stored]
    found = dict(zip(stored, arrays.values(), strict=True))
    in_order = set(own) != set(stored) or len(found) < len(arrays)
    filling = arrays.values() if in_order else map(found.get, own)
    for variable, array in zip(variables, filling, strict=True):
        if array.shape != tuple(variable.shape):
            raise ValueError(f"{variable.path} in it is {array.shape}, not {tuple(variable.shape)}")
        variable.assign(array)
    for each in layer._flatten_layers():
        getattr(each, "finalize_state", bool)()  # Normalization keeps what it makes of its weights


def _key(path):
    """The last two parts of a weight's name: "conv/depthwise_kernel_1:0" becomes "conv/kernel"."""
    *_, owner, own = f"/{path}".split("/")
    return owner, re.sub(r"(_\d+)?(:\d+)?$", "", own.removeprefix("depthwise_"))


def _listed(group, key):
    """The names in an attribute; a list too long for one goes on in …0, 1, 2, …"""
    parts = [each for each in group.attrs if re.fullmatch(rf"{key}\d*", each)]
    parts.sort(key=lambda each: int(each.removeprefix(key) or 0))
    return [name for part in parts for name in group.attrs[part]]
