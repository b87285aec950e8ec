"""What all classifiers share: the answers of model A, targets of every kind, batches, names."""

import keras
import numpy as np
import pytest
import torch
from known import build, image_a, linear, model_a, smooth
from numpy.testing import assert_allclose, assert_array_equal
from scipy.special import softmax
from torch import nn
from torch_glass import Module

import xaiteach as xt
from xaiteach.classifier.wrap import as_classifier

WEIGHTS = np.random.default_rng(0).normal(size=(3, 4, 2, 5)).astype(np.float32)
ROWS = np.moveaxis(WEIGHTS, -1, 0)
FREE = np.random.default_rng(2).normal(size=(3, 2, 5))
IMAGES = np.random.default_rng(1).random((7, 3, 4, 2)).astype(np.float32)


@pytest.fixture
def a(framework):
    return xt.wrap(model_a(framework), value_range=None)


@pytest.fixture
def five(framework):
    """Five linear classes: the gradient of each is its weights, whatever the image."""
    return xt.wrap(linear(framework, WEIGHTS))


def test_model_a_answers_as_on_paper(a):
    """Windows sum to 45 54; 81 90, less 50 and 75, then a ReLU; the linear layer's row is their gradient."""
    assert_allclose(a.scores(image_a()), [54, -54], atol=1e-4)
    assert_allclose(a.predict(image_a()), [1, 0], atol=1e-6)
    maps, gradient = a.activations(image_a(), None, "all")
    row = np.array([[[1, 1], [1, -1]], [[1, -1], [1, -1]]])
    assert_allclose(maps, np.stack([[[0, 4], [31, 40]], [[0, 0], [6, 15]]], axis=-1), atol=1e-4)
    assert_allclose(gradient, [row, -row], atol=1e-6)
    assert_allclose(a.activations(image_a(), 0)[0, 0], [-5, -30], atol=1e-4)


@pytest.mark.parametrize("target", [2, np.int64(2), np.array(2), np.uint8(2), [2] * 7, np.full(7, 2)])
def test_a_class_is_a_class_in_whatever_integer_it_comes(five, target):
    assert_allclose(five.gradient(IMAGES, target), [ROWS[2]] * 7, atol=1e-6)


@pytest.mark.parametrize(
    ("targets", "expected"),
    [
        ([4, 0, 3], ROWS[[4, 0, 3]]),
        ((4, 1), [ROWS[4] - ROWS[1]] * 3),
        ((2, 2), [0 * ROWS[2]] * 3),
        ([(4, 1), (np.int64(0), 3), 2], [ROWS[4] - ROWS[1], ROWS[0] - ROWS[3], ROWS[2]]),
        ("all", [ROWS] * 3),
        (FREE, np.einsum("khwc,ntk->nthwc", ROWS, FREE)),
        (None, ROWS[(IMAGES[:3].reshape(3, -1) @ WEIGHTS.reshape(-1, 5)).argmax(axis=1)]),
    ],
    ids=[
        "one class an image",
        "a pair",
        "a class less itself",
        "pairs and classes",
        "all",
        "weights",
        "none",
    ],
)
def test_each_image_gets_the_gradient_of_its_target(five, targets, expected):
    assert_allclose(five.gradient(IMAGES[:3], targets), expected, atol=1e-5)


def test_no_target_is_the_highest_score_also_where_probabilities_are_rounded_to_one():
    """sigmoid(20) and sigmoid(30) are both 1 in single precision; the score 30 is the higher one."""
    model = nn.Sequential(linear("torch", np.zeros((3, 4, 2, 3)), [20, 30, 0]), nn.Sigmoid())
    weights, _ = xt.wrap(model).target_weights(IMAGES, None)
    assert_array_equal(weights[0], [[0, 1, 0]])


def test_one_image_in_one_answer_out_in_single_precision_and_images_stay(five):
    images = IMAGES.copy()
    assert_allclose(five.predict(images), softmax(five.scores(images), axis=1), atol=1e-6)
    assert_allclose(five.predict(images[3]), five.predict(images)[3], atol=1e-6)
    answers = [five.predict(images[3]), five.scores(images[3]), five.gradient(images[3], 0)]
    assert [answer.shape for answer in answers] == [(5,), (5,), (3, 4, 2)]
    assert {answer.dtype for answer in answers} == {np.dtype(np.float32)}
    assert five.gradient(images[3], [0]).shape == (3, 4, 2)
    assert five.gradient(images[3], "all").shape == (5, 3, 4, 2)
    assert five.n_classes == 5
    assert_array_equal(images, IMAGES)


