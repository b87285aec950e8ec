"""Kinds of Keras models that people have: the right map, or a sentence that says what to write."""

import warnings

import keras
import keras_by_hand
import numpy as np
import pytest
import tensorflow as tf
from keras import layers
from numpy.testing import assert_allclose
from scipy.special import expit, softmax

import xaiteach as xt

SIDE = 32
IMAGE = np.random.default_rng(0).random((SIDE, SIDE, 3), np.float32)


@pytest.fixture(autouse=True)
def seeded():
    keras.utils.set_random_seed(0)


def of(connect, *, shape=(SIDE, SIDE, 3), **options):
    inputs = keras.Input(shape, **options)
    return keras.Model(inputs, connect(inputs))


def head(x, units=3, activation=None):
    return layers.Dense(units, activation)(layers.GlobalAveragePooling2D()(x))


# Attention


class ClassToken(layers.Layer):
    """One learnt token in front of the others."""

    def build(self, shape):
        self.token = self.add_weight(shape=(1, 1, shape[-1]), initializer="random_normal")

    def call(self, x):
        return tf.concat([tf.repeat(self.token, tf.shape(x)[0], axis=0), x], axis=1)


def transformer(x, blocks, aside):
    x = layers.Conv2D(16, 4, strides=4)(x)
    x = layers.Reshape((64, 16), name="patches")(x)
    x = ClassToken()(x) if aside else x
    for i in range(blocks):
        normal = layers.LayerNormalization()(x)
        x = layers.Add()([x, layers.MultiHeadAttention(2, 8)(normal, normal)])
        normal = layers.LayerNormalization()(x)
        x = layers.Add(name=f"block_{i}")([x, layers.Dense(16, "gelu")(normal)])
    return layers.Dense(3)(x[:, 0] if aside else layers.GlobalAveragePooling1D()(x))


@pytest.mark.parametrize(
    ("blocks", "aside", "layer"),
    [(1, 0, "block_0"), (2, 0, "block_1"), (1, 1, None), (3, 1, None)],
)
def test_tokens_of_a_transformer_are_a_grid_without_the_class_token(blocks, aside, layer):
    """Only the class token of the last block is read: the layer taken is one whose places still matter."""
    model = of(lambda x: transformer(x, blocks, aside))
    classifier = xt.wrap(model)
    found = classifier.find_layer(IMAGE[None], None).name
    assert layer in (None, found) and found not in ("query", "key", "value", "attention_output")

    def tokens(x):
        return tf.reshape(x[:, aside:] if x.shape[1] > 64 else x, (-1, 8, 8, 16))

    expected = keras_by_hand.grad_cam(model, IMAGE, found, 1, tokens=tokens, relu=False)
    got = xt.grad_cam(classifier, IMAGE, 1, resize=False, relu=False)
    assert np.abs(expected).max() > 1e-5
    assert_allclose(got, expected, atol=1e-4 * np.abs(expected).max())


@pytest.mark.parametrize("times", [1, 2])
def test_layers_inside_of_attention_are_none(times):
    def connect(x):
        x = layers.Reshape((64, 16))(layers.Conv2D(16, 3, strides=4, padding="same")(x))
        for _ in range(times):
            x = layers.MultiHeadAttention(2, 8)(x, x)
        return layers.Dense(3, "softmax")(layers.GlobalAveragePooling1D()(x))

    model = of(connect)
    assert xt.grad_cam(model, IMAGE, 1, resize=False).shape == (8, 8)
    layer = xt.explain(model, IMAGE, "grad_cam", 1, progress=False).options["grad_cam"]["layer"]
    assert layer.startswith(("reshape", "multi_head_attention"))


class Mixer(layers.Layer):
    """Attention under another name, whose parts are layers with names that tell nothing."""

    def __init__(self, as_layer):
        super().__init__()
        self.parts = [layers.Dense(16) for _ in range(3)]
        self.softmax = layers.Softmax() if as_layer else tf.nn.softmax

    def call(self, x):
        first, second, third = (part(x) for part in self.parts)
        return tf.matmul(self.softmax(tf.matmul(first, second, transpose_b=True) / 4), third)


