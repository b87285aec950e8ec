"""What can't be answered is refused in one sentence, in both frameworks, before anything wrong comes out."""

import keras
import numpy as np
import pytest
from known import build, linear
from numpy.testing import assert_allclose
from torch import nn
from torch_glass import Module

import xaiteach as xt

IMAGES = np.random.default_rng(1).random((4, 6, 5, 1)).astype(np.float32)


@pytest.fixture
def classifier(framework):
    return xt.wrap(build(framework, ["relu", "flatten", (np.ones((30, 3)), np.zeros(3))], (6, 5, 1)))


QUESTIONS = ["predict", "scores", "gradient", "activations"]


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize(
    ("images", "words"),
    [
        (IMAGES * 255, "want 0 to 1. Divide by 255"),
        (np.moveaxis(IMAGES, -1, 1), "channels first"),
        (IMAGES[..., 0], "4 images without channels|channels first"),
        (IMAGES * np.nan, "NaN"),
        (IMAGES[:, :4], "6×5×1|could not be run"),
        (IMAGES.repeat(3, axis=-1), "turn them grey|could not be run"),
    ],
)
def test_images_that_are_none_are_refused_by_each_question(classifier, question, images, words):
    with pytest.raises(ValueError, match=words):
        getattr(classifier, question)(images)


@pytest.mark.parametrize(
    ("targets", "words"),
    [
        (3, "Class 3 is out of range; this model has 3 classes, 0 to 2"),
        (-1, "Class -1 is out of range"),
        ([0, 1, 2, 3], "Class 3 is out of range"),
        (1.0, "target 1.0 is not a class number"),
        (True, "target True is not a class number"),
        ([None] * 4, "target None is not a class number"),
        (np.eye(4, 3, dtype=int), "is not a class number"),
        ([0, 1], r"2 targets for 4 image\(s\)"),
        ([], r"0 targets for 4 image\(s\)"),
        ("cat", "target 'cat' is not known; want a class"),
        ((0, 1, 2), "A tuple of 3 targets; want a pair"),
        (((0, 1), 2), "not a class number"),
        (np.ones((4, 1, 2)), r"Weights of shape \(4, 1, 2\); want \(N, T, K\) with N = 4 and K = 3"),
    ],
)
def test_a_target_that_is_no_class_is_refused(classifier, targets, words):
    with pytest.raises(ValueError, match=words):
        classifier.gradient(IMAGES, targets)
    with pytest.raises(ValueError, match=words):
        classifier.activations(IMAGES, 0, targets)


def test_a_batch_of_nothing_and_a_wrong_number_of_class_names_are_refused(classifier):
    for question in (classifier.predict, classifier.gradient):
        with pytest.raises(ValueError, match="batch_size is 0; want at least 1"):
            question(IMAGES, batch_size=0)
    for names in ("ab", "abcd"):
        with pytest.raises(ValueError, match=f"{len(names)} class names for a model with 3 classes"):
            xt.wrap(classifier.model, class_names=list(names)).predict(IMAGES)
    lone = xt.wrap(lambda images: images.mean(axis=(1, 2)), class_names=["cat", "dog"])
    with pytest.raises(ValueError, match="2 class names for a model with 1 classes. It gives one prob"):
        lone.predict(IMAGES)


def test_a_size_that_the_model_can_t_take_is_told_with_the_model_s_reason(framework):
    model = build(framework, ["flatten", (np.ones((30, 3)), np.zeros(3))], (6, 5, 1))
    if framework == "keras":
        model = keras.Sequential(model.layers)  # which tells no shape
    classifier = xt.wrap(model, input_shape=(None, None, 1))
    classifier.predict(IMAGES)
    reason = {"keras": "to have value 30", "torch": "mat1 and mat2"}[framework]
    words = rf"not be run on an image of shape \(4, 5, 1\).*it said: .*{reason}"
    with pytest.raises(ValueError, match=words) as error:
        classifier.gradient(IMAGES[:, :4], 0)
    assert "\n" not in str(error.value) and "\x1b" not in str(error.value)


