"""Keras models from `.h5` and `.keras` files, without executing or unpickling anything in them."""

import re

from xaiteach.files.archive import read_zip
from xaiteach.files.errors import short
from xaiteach.loading.hdf5 import read_hdf5
from xaiteach.loading.keras_plan import WEIGHTS, read_plan

ROOT = "model_weights"
NEEDED = ("config.json", "model.weights.h5")
SWITCHES = {"bias": "use_bias", "beta": "center", "gamma": "scale"}
ADVICE = (
    "If you trust it, load it with Keras yourself and give the model: xt.wrap(keras.models.load_model(path))."
)


def read_h5(data, name):
    """The Keras model in an HDF5 file of Keras 2 or 3, given as bytes and called `name` in messages.

    Raises:
        ValueError: in a sentence.
    """
    attributes, arrays = read_hdf5(data, name)
    text = attributes[""].get("model_config")
    if not isinstance(text, str):
        raise ValueError(f"{name} holds no model, at most its weights; save it whole: model.save({name!r}).")
    return _built(name, text, lambda plan: _old_weights(plan, attributes, arrays))


def read_keras(data, name):
    """The Keras model in a `.keras` file, given as bytes and called `name` in messages.

    Raises:
        ValueError: in a sentence.
    """
    files = read_zip(data, name, NEEDED.__contains__)
    missing = [needed for needed in NEEDED if needed not in files]
    if missing:
        raise ValueError(
            f"{name} is no Keras model, it holds no {missing[0]}; save it anew with model.save(path)."
        )
    _, arrays = read_hdf5(files[NEEDED[1]], f"{NEEDED[1]} in {name}")
    return _built(name, files[NEEDED[0]].decode("utf-8", "replace"), lambda plan: _new_weights(plan, arrays))


def _built(name, text, weights_for):
    try:
        plan = read_plan(text)
        weights = weights_for(plan)
        from xaiteach.loading.keras_build import build_keras

        return build_keras(plan, weights)
    except ValueError as error:
        raise ValueError(f"{name} can't be taken: {short(error).rstrip('.')}. {ADVICE}") from None


def _old_weights(plan, attributes, arrays):
    """From the names of each layer to its arrays: HDF5 keeps one group for each part of the outermost model."""
    found = {}
    for part in plan.parts:
        leaves = [leaf for leaf in part.leaves if leaf.kind in WEIGHTS]
        group = f"{ROOT}/{part.names[-1]}"
        found |= _shared_out(leaves, _by_owner(group, attributes.get(group, {}), arrays))
    return found


def _by_owner(group, attributes, arrays):
    """From what stands before the last slash of the stored names to arrays by the rest, in the order of the file."""
    owners = {}
    for name in _listed(attributes, "weight_names"):
        owner, _, rest = name.rpartition("/")
        slot = re.sub(r"(_kernel)?(_\d+)?(:\d+)?$", "", rest)
        owners.setdefault(owner, {})[slot] = arrays.get(f"{group}/{name}")
    return owners


def _listed(attributes, key):
    """A list of names; where it was too long for one attribute it is numbered."""
    numbered = sorted(
        (k for k in attributes if re.fullmatch(rf"{key}\d+", k)), key=lambda k: int(k[len(key) :])
    )
    return [name for k in numbered or [key] for name in attributes.get(k, [])]


def _shared_out(leaves, owners):
    """Which layer owns which arrays: by name, or else in order, in which layers that were not trained come last."""
    by_name = {owner.rpartition("/")[2]: arrays for owner, arrays in owners.items()}
    if len(leaves) == len(owners) and {leaf.names[-1] for leaf in leaves} == set(by_name):
        given = {leaf.names: by_name[leaf.names[-1]] for leaf in leaves}
    elif len(leaves) == len(owners):
        in_order = sorted(leaves, key=lambda leaf: leaf.frozen)
        given = {leaf.names: arrays for leaf, arrays in zip(in_order, owners.values(), strict=True)}
    else:
        raise ValueError(f"it has {len(leaves)} layers with weights, and weights of {len(owners)}")
    for leaf in leaves:
        if leaf.kind == "DepthwiseConv2D" and "kernel" in given[leaf.names]:
            given[leaf.names]["depthwise"] = given[leaf.names].pop("kernel")
    return given


def _new_weights(plan, arrays):
    """From the names of each layer to its arrays: `.keras` files number the weights of a layer."""
    return {leaf.names: _numbered(leaf, arrays) for leaf in plan.leaves if leaf.kind in WEIGHTS}


def _numbered(leaf, arrays):
    slots = [slot for slot in WEIGHTS[leaf.kind] if leaf.options.get(SWITCHES.get(slot), True)]
    older = leaf.trail.replace("layers/", "_layer_checkpoint_dependencies/")
    places = [[f"{trail}vars/{i}" for trail in (leaf.trail, older)] for i in range(len(slots))]
    return {
        slot: next((arrays[p] for p in place if p in arrays), None)
        for slot, place in zip(slots, places, strict=True)
    }
