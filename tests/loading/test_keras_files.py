"""Keras models from HDF5: the right weights for each layer, and none but plain layers."""

import json

import h5py
import numpy as np
import old_keras as old
import pytest
from scipy.special import softmax

from xaiteach.loading.keras_config import read_config
from xaiteach.loading.keras_files import read_h5

pytestmark = pytest.mark.usefixtures("quick_hdf5")
WEIGHTS = old.arrays()
GROUPS = old.groups(WEIGHTS)
IMAGES = np.random.default_rng(1).random((3, old.SIDE, old.SIDE, 3), dtype=np.float32)


def check(plan, groups, more=None):
    """The model in such a file is the network of `old.scores`."""
    model = read_h5(old.h5(plan, groups, more=more), "model.h5")
    np.testing.assert_allclose(model(2 * IMAGES - 1), softmax(old.scores(IMAGES, WEIGHTS), axis=1), atol=1e-5)


def test_what_training_left_in_the_file_is_not_looked_at():
    def more(store):
        store.attrs["training_config"] = '{"optimizer_config": {"class_name": "Mine>Optimizer"}}'
        store["optimizer_weights/elsewhere"] = h5py.ExternalLink("other.h5", "/")

    check(old.plan(), GROUPS, more)


def test_weights_whose_names_tell_nothing_are_taken_in_order_and_others_by_name():
    """Keras names a layer anew when the same model is made twice; weights that were not trained come last."""
    renamed = {
        part: {name.replace("/", "_7/").replace(":0", "_1:0"): array for name, array in stored.items()}
        for part, stored in GROUPS.items()
    }
    check(old.plan(), renamed)
    check(old.plan(), {part: dict(reversed(stored.items())) for part, stored in GROUPS.items()})


def test_calls_of_a_model_inside_another_are_counted_from_1_as_keras_2_does():
    body, head = old.plan()["config"]["layers"]
    model, pool = body["config"]["layers"]
    first = old.layer("InputLayer", "image", batch_input_shape=[None, old.SIDE, old.SIDE, 3])
    model |= {"name": "model1", "inbound_nodes": [[["image", 0, 0, {"training": False}]]]}
    pool |= {"name": "pool", "inbound_nodes": [[["model1", 1, 0, {}]]]}
    head |= {"name": "head", "inbound_nodes": [[["pool", 0, 0, {}]]]}
    ends = {"input_layers": [["image", 0, 0]], "output_layers": [["head", 1, 0]]}
    outer = {"class_name": "Model", "config": {"name": "outer", "layers": [first, model, pool, head], **ends}}
    check(outer, {"model1": GROUPS["body"], "pool": {}, "head": GROUPS["head"]})


def test_lists_of_weights_that_were_too_long_for_one_attribute_are_put_together():
    def split(store):
        attributes = store["model_weights/body"].attrs
        names = attributes["weight_names"]
        del attributes["weight_names"]
        attributes["weight_names0"], attributes["weight_names1"] = names[:5], names[5:]

    check(old.plan(), GROUPS, split)


def inner(plan, *places):
    """The layer, or the model, at these places in a plan."""
    for place in places:
        plan = plan["config"]["layers"][place]
    return plan


def dense(options=None, **entries):
    """A plan whose last layer has other entries, or other options."""
    plan = old.plan()
    inner(plan, 1, 1).update(entries)
    inner(plan, 1, 1)["config"].update(options or {})
    return json.dumps(plan)


PLANS = {
    "'Lambda'": dense(class_name="Lambda"),
    "'Mine>Dense'": dense(class_name="Mine>Dense"),
    "'Custom>Dense'": dense(registered_name="Custom>Dense"),
    "'os Dense'": dense(module="os"),
    "'keras_evil Dense'": dense(module="keras_evil"),
    "'function'": dense({"activation": {"class_name": "function", "config": "evil"}}),
    "'os function'": dense({"activation": {"class_name": "function", "module": "os", "config": "system"}}),
    "'__lambda__'": dense({"rate": {"class_name": "__lambda__", "config": {"value": "code"}}}),
    "'keras.saving load_model'": dense(
        {"rate": {"class_name": "load_model", "module": "keras.saving", "config": {}}}
    ),
    "plan is damaged$": "{",
    "damaged .RecursionError": "[" * 100_000,
}


@pytest.mark.parametrize(("words", "text"), PLANS.items(), ids=list(PLANS))
def test_a_plan_with_anything_but_plain_layers_is_refused_before_anything_is_built(words, text):
    with pytest.raises(ValueError, match=words) as error:
        read_config(text)
    assert "\n" not in str(error.value) and len(str(error.value)) < 200


BROKEN = {
    "more weights than it holds": lambda plan, _: inner(plan, 1, 1)["config"].update(units=9_000_000),
    r"hidden/kernel in it is \(3, 3\), not": lambda _, groups: groups["head"].update({"hidden/kernel:0": np.ones((3, 3), np.float32)}),
    "head in it has 3 weights, and 2 are stored": lambda _, groups: groups["head"].pop("hidden/bias:0"),
    "NaN": lambda _, groups: groups["head"].update({"hidden/bias:0": np.full(5, np.nan, np.float32)}),
    "hidden/kernel in it is missing": lambda _, groups: groups.pop("head"),
    "function identifier: system": lambda plan, _: inner(plan, 1, 1)["config"].update(activation="system"),
    "loops or disconnected": lambda plan, _: inner(plan, 0, 0, 2).update(inbound_nodes=[[["add", 0, 0, {}]]]),
}


@pytest.mark.parametrize(("words", "damage"), BROKEN.items(), ids=list(BROKEN))
def test_a_plan_and_weights_that_do_not_fit_get_a_sentence(words, damage):
    plan, weights = old.plan(), old.groups(old.arrays())
    damage(plan, weights)
    with pytest.raises(ValueError, match=words) as error:
        read_h5(old.h5(plan, weights), "model.h5")
    assert str(error.value).startswith("model.h5 can't be taken: ") and "\n" not in str(error.value)