def torch_model(call):
    return Module(lambda _, x: call(x), relu=nn.ReLU())


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("shape", [(4, 12, 5, 1), (4, 3, 5, 1)])
def test_images_are_not_cut_up_or_joined_by_a_model_that_reshapes_too_freely(question, shape):
    """A common slip: view(-1, 30) makes two rows of one large image, and one row of two small ones."""
    flat = keras.Sequential([keras.Input((30,)), keras.layers.Dense(3)])
    rows = Module(lambda m, x: m.linear(x.reshape(-1, 30)), linear=nn.Linear(30, 3))
    for classifier in (xt.wrap(rows), xt.wrap(flat)):
        classifier.predict(IMAGES)
        with pytest.raises(ValueError, match="could not be run|For 1 image"):
            getattr(classifier, question)(np.full(shape, 0.5))


def test_a_model_with_several_outputs_or_inputs_is_refused():
    inputs = [keras.Input((6, 5, 1)), keras.Input((2,))]
    flat = keras.layers.Flatten()(inputs[0])
    two = torch_model(lambda x: (x.flatten(1), x.flatten(1)))
    for model in (two, keras.Model(inputs[0], [flat, flat]), keras.Model(inputs[0], {"a": flat})):
        with pytest.raises(ValueError, match=r"gives a (tuple|list|dict) of .*; want one tensor \(N, K\)"):
            xt.wrap(model).predict(IMAGES)
    both = keras.layers.Concatenate()([flat, inputs[1]])
    with pytest.raises(TypeError, match=r"takes several inputs .*wrap\(model, inputs=lambda images: \["):
        xt.wrap(keras.Model(inputs, both))


@pytest.mark.parametrize("thing", ["cnn.keras", None, 3, IMAGES, nn.Linear, keras.Sequential])
def test_what_is_no_model_is_refused(thing):
    with pytest.raises(TypeError, match="want a Keras model, a torch.nn.Module, or a function"):
        xt.wrap(thing)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"outputs": "logits"}, 'outputs=\'logits\'; want "scores", "probabilities"'),
        ({"preprocess": (0.5,)}, r"want a function, or a pair \(mean, deviation\)"),
        ({"preprocess": 0.5}, "preprocess=0.5; want a function"),
        ({"input_shape": (1, 6, 5)}, "channels last"),
        ({"class_names": "ab"}, "want a list in the order of the classes"),
    ],
)
def test_an_option_that_makes_no_sense_is_refused_at_once(framework, options, words):
    with pytest.raises(ValueError, match=words):
        xt.wrap(linear(framework, np.ones((6, 5, 1, 3))), **options)


def test_a_keras_model_with_channels_first_is_refused_or_fed_through_preprocess():
    model = keras.Sequential([keras.Input((1, 6, 5)), keras.layers.Flatten(), keras.layers.Dense(3)])
    with pytest.raises(ValueError, match="move the axis in preprocess="):
        xt.wrap(model)
    turn = lambda x: keras.ops.transpose(x, (0, 3, 1, 2))  # noqa: E731
    assert xt.wrap(model, preprocess=turn, input_shape=(6, 5, 1)).gradient(IMAGES, 0).shape == IMAGES.shape


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_model_that_gives_no_numbers_is_refused(question):
    with pytest.raises(ValueError, match="The model gave NaN or infinite values"):
        getattr(xt.wrap(torch_model(lambda x: x.flatten(1) * np.inf)), question)(IMAGES)


def test_scores_of_a_model_that_hides_its_softmax_are_refused_with_what_to_do():
    """Written out, so that no softmax is seen."""
    classifier = xt.wrap(torch_model(lambda x: x.flatten(1).exp() / x.flatten(1).exp().sum(1, keepdim=True)))
    assert_allclose(classifier.predict(IMAGES).sum(axis=1), 1, atol=1e-6)
    for ask in (classifier.scores, classifier.gradient, lambda x: classifier.gradient(x, 0)):
        with pytest.raises(TypeError, match="can't be had. Wrap the model without it"):
            ask(IMAGES)