@pytest.mark.parametrize("as_layer", [True, False])
def test_attention_is_known_by_its_softmax_over_a_table_of_places(as_layer):
    def connect(x):
        x = ClassToken()(layers.Reshape((64, 16))(layers.Conv2D(16, 4, strides=4)(x)))
        for i in range(2):
            x = x + Mixer(as_layer)(layers.LayerNormalization(name=f"normal_{i}")(x))
        return layers.Dense(3)(x[:, 0])

    classifier = xt.wrap(of(connect))
    assert classifier.find_layer(IMAGE[None], None).name == "normal_1"
    inside = [call.layer for call in classifier.layer_calls(IMAGE[None]) if call.inside]
    parts = [part for layer in classifier.model.layers if isinstance(layer, Mixer) for part in layer.parts]
    assert set(map(id, parts)) <= set(map(id, inside))
    assert not any(isinstance(layer, Mixer) for layer in inside)


def test_a_layer_of_which_a_branch_is_left_out_is_not_taken_where_one_has_all():
    """As InceptionV3 of small pictures, whose last layer of more than one place is one branch of three."""
    classifier = xt.wrap(of(branching))
    assert classifier.find_layer(IMAGE[None], None).name == "whole"


def branching(x):
    x = layers.Conv2D(4, 3, strides=4, name="whole")(x)
    before = layers.Conv2D(4, 1, name="branch")(x)
    branches = [layers.GlobalMaxPooling2D()(before), layers.GlobalAveragePooling2D()(x)]
    return layers.Dense(3)(layers.Concatenate()(branches))


@pytest.mark.filterwarnings("error:The score does not come through")
def test_a_step_that_reads_the_size_of_the_picture_is_no_way_past_a_layer():
    def connect(x):
        maps = layers.Conv2D(4, 4, strides=4, name="whole")(x)
        rows = layers.Lambda(lambda both: tf.reshape(both[0], (tf.shape(both[1])[0], 256)))([maps, x])
        return layers.Dense(3)(rows)

    assert xt.wrap(of(connect)).find_layer(IMAGE[None], None).name == "whole"


# Scaling inside of the model

SCALING = {
    "Rescaling": layers.Rescaling(1 / 255),
    "Rescaling to [-1, 1]": layers.Rescaling(1 / 127.5, offset=-1),
    "Rescaling, a number a channel": layers.Rescaling([1 / 255] * 3),
    "Rescaling, turned": layers.Rescaling(-1 / 255),
    "nested twice": keras.Sequential([keras.Sequential([layers.Rescaling(1 / 255)])]),
    "Normalization": layers.Normalization(mean=[120.0] * 3, variance=[3600.0] * 3),
    "mobilenet": keras.applications.mobilenet_v2.preprocess_input,
    "caffe": keras.applications.resnet50.preprocess_input,
    "torch": keras.applications.densenet.preprocess_input,
    "Lambda": layers.Lambda(lambda x: x / 255),
    "x / 255": lambda x: x / 255,
}


@pytest.mark.parametrize("scale", SCALING.values(), ids=list(SCALING))
def test_a_model_that_scales_pictures_itself_is_given_values_up_to_255(scale):
    model = of(lambda x: head(layers.Conv2D(4, 3)(scale(x))))
    with pytest.warns(UserWarning, match="given values up to 255. If that is wrong, say preprocess="):
        got = xt.wrap(model).scores(IMAGE)
    assert_allclose(got, model(255 * IMAGE[None])[0], rtol=1e-4, atol=1e-5)


@pytest.mark.filterwarnings("error:This model scales")
@pytest.mark.parametrize("scale", [layers.Rescaling(2, -1), layers.Rescaling(-1, 1), layers.Identity()])
def test_a_model_that_wants_values_up_to_1_is_given_such_without_a_word(scale):
    model = of(lambda x: head(layers.Conv2D(4, 3)(scale(x))))
    assert_allclose(xt.wrap(model).scores(IMAGE), model(IMAGE[None])[0], rtol=1e-4, atol=1e-5)


@pytest.mark.filterwarnings("error:This model scales")
def test_what_is_said_of_the_preprocessing_holds():
    model = of(lambda x: head(layers.Conv2D(4, 3)(layers.Rescaling(1 / 255)(x))))
    for options, factor in (({"preprocess": lambda x: x}, 1), ({"value_range": (0, 255)}, 255)):
        got = xt.wrap(model, **options).scores(factor * IMAGE)
        assert_allclose(got, model(factor * IMAGE[None])[0], rtol=1e-4, atol=1e-5)


# Convolutions in groups