@pytest.mark.parametrize("size", [1, 3])
def test_the_size_of_a_batch_changes_nothing(framework, size):
    classifier = xt.wrap(smooth(framework))
    images = np.random.default_rng(0).random((7, 8, 8, 2)).astype(np.float32)
    targets = [2, 0, 3, (3, 1), 1, 2, 0]

    def answers(size):
        yield classifier.predict(images, batch_size=size)
        yield classifier.scores(images, batch_size=size)
        yield classifier.gradient(images, "all", batch_size=size)
        yield from classifier.activations(images, None, targets, batch_size=size)

    for small, large in zip(answers(size), answers(64), strict=True):
        assert_allclose(small, large, atol=1e-4)


def test_a_lone_score_is_made_a_probability_by_the_sigmoid(framework):
    classifier = xt.wrap(linear(framework, np.ones((2, 2, 1, 1)), [-1.0]))
    grey = np.full((2, 2, 1), 0.5)
    assert_allclose(classifier.predict(grey), [1 / (1 + np.exp(-1))], atol=1e-6)
    assert_allclose(classifier.scores(grey), [1], atol=1e-6)


def test_a_bare_model_is_wrapped_once_and_a_wrapped_one_stays_itself_with_its_names(framework):
    model = linear(framework, WEIGHTS)
    assert as_classifier(model) is as_classifier(model)
    wrapped = xt.wrap(model, class_names=range(5), input_shape=[3, 4, 2])
    assert as_classifier(wrapped) is wrapped and wrapped.model is model
    assert wrapped.class_names == list("01234") and wrapped.input_shape == (3, 4, 2)


@pytest.mark.parametrize(("mean", "deviation"), [([0.1, 0.2], [0.5, 2.0]), (0.2, 0.5)])
def test_the_gradient_is_of_the_picture_before_it_was_standardised(framework, mean, deviation):
    """A linear model behind (x − mean) / deviation: the gradient is w / deviation, channel by channel."""
    classifier = xt.wrap(linear(framework, WEIGHTS), preprocess=(mean, deviation))
    seen = (IMAGES - np.float32(mean)) / np.float32(deviation)
    assert_allclose(classifier.scores(IMAGES), np.einsum("nhwc,hwck->nk", seen, WEIGHTS), atol=1e-4)
    assert_allclose(classifier.gradient(IMAGES[0], "all"), ROWS / np.float32(deviation), atol=1e-5)


def test_a_bare_model_that_lost_a_layer_is_not_taken_for_what_it_was(framework):
    """Without its last layer, a doubling, the model has half the gradient."""
    twice = (np.eye(5) * 2, np.zeros(5))
    model = build(framework, [(WEIGHTS, np.zeros(5)), "flatten", twice], WEIGHTS.shape[:3])
    assert as_classifier(model).gradient(IMAGES, 0)[0] == pytest.approx(2 * WEIGHTS[..., 0], abs=1e-5)
    model.pop(-1) if framework == "torch" else model.pop()
    assert as_classifier(model).gradient(IMAGES, 0)[0] == pytest.approx(WEIGHTS[..., 0], abs=1e-5)


def test_the_top_classes_are_those_that_score_highest_best_first(five):
    order = np.argsort(-five.scores(IMAGES), axis=1)[:, :3]
    assert len({tuple(row) for row in order}) > 1
    got = five.gradient(IMAGES, "top3")
    assert_allclose(got, ROWS[order], atol=1e-6)
    for word in ("top0", "top6"):
        with pytest.raises(ValueError, match=f'"{word}" of a model with 5 classes; want "top1" to "top5"'):
            five.gradient(IMAGES, word)


@pytest.mark.parametrize(("targets", "classes"), [(None, [1]), ("top1", [1]), ("top3", [1, 3, 0])])
def test_of_classes_that_score_the_same_the_first_is_taken(targets, classes):
    """The scores are 1 5 0 5 0."""
    model = xt.wrap(linear("torch", np.zeros((3, 4, 2, 5)), [1, 5, 0, 5, 0]))
    weights, _ = model.target_weights(IMAGES[:2], targets)
    assert_array_equal(weights, [np.eye(5)[classes]] * 2)


