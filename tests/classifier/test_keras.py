"""Keras models of every build and with every head: answers are those on paper, models stay untouched."""

import random

import glass
import keras
import keras_glass
import numpy as np
import pytest
import tensorflow as tf
from glass import GRADIENTS, IMAGES, SCORES, assert_seen_through
from numpy.testing import assert_allclose

import xaiteach as xt


@pytest.mark.filterwarnings("ignore:Do not pass an `input_shape`")
@pytest.mark.parametrize("build", keras_glass.BUILDS.values(), ids=keras_glass.BUILDS)
def test_a_model_of_any_build_answers_the_three_questions(build):
    assert_seen_through(xt.wrap(build()))


@pytest.mark.parametrize(("head", "build"), keras_glass.HEADS.values(), ids=keras_glass.HEADS)
def test_a_final_squash_is_looked_through(head, build):
    assert_seen_through(xt.wrap(build()), head=head)


@pytest.mark.parametrize(("policy", "atol"), [("mixed_float16", 2e-2), ("float16", 2e-2), ("float64", 1e-5)])
@pytest.mark.parametrize("head", ["Softmax layer", "softmax in float32", "no head"])
def test_half_and_double_precision_are_answered_in_single(policy, atol, head):
    keras.config.set_dtype_policy(policy)
    try:
        model = keras_glass.HEADS[head][1]()
    finally:
        keras.config.set_dtype_policy("float32")
    classifier = xt.wrap(model)
    assert_seen_through(classifier, atol=atol)
    answers = classifier.predict(IMAGES), *classifier.activations(IMAGES, None, 0)
    assert {answer.dtype for answer in answers} == {np.dtype("f4")}


def test_outputs_said_to_be_scores_are_not_looked_through():
    classifier = xt.wrap(keras_glass.sequential(activation="sigmoid"), outputs="scores")
    p = glass.expit(SCORES)
    assert_allclose(classifier.scores(IMAGES), p, atol=1e-6)
    assert_allclose(classifier.predict(IMAGES), glass.softmax(p, axis=1), atol=1e-6)
    slope = (p * (1 - p))[:, :1, None, None]
    assert_allclose(classifier.gradient(IMAGES, 0), slope * GRADIENTS[:, 0], atol=1e-6)


def test_a_picture_of_another_size_may_be_resized_on_its_way_to_the_model():
    """Each value of the model's picture is the mean of four: the gradient of the large one is w / 4."""
    pool = lambda x: tf.nn.avg_pool2d(x, 2, 2, "VALID")  # noqa: E731
    classifier = xt.wrap(keras_glass.sequential(), preprocess=pool, input_shape=(8, 10, 1))
    large = IMAGES.repeat(2, axis=1).repeat(2, axis=2)
    assert_allclose(classifier.scores(large), SCORES, atol=1e-5)
    expected = GRADIENTS.repeat(2, axis=2).repeat(2, axis=3) / 4
    assert_allclose(classifier.gradient(large, "all"), expected, atol=1e-6)


@pytest.mark.parametrize(
    ("side", "shape"), [((28, 28, 3), (28, 28, 3)), ((28, 28), (28, 28, 1)), ((784,), None)]
)
def test_the_shape_that_a_model_wants_is_known(side, shape):
    assert xt.wrap(keras.Sequential([keras.Input(side), keras.layers.Flatten()])).input_shape == shape


def test_a_model_of_flat_rows_takes_pictures_in_colour():
    weights = np.arange(24, dtype=np.float32).reshape(12, 2)
    model = keras.Sequential([keras.Input((12,)), keras.layers.Dense(2)])
    model.set_weights([weights, np.zeros(2)])
    image = np.random.default_rng(0).random((2, 2, 3))
    assert_allclose(xt.wrap(model).scores(image), image.ravel() @ weights, rtol=1e-5)


def test_a_layer_called_in_a_loop_of_the_graph_is_no_layer_that_can_be_looked_into():
    """Its ReLU is called image by image."""
    classifier = xt.wrap(keras_glass.InLoop())
    assert_seen_through(classifier)
    assert [name.split("_")[0] for name in classifier.layers] == ["conv2d", "flatten", "dense"]


def test_each_size_of_picture_has_a_graph_of_its_own():
    """The mean colour, times the height that is known when the graph is made."""
    times_height = keras.layers.Lambda(lambda x: tf.reduce_mean(x, axis=(1, 2)) * x.shape[1])
    classifier = xt.wrap(keras.Sequential([times_height]), outputs="scores")
    for height in (4, 6):
        assert_allclose(classifier.scores(np.full((height, 5, 2), 0.5)), [height / 2] * 2)


def ask_everything(model):
    classifier = xt.wrap(model)
    classifier.predict(IMAGES), classifier.scores(IMAGES), classifier.gradient(IMAGES), classifier.layers
    classifier.activations(IMAGES), classifier.activations(IMAGES, None, 0)


def test_nothing_is_left_behind():
    model, call = keras_glass.noisy(), keras.Layer.__call__
    weights = [w.copy() for w in model.get_weights()]
    states = np.random.get_state()[1].copy(), random.getstate()
    generator = tf.random.get_global_generator().state.numpy()
    ask_everything(model)
    assert all((a == b).all() for a, b in zip(weights, model.get_weights(), strict=True)) and model.trainable
    assert (np.random.get_state()[1] == states[0]).all() and random.getstate() == states[1]
    assert (tf.random.get_global_generator().state.numpy() == generator).all()
    with pytest.raises(ValueError, match="could not be run"):
        ask_everything(keras.Sequential([keras.layers.Flatten(), keras.layers.Reshape((7,))]))
    assert keras.Layer.__call__ is call


@pytest.mark.parametrize("eager", [True, False])
def test_the_caller_s_functions_stay_eager_or_not(eager):
    tf.config.run_functions_eagerly(eager)
    try:
        assert_seen_through(xt.wrap(keras_glass.Compiled()))
        assert tf.config.functions_run_eagerly() is eager
    finally:
        tf.config.run_functions_eagerly(False)