@pytest.mark.parametrize("groups", [2, 4, 8])
def test_a_convolution_in_groups_has_its_map_and_its_gradient(groups):
    grouped = {"groups": groups, "padding": "same", "activation": "relu", "name": "grouped"}
    model = of(lambda x: head(layers.Conv2D(8, 3, **grouped)(layers.Conv2D(8, 3)(x))))
    expected = keras_by_hand.grad_cam(model, IMAGE, "grouped", 1)
    assert_allclose(xt.grad_cam(model, IMAGE, 1, resize=False), expected, atol=1e-5 * expected.max())
    x = tf.constant(IMAGE[None])
    with tf.GradientTape() as tape:
        tape.watch(x)
        score = model(x)[0, 1]
    assert_allclose(xt.wrap(model).gradient(IMAGE, 1), tape.gradient(score, x)[0], atol=1e-7)


# Ends of models


def heads(x):
    pooled = layers.GlobalAveragePooling2D()(layers.Conv2D(4, 3)(x))
    biases = [keras.initializers.Constant(bias) for bias in (3, 2, -3)]
    ends = [layers.Dense(1, "sigmoid", bias_initializer=bias)(pooled) for bias in biases]
    return layers.Concatenate()(ends)


ENDS = {
    "sigmoids side by side": (heads, expit),
    "softmax, Reshape": (lambda x: layers.Reshape((5,))(layers.Softmax()(head(x, 5))), softmax),
    "softmax, Flatten": (
        lambda x: layers.Flatten()(layers.Softmax()(layers.Reshape((1, 5))(head(x, 5)))),
        softmax,
    ),
    "Flatten, Flatten": (lambda x: layers.Flatten()(layers.Flatten()(head(x, 5, "softmax"))), softmax),
    "convolution, softmax, Flatten": (
        lambda x: layers.Flatten()(layers.Conv2D(4, SIDE, activation="softmax")(x)),
        softmax,
    ),
}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(("connect", "squash"), ENDS.values(), ids=list(ENDS))
def test_a_squash_is_looked_through_behind_what_only_moves_values(connect, squash):
    model = of(connect)
    classifier = xt.wrap(model)
    assert_allclose(classifier.predict(IMAGE), model(IMAGE[None])[0], atol=1e-6)
    assert_allclose(squash(classifier.scores(IMAGE)), model(IMAGE[None])[0], atol=1e-6)
    assert abs(classifier.scores(IMAGE).sum() - 1) > 1e-3


def test_a_softmax_over_a_single_output_is_told():
    with pytest.raises(ValueError, match="A softmax over a single output is always 1"):
        xt.wrap(of(lambda x: head(x, 1, "softmax"))).predict(IMAGE)


# Inputs and outputs of more kinds


def with_table(named):
    image, table = keras.Input((SIDE, SIDE, 3), name="image"), keras.Input((2,), name="table")
    pooled = layers.GlobalAveragePooling2D()(layers.Conv2D(4, 3, name="conv")(image))
    scores = layers.Dense(3)(layers.Concatenate()([pooled, table]))
    return keras.Model({"image": image, "table": table} if named else [image, table], scores)


@pytest.mark.parametrize("named", [False, True])
def test_a_second_input_is_given_by_inputs_and_asked_for_where_it_is_missing(named):
    model = with_table(named)
    with pytest.raises(TypeError, match=r"several inputs .*inputs=lambda images: \[images, other\]"):
        xt.wrap(model)

    def inputs(images):
        table = tf.repeat([[1.0, 2.0]], tf.shape(images)[0], axis=0)
        return {"image": images, "table": table} if named else [images, table]

    classifier = xt.wrap(model, inputs=inputs)
    expected = model(inputs(tf.constant(IMAGE[None])))[0]
    assert_allclose(classifier.scores(IMAGE), expected, atol=1e-6)
    x = tf.constant(IMAGE[None])
    with tf.GradientTape() as tape:
        tape.watch(x)
        score = model(inputs(x))[0, 1]
    assert_allclose(classifier.gradient(IMAGE, 1), tape.gradient(score, x)[0], atol=1e-6)
    assert classifier.find_layer(IMAGE[None], None).name == "conv"


@pytest.mark.parametrize("names", [["a"], ["a", "b"]])
def test_of_a_dictionary_the_entry_that_is_said_is_explained(names):
    model = of(lambda x: {name: head(x, 2) for name in names})
    with pytest.raises(ValueError, match=r'a dict of a.*want one tensor.*lambda out: out\["a"\]'):
        xt.wrap(model).predict(IMAGE)
    last = names[-1]
    got = xt.wrap(model, outputs=lambda out: out[last]).scores(IMAGE)
    assert_allclose(got, model(IMAGE[None])[last][0], atol=1e-6)


