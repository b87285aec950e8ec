"""Keras models from HDF5: the right weights for each layer, and none but plain layers."""

import json

import h5py
import keras
import numpy as np
import old_keras as old
import pytest
from keras import layers
from scipy.special import softmax
from torch import nn

import xaiteach as xt
from xaiteach.loading.keras_config import read_config
from xaiteach.loading.keras_files import read_h5, read_keras

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


def with_steps(name, *entries):
    """A model of an image, steps of Keras 2 between layers, and a mean over the image."""
    first = old.layer("InputLayer", "image", batch_input_shape=[None, 4, 4, 3])
    pool = old.layer("GlobalAveragePooling2D", "pool", name)
    ends = {"input_layers": [["image", 0, 0]], "output_layers": [["pool", 0, 0]]}
    return {"class_name": "Functional", "config": {"name": "m", "layers": [first, *entries, pool], **ends}}


def step(name, function, source, other):
    entry = old.layer("TFOpLambda", name, function=function)
    return entry | {"name": name, "inbound_nodes": [[source, 0, 0, {"y": other, "name": None}]]}


def test_arithmetic_between_the_layers_of_a_file_of_keras_2_is_done():
    """x / 2 − 0.25, that added to x, and 3 times that, as `preprocess_input` in a model was written."""
    steps = [
        step("half", "math.truediv", "image", 2.0),
        step("less", "math.subtract", "half", 0.25),
        step("sum", "__operators__.add", "less", ["image", 0, 0]),
        step("more", "math.multiply", "sum", 3),
    ]
    model = read_h5(old.h5(with_steps("more", *steps), {}), "steps.h5")
    pictures = np.random.default_rng(0).random((2, 4, 4, 3), np.float32)
    want = (3 * (1.5 * pictures - 0.25)).mean(axis=(1, 2))
    np.testing.assert_allclose(model(pictures), want, rtol=1e-5)


def test_another_step_of_keras_2_is_named():
    data = old.h5(with_steps("step", step("step", "math.atan2", "image", 2.0)), {})
    with pytest.raises(ValueError, match="the step 'math.atan2' of Keras 2, which can't be read"):
        read_h5(data, "steps.h5")


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
    r"hidden/kernel in it is \(3, 3\), not": lambda _, groups: groups["head"].update(
        {"hidden/kernel:0": np.ones((3, 3), np.float32)}
    ),
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


FAMILIES = ["EfficientNetB0", "ConvNeXtTiny", "MobileNetV3Small"]  # InceptionResNetV2 takes a minute


@pytest.mark.parametrize("name", FAMILIES)
def test_a_network_of_keras_applications_is_loaded_with_equal_weights(name, tmp_path):
    """They hold Normalization, steps between layers, convolutions in groups, layers of their own."""
    side = 32
    base = getattr(keras.applications, name)(weights=None, include_top=False, input_shape=(side, side, 3))
    model = keras.Sequential([keras.Input((2 * side, 2 * side, 3)), keras.layers.Resizing(side, side), base])
    for layer in model._flatten_layers():
        if isinstance(layer, keras.layers.Normalization) and layer.weights:
            layer.load_own_variables({"0": np.full(3, 0.4), "1": np.full(3, 0.2), "2": 0})
    images = 255 * np.random.default_rng(0).random((1, 2 * side, 2 * side, 3), np.float32)
    for ending, read in ((".keras", read_keras), (".h5", read_h5)):
        path = tmp_path / f"model{ending}"
        model.save(path)
        got = read(path.read_bytes(), path.name)
        pairs = zip(got.get_weights(), model.get_weights(), strict=True)
        assert all(np.array_equal(*pair) for pair in pairs)
        np.testing.assert_array_equal(got(images), model(images))


PLAIN = {
    "hard_swish": lambda x: layers.Dense(3, "hard_silu")(layers.Activation("hard_swish")(x)),
    "steps": lambda x: keras.ops.relu(x[..., ::-1] / 255.0 - np.array([0.1, 0.2, 0.3], "f4")) * 2 + x,
    "attention": lambda x: layers.MultiHeadAttention(2, 4)(*[layers.Reshape((-1, 3))(x)] * 2),
    "layers in an activation": lambda x: layers.Conv2D(3, 1, activation=layers.LeakyReLU(0.3))(x),
    "time distributed": lambda x: layers.TimeDistributed(layers.Dense(3))(x),
}


@pytest.mark.parametrize("ending", ["keras", "h5"])
@pytest.mark.parametrize("connect", PLAIN.values(), ids=list(PLAIN))
def test_plain_parts_of_all_kinds_are_loaded(connect, ending, tmp_path):
    keras.utils.set_random_seed(0)
    inputs = keras.Input((8, 8, 3))
    scores = layers.Dense(2)(layers.Flatten()(connect(inputs)))
    model = keras.Model(inputs, scores)
    model.save(tmp_path / f"model.{ending}")
    images = np.random.default_rng(0).random((2, 8, 8, 3), np.float32)
    loaded = xt.load_model(tmp_path / f"model.{ending}").model
    np.testing.assert_allclose(loaded(images), model(images), atol=1e-6)


def test_several_inputs_and_outputs_are_loaded_and_asked_with_a_function(tmp_path):
    image, table = keras.Input((8, 8, 3)), keras.Input((2,))
    joined = layers.Concatenate()([layers.Flatten()(image), table])
    model = keras.Model([image, table], {"a": layers.Dense(2)(joined), "b": layers.Dense(3)(joined)})
    images = np.random.default_rng(0).random((1, 8, 8, 3), np.float32)
    rows = np.ones((1, 2), np.float32)
    for ending in ("keras", "h5"):
        model.save(tmp_path / f"model.{ending}")
        inputs = lambda images: [images, keras.ops.ones((1, 2))]  # noqa: E731
        got = xt.load_model(tmp_path / f"model.{ending}", inputs=inputs, outputs=lambda out: out["b"])
        np.testing.assert_allclose(got.model([images, rows])["b"], model([images, rows])["b"], atol=1e-6)
        np.testing.assert_allclose(got.scores(images[0]), model([images, rows])["b"][0], atol=1e-6)


def test_a_file_goes_by_what_it_holds_and_a_pointer_of_git_is_named(tmp_path):
    path = tmp_path / "model.keras"
    path.write_bytes(old.h5(old.plan(), GROUPS))
    with pytest.warns(UserWarning, match="built like an export of Teachable Machine"):
        assert xt.load_model(path).n_classes is None
    for name in ("model.keras", "model.h5", "model.zip", "model.safetensors"):
        (tmp_path / name).write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n")
        with pytest.raises(ValueError, match=f"{name} is a Git LFS pointer.*git lfs pull"):
            xt.load_model(tmp_path / name, into=nn.Flatten() if name.endswith("tensors") else None)


def test_a_sequential_of_the_oldest_files_is_a_list_of_layers():
    first = old.layer("Flatten", "flat", batch_input_shape=[None, 2, 2, 1])
    plan = {"class_name": "Sequential", "config": [first, old.layer("ReLU", "relu")]}
    model = read_h5(old.h5(plan, {}), "old.h5")
    np.testing.assert_allclose(model(np.full((1, 2, 2, 1), -1.0)), np.zeros((1, 4)))
