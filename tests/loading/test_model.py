"""A model from its file: the same numbers as from its own library, and nothing in the file executed."""

import pickle
from pathlib import Path

import keras
import numpy as np
import old_keras as old
import pytest
import torch
from keras import layers
from safetensors.torch import save
from torch import nn

import xaiteach as xt
from xaiteach.loading.keras_files import read_keras

SIDE = 12
IMAGES = np.random.default_rng(0).random((4, SIDE, SIDE, 3), dtype=np.float32)


def nested():
    """Nested models, a layer called twice, a join, and every kind of layer with weights."""
    inputs = keras.Input((SIDE, SIDE, 3))
    shared = layers.Conv2D(4, 3, padding="same", name="shared")
    x = layers.SeparableConv2D(4, 3, use_bias=False, name="separable")(inputs)
    x = layers.BatchNormalization(scale=False)(x)
    x = layers.Concatenate()([shared(x), shared(layers.PReLU(shared_axes=[1, 2])(shared(x)))])
    body = keras.Model(inputs, layers.DepthwiseConv2D(3, depth_multiplier=2)(layers.LayerNormalization()(x)))
    head = keras.Sequential([layers.GlobalAveragePooling2D(), layers.Dense(5), layers.Reshape((5,))])
    ends = [layers.Dropout(0.5), layers.Dense(3, activation="softmax", name="end")]
    top = [keras.Input((SIDE, SIDE, 3)), layers.RandomFlip(), layers.Rescaling(2.0, -1.0), body, head, *ends]
    return keras.Sequential(top)


def learnt_further():
    """A Functional model called inside another, the usual form of transfer learning."""
    inner = keras.Input((SIDE, SIDE, 3))
    body = keras.Model(inner, layers.Conv2D(4, 3, name="inside")(inner), name="body", trainable=False)
    outer = keras.Input((SIDE, SIDE, 3))
    pooled = layers.GlobalAveragePooling2D()(layers.BatchNormalization()(body(outer, training=False)))
    return keras.Model(outer, layers.Dense(3, activation="softmax")(pooled))


def of_one_class():
    convolutions = [layers.Conv2D(3, 3) for _ in range(4)]
    ends = layers.GlobalMaxPooling2D(), layers.Softmax()
    return keras.Sequential([keras.Input((SIDE, SIDE, 3)), *convolutions, *ends])


@pytest.mark.parametrize("ending", [".keras", ".h5"])
@pytest.mark.parametrize("build", [nested, learnt_further, of_one_class])
def test_a_keras_model_predicts_as_keras_says(build, ending, tmp_path):
    """Its weights are all different, those of batch normalisation too."""
    rng, model = np.random.default_rng(1), build()
    model.set_weights([rng.uniform(0.2, 1, array.shape) * 0.3 for array in model.get_weights()])
    model.save(tmp_path / f"model{ending}")
    got = xt.load_model(tmp_path / f"model{ending}", class_names=["a", "b", "c"])
    np.testing.assert_allclose(got.model(IMAGES, training=False), model(IMAGES, training=False), atol=1e-6)
    assert got.class_names == ["a", "b", "c"] and got.input_shape == (SIDE, SIDE, 3)


LARGE = np.random.default_rng(0).random((2, 96, 96, 3), np.float32)


@pytest.mark.parametrize(("ending", "side"), [("h5", None), ("keras", 96)])
def test_a_model_of_any_size_may_stand_in_one_of_a_fixed_size(tmp_path, ending, side):
    inner = xt.build_cnn("keras", channels=3, n_classes=4)
    first = keras.layers.MaxPooling2D(2)
    model = keras.Sequential([keras.Input((side, side, 3)), first, inner, keras.layers.Softmax()])
    model.save(tmp_path / f"mine.{ending}")
    loaded = xt.load_model(tmp_path / f"mine.{ending}").model
    np.testing.assert_allclose(loaded(LARGE), model(LARGE), atol=1e-5)


def test_an_h5_file_beside_its_labels_is_a_teachable_machine_export(tmp_path):
    data, _ = old.export()
    (tmp_path / "keras_model.h5").write_bytes(data)
    assert xt.load_model(tmp_path / "keras_model.h5").class_names is None
    (tmp_path / "labels.txt").write_text(old.LABELS)
    assert xt.load_model(tmp_path / "keras_model.h5").class_names == ["cat", "My dog"]
    assert xt.load_model(tmp_path).class_names == ["cat", "My dog"]
    with pytest.raises(ValueError, match="brings its own preprocess"):
        xt.load_model(tmp_path, preprocess=(0, 1))


def test_a_lambda_layer_in_a_keras_file_is_refused_and_not_run(tmp_path):
    path = tmp_path / "model.keras"
    keras.Sequential([keras.Input((4, 4, 1)), layers.Lambda(lambda x: x), layers.Flatten()]).save(path)
    with pytest.raises(ValueError, match="model.keras can't be taken: it has a part of the class '.*Lambda'"):
        xt.load_model(path)


@pytest.mark.parametrize("lacking", ["config.json", "model.weights.h5"])
def test_a_zip_that_is_no_keras_file_says_what_it_lacks(lacking):
    files = {name: "{}" for name in ("config.json", "model.weights.h5") if name != lacking}
    with pytest.raises(ValueError, match=f"is no Keras model, it holds no {lacking}"):
        read_keras(old.zipped(files), "model.keras")