def test_a_film_is_no_image():
    inputs = keras.Input((4, SIDE, SIDE, 3))
    scores = layers.Dense(2)(layers.GlobalAveragePooling3D()(layers.Conv3D(2, 3)(inputs)))
    with pytest.raises((TypeError, ValueError), match=r"wants \(4, 32, 32, 3\).*inputs=lambda images"):
        xt.wrap(keras.Model(inputs, scores))


@pytest.mark.parametrize(
    "options", [{"dtype": "uint8"}, {"batch_size": 1}, {"batch_size": 1, "dtype": "uint8"}]
)
def test_whole_numbers_and_batches_of_one_are_asked_with_gradients(options):
    def connect(x):
        return head(layers.Conv2D(4, 3, activation="relu", name="conv")(layers.Rescaling(1 / 255)(x)))

    model, plain = of(connect, **options), of(connect)
    plain.set_weights(model.get_weights())
    with warnings.catch_warnings(action="ignore"):
        classifier = xt.wrap(model)
        pictures = np.stack([IMAGE, IMAGE[::-1]])
        maps = xt.grad_cam(classifier, pictures, 1, resize=False)
    expected = keras_by_hand.grad_cam(plain, 255 * IMAGE, plain.operations[2].name, 1)
    assert_allclose(maps[0], expected, atol=0.02 * expected.max())


def test_a_model_of_keras_2_is_refused_by_name():
    old = type("Sequential", (), {"__module__": "tf_keras.src.engine.sequential", "__call__": lambda *_: 0})
    with pytest.raises(TypeError, match=r"of Keras 2 \(tf_keras\).*xt.load_model\('model.h5'\)"):
        xt.wrap(old())


class Own(keras.Model):
    """Has weights of its own, beside its layers, and divides."""

    def __init__(self, white):
        super().__init__()
        self.white, self.conv, self.scores = white, layers.Conv2D(8, 4, 4), layers.Dense(3)
        self.own = self.add_weight(shape=(1, 8))

    def call(self, x):
        return self.scores(tf.reduce_mean(self.conv(x / self.white), (1, 2)) + self.own)


@pytest.mark.parametrize("white", [255, 65535, 4095, 16])
def test_a_model_with_weights_of_its_own_that_scales_is_given_as_large_values_as_it_wants(white):
    model = Own(white)
    model(IMAGE[None])
    with pytest.warns(UserWarning, match=f"given values up to {white}. If"):
        got = xt.wrap(model).scores(IMAGE)
    assert_allclose(got, model(white * IMAGE[None])[0], rtol=1e-4, atol=1e-5)


def test_what_a_compiled_graph_holds_of_a_layer_is_looked_at_again():
    model = of(lambda x: head(layers.LeakyReLU(name="leaky")(layers.Conv2D(4, 3)(x))))
    classifier = xt.wrap(model)
    classifier.scores(IMAGE)
    model.get_layer("leaky").negative_slope = 1.0
    assert_allclose(classifier.scores(IMAGE), xt.wrap(model).scores(IMAGE), atol=1e-6)


class Arguments(keras.Model):
    def __init__(self):
        super().__init__()
        self.conv, self.scores = layers.Conv2D(4, 3), layers.Dense(3)

    def call(self, image, table):
        return self.scores(tf.concat([tf.reduce_mean(self.conv(image), (1, 2)), table], 1))


def test_several_arguments_of_one_s_own_model_are_given_as_a_tuple_or_by_name():
    def table(images):
        return tf.ones((tf.shape(images)[0], 2))

    model = Arguments()
    expected = model(IMAGE[None], table(IMAGE[None]))[0]
    for inputs in (lambda x: (x, table(x)), lambda x: {"table": table(x), "image": x}):
        assert_allclose(xt.wrap(model, inputs=inputs).scores(IMAGE), expected, atol=1e-6)


def test_a_model_that_was_trained_on_values_up_to_255_is_asked_for():
    """Nothing in it divides: its weights are small, and its biases are not."""
    model = of(lambda x: head(layers.Conv2D(4, 3)(x)))
    kernel, bias, matrix, _ = model.get_weights()
    size = np.abs(model(IMAGE[None])).max()
    model.set_weights([kernel / 255, bias, matrix, size * np.array([0, 0.2, 0.4])])
    with pytest.warns(UserWarning, match=r"say wrap\(model, preprocess=lambda x: 255 \* x\)"):
        xt.wrap(model).predict(IMAGE)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        xt.wrap(model, preprocess=lambda x: 255 * x).predict(IMAGE)
        xt.wrap(of(lambda x: head(layers.Conv2D(4, 3)(x)))).predict(IMAGE)