def test_of_points_inside_a_model_no_more_are_drawn_than_images_fit_in_a_pass():
    """Each point stands for an image of 500×400, of which one fits, however small the feature maps are."""
    steps = [(np.ones((100, 100, 1, 1)), [0]), "average", ([[1, -1]], [0, 0])]
    classifier = xt.wrap(build("torch", steps, (500, 400, 1), strides=[100]))
    images = np.full((1, 500, 400, 1), 0.5, np.float32)
    weights, _ = classifier.target_weights(images, 0)
    drawn = []
    points = (drawn.append(value) or np.full((1, 5, 4, 1), value) for value in range(3))
    inside = images, classifier.find_layer(images, 0)
    for n, gradient in enumerate(classifier.gradients(points, weights, inside=inside), start=1):
        assert_allclose(gradient, np.full((1, 1, 5, 4, 1), 1 / 20))
        assert len(drawn) == n


def test_gradients_at_many_points_are_those_of_each_and_few_points_are_held(a):
    drawn = []

    def points():
        for scale in (0.2, 0.5, 0.9, 1.0, 1.1, 1.3, 2.0):
            drawn.append(scale * np.stack([image_a(), image_a() / 2]))
            yield drawn[-1]

    weights, _ = a.target_weights(np.stack([image_a()] * 2), "all")
    for i, found in enumerate(a.gradients(points(), weights, batch_size=6)):
        assert_allclose(found, a.gradient(drawn[i], "all"), atol=1e-5)
        assert len(drawn) <= 3 * (i // 3 + 1)
    assert i == 6


def test_a_layer_s_output_can_be_replaced(a):
    """Of model A: 1 to 4 and 5 to 8 instead, with weights 1 1 1 1 and 1 −1 −1 −1, which are the gradient."""
    images, maps = np.stack([image_a()] * 3), np.zeros((3, 2, 2, 2), np.float32)
    maps[1, ..., 0], maps[1, ..., 1] = [[1, 2], [3, 4]], [[5, 6], [7, 8]]
    maps[2] = a.activations(image_a())
    call = a.find_layer(images, None)
    scores = a.scores_inside(images, maps, call, batch_size=2)
    assert_allclose(scores[:, 0], [0, 10 + 5 - 21, 54], atol=1e-4)
    weights, _ = a.target_weights(images, 1)
    for found in a.gradients([maps, 2 * maps], weights, inside=(images, call), batch_size=4):
        assert_allclose(found[:, 0, ..., 0], -np.ones((3, 2, 2)), atol=1e-6)
        assert_allclose(found[:, 0, ..., 1], [[[-1, 1], [1, 1]]] * 3, atol=1e-6)


def test_of_a_layer_called_twice_only_the_last_output_is_replaced(framework):
    """Doubling twice: ones put in place of the first doubling would give 2 a place, of the last 1."""
    classifier = xt.wrap(twice(framework))
    image = np.full((1, 2, 2, 1), 0.5)
    call = classifier.find_layer(image, "again")
    assert_allclose(classifier.scores(image), [[8, -8]])
    replaced = classifier.scores_inside(image, np.ones((1, 2, 2, 1), np.float32), call)
    assert_allclose(replaced, [[4, -4]])
    assert_allclose(classifier.activations(image, "again", 0)[0], np.full((1, 2, 2, 1), 2))


def twice(framework):
    """The sum of a picture that one layer doubles two times, and its negative."""
    if framework == "keras":
        constant, signs = keras.initializers.Constant(2), lambda *_, **__: np.array([[1, -1]] * 4)
        again = keras.layers.Conv2D(1, 1, name="again", use_bias=False, kernel_initializer=constant)
        end = keras.layers.Dense(2, use_bias=False, kernel_initializer=signs)
        return keras.Sequential([keras.Input((2, 2, 1)), again, again, keras.layers.Flatten(), end])
    again, end = nn.Conv2d(1, 1, 1, bias=False), nn.Linear(4, 2, bias=False)
    again.weight.data.fill_(2)
    end.weight.data = torch.tensor([[1.0] * 4, [-1.0] * 4])
    return Module(lambda m, x: m.end(m.again(m.again(x)).flatten(1)), again=again, end=end)


def test_large_images_go_through_in_small_batches_unless_one_says_otherwise():
    passes = []
    model = xt.wrap(lambda images: passes.append(len(images)) or np.full((len(images), 2), 0.5))
    for shape, size in (((28, 28), 32), ((224, 224), 4), ((900, 900), 1), ((50, 1000), 5), ((1000, 50), 5)):
        model.predict(np.zeros((33, *shape, 1), np.float32))
        assert max(passes) == size and sum(passes) == 34, "the first image of a size is looked at before"
        passes.clear()
    model.predict(np.zeros((33, 224, 224, 1), np.float32), batch_size=16)
    assert passes == [16, 16, 1]