def test_what_is_said_of_the_model_besides_its_file_is_kept(tmp_path):
    """This model takes images of any size; the person says which."""
    ends = [layers.Conv2D(2, 3), layers.GlobalAveragePooling2D()]
    keras.Sequential([keras.Input((None, None, 3)), *ends]).save(tmp_path / "any.keras")
    got = xt.load_model(tmp_path / "any.keras", input_shape=(9, 13, 3), class_names=["a", "b"])
    assert (got.input_shape, got.class_names) == ((9, 13, 3), ["a", "b"])


# Weights alone, and what is refused


def net(seed):
    """A small network, its running means too drawn from the seed."""
    torch.manual_seed(seed)
    ends = nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 3)
    made = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), *ends)
    made[1].running_mean.uniform_()
    return made


def test_weights_go_into_the_module_that_is_given(tmp_path):
    (tmp_path / "net.safetensors").write_bytes(save(net(0).state_dict()))
    got = xt.load_model(tmp_path / "net.safetensors", into=net(1), class_names=["a", "b", "c"])
    np.testing.assert_allclose(got.predict(IMAGES), xt.wrap(net(0)).predict(IMAGES), atol=1e-6)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda state: state.pop("0.bias"), "lacks 0.bias"),
        (lambda state: state.update(other=torch.zeros(1)), "has, and the module has not, other"),
        (lambda state: state.update({"0.bias": torch.zeros(9)}), "has in another shape 0.bias"),
        (lambda state: state.update({"0.bias": torch.full((4,), np.nan)}), "infinite values 0.bias"),
    ],
)
def test_weights_that_do_not_fit_leave_the_module_as_it_was(change, words, tmp_path):
    state = dict(net(0).state_dict())
    change(state)
    (tmp_path / "net.safetensors").write_bytes(save(state))
    other, same = net(1), net(1)
    with pytest.raises(ValueError, match=words):
        xt.load_model(tmp_path / "net.safetensors", into=other)
    assert all(map(torch.equal, other.state_dict().values(), same.state_dict().values()))


def test_into_is_wanted_for_weights_and_for_nothing_else(tmp_path):
    for name in ("a.safetensors", "a.h5"):
        (tmp_path / name).write_bytes(b"")
    with pytest.raises(ValueError, match="holds weights only.*into=module"):
        xt.load_model(tmp_path / "a.safetensors")
    with pytest.raises(ValueError, match="into= is for .safetensors"):
        xt.load_model(tmp_path / "a.h5", into=nn.Flatten())
    with pytest.raises(TypeError, match="into= is a int; want the torch.nn.Module"):
        xt.load_model(tmp_path / "a.safetensors", into=3)


PICKLE = "is a pickle or TorchScript.*weights_only=True"
PROGRAMS = dict.fromkeys(["model.pt", "model.pth", "model.ts", "pytorch_model.bin", "model.pkl"], PICKLE)
PROGRAMS["net.pt2"] = r"xt.wrap\(torch.export.load\(path\).module\(\), input_shape="


class Evil:
    """What a pickle does when it is opened."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (Path(self.path),)


@pytest.mark.parametrize(("name", "words"), PROGRAMS.items())
def test_programs_and_pickles_are_refused_with_what_to_write_instead_and_never_opened(name, words, tmp_path):
    (tmp_path / name).write_bytes(pickle.dumps(Evil(tmp_path / "ran")))
    with pytest.raises(ValueError, match=f"{name} .*{words}"):
        xt.load_model(tmp_path / name)
    assert not (tmp_path / "ran").exists()


def test_what_is_no_model_gets_a_sentence(tmp_path):
    (tmp_path / "saved").mkdir()
    (tmp_path / "saved" / "saved_model.pb").touch()
    (tmp_path / "photo.jpg").touch()
    (tmp_path / "plain").touch()
    cases = [
        (tmp_path / "missing.h5", FileNotFoundError, "There is no '.*missing.h5'"),
        ("https://somewhere.org/model.h5", ValueError, "is an address; download the file"),
        (7, TypeError, "Given a int"),
        ("a\0b", FileNotFoundError, "There is no"),
        ("x" * 5000, FileNotFoundError, "There is no"),
        (tmp_path / "saved", ValueError, "is a SavedModel, which can't be explained here"),
        (tmp_path / "photo.jpg", ValueError, "ends in .jpg; want a Teachable Machine folder"),
        (tmp_path / "plain", ValueError, "ends in nothing; want"),
    ]
    for path, kind, words in cases:
        with pytest.raises(kind, match=words) as error:
            xt.load_model(path)
        assert "\n" not in str(error.value)


def test_a_keras_file_is_read_whatever_its_ending_says(tmp_path):
    model = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Flatten(), keras.layers.Dense(2)])
    model.save(tmp_path / "model.keras")
    (tmp_path / "model.keras").rename(tmp_path / "model.h5")
    image = np.ones((8, 8, 3), np.float32)
    np.testing.assert_allclose(
        xt.load_model(tmp_path / "model.h5").scores(image), model(image[None])[0], rtol=1e-5
    )
