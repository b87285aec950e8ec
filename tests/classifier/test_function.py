"""Plain functions and scikit-learn's classifiers answer the first question, and say so when asked another."""

import numpy as np
import pytest
import torch
from known import in_two
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.datasets import load_digits
from sklearn.naive_bayes import GaussianNB

import xaiteach as xt

IMAGES = np.random.default_rng(0).random((6, 4, 5, 3)).astype(np.float32)


@in_two
def brightness(images):
    return images.mean(axis=(1, 2, 3))


@pytest.mark.parametrize("kind", [np.asarray, np.ndarray.tolist, np.float32])
def test_a_function_predicts_what_it_returns_in_any_kind_of_array(kind):
    classifier = xt.wrap(lambda images: kind(brightness(images)))
    probabilities = classifier.predict(IMAGES, batch_size=4)
    assert probabilities.dtype == np.float32
    assert_allclose(probabilities[:, 0], IMAGES.mean(axis=(1, 2, 3)), atol=1e-6)
    assert classifier.predict(IMAGES[0]).shape == (2,)


@pytest.mark.parametrize("preprocess", [(0.5, 0.25), lambda x: (x - 0.5) / 0.25, ([0.5] * 3, [0.25] * 3)])
def test_a_function_sees_what_preprocessing_makes_of_the_picture(preprocess):
    seen = []
    xt.wrap(lambda x: seen.append(x) or np.full((len(x), 2), 0.5), preprocess=preprocess).predict(IMAGES)
    assert_allclose(seen[-1], (IMAGES - 0.5) / 0.25, atol=1e-6)


def test_a_function_that_writes_into_its_input_spoils_no_picture():
    def careless(images):
        images *= 0
        return np.full((len(images), 2), 0.5)

    images = IMAGES.copy()
    xt.wrap(careless).predict(images)
    assert_array_equal(images, IMAGES)


def test_a_scikit_learn_classifier_takes_pictures_for_rows_of_pixels_and_labels_are_no_probabilities():
    rows, labels = load_digits(return_X_y=True)
    model = GaussianNB(var_smoothing=0.1).fit(rows / 16, labels)
    pictures = rows[:50].reshape(-1, 8, 8, 1) / 16
    for form in (model, model.predict_proba):
        assert_allclose(xt.wrap(form).predict(pictures), model.predict_proba(rows[:50] / 16), atol=1e-6)
    with pytest.raises(ValueError, match=r"the model gave shape \(1,\); want \(N, K\)"):
        xt.wrap(model.predict).predict(pictures)


@pytest.mark.parametrize("question", ["gradient", "activations", "find_layer", "layers", "scores"])
def test_a_function_has_no_scores_no_gradient_and_no_layers_to_look_into(question):
    words = "only predicts.* Try occlusion or lime, or wrap the Keras or PyTorch model"
    if question == "scores":
        words = r'scores before the softmax or sigmoid can\'t be had.*say outputs="scores"'
    with pytest.raises(TypeError, match=words):
        getattr(xt.wrap(brightness), question)(IMAGES)


def test_a_function_of_scores_predicts_their_softmax_once_that_is_said():
    classifier = xt.wrap(lambda x: np.log(brightness(x)) + 7, outputs="scores")
    assert_allclose(classifier.predict(IMAGES), brightness(IMAGES), atol=1e-6)
    assert_allclose(classifier.scores(IMAGES), np.log(brightness(IMAGES)) + 7, atol=1e-5)


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda x: np.log(brightness(x)), r"Want probabilities: .* wrap\(model, outputs=\"scores\"\)"),
        (lambda x: brightness(x) * 2, r"rows summing to 2 … 2\. "),
        (lambda x: 0 * brightness(x) + [-0.5, 1.5], r"not negative.*gave values -0.5 … 1.5, rows .* 1 … 1\."),
        (lambda x: brightness(x)[:, :1], r"For one probability p return \(1 − p, p\)"),
        (lambda x: brightness(x)[:, 0], r"For 1 image\(s\) the model gave shape \(1,\); want \(N, K\)"),
        (lambda x: brightness(x) * np.nan, "NaN or infinite"),
        (lambda x: np.repeat(brightness(x), 2, axis=0), r"For 1 image\(s\) the model gave shape \(2, 2\)"),
        (lambda x: {"a": 1}, "could not be run .* it said:"),
        (lambda x: x @ np.eye(7), r"image of shape \(4, 5, 3\).*it said: matmul"),
        (lambda: 1, "it said: .*takes 0 positional arguments"),
    ],
)
def test_a_function_that_returns_something_else_is_refused(function, words):
    with pytest.raises(ValueError, match=words):
        xt.wrap(function).predict(IMAGES)


def test_one_bad_row_in_a_later_batch_is_found():
    probabilities = lambda x: brightness(x) + (x[:, :1, 0, 0] == IMAGES[5, 0, 0, 0])  # noqa: E731
    with pytest.raises(ValueError, match="rows summing to 1 … 3"):
        xt.wrap(probabilities).predict(IMAGES, batch_size=4)


def test_a_function_that_wants_a_tensor_is_told_what_it_gets():
    module = torch.nn.Sequential(torch.nn.Conv2d(3, 2, 3), torch.nn.Flatten())
    with pytest.raises(ValueError, match=r"given an array \(N, H, W, C\).* torch.tensor\(images\).permute"):
        xt.wrap(lambda images: module(images)).predict(np.zeros((8, 8, 3), np.float32))
