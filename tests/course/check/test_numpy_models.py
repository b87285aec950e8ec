"""The classifiers that checkers use, against the ones that learners use and against differences."""

import numpy as np
import pytest

import xaiteach as xt
from xaiteach_course.check.numpy_models import PaperCNN, PaperNetwork, of_images


def images(name):
    """Noise, of sides that are odd for photos."""
    shape = (3, 28, 28, 1) if name == "cnn" else (3, 27, 34, 3)
    return np.random.default_rng(0).uniform(0.2, 0.8, shape).astype(np.float32)


@pytest.mark.parametrize("name", ["cnn", "photos"])
def test_the_paper_cnn_says_what_the_shipped_one_says(name, framework):
    model = xt.wrap(xt.load_cnn(framework)) if name == "cnn" else xt.load_photo_classifier(framework)
    given, paper = images(name), PaperCNN(name)
    np.testing.assert_allclose(paper.scores(given), model.scores(given), atol=1e-4)
    np.testing.assert_allclose(paper.feature_maps(given), model.activations(given, "relu5"), atol=1e-4)
    means = paper.feature_maps(given).mean(axis=(1, 2))
    np.testing.assert_allclose(model.scores(given), means @ paper.W + paper.b, atol=1e-4)


@pytest.mark.parametrize("shape", [(6, 6, 1), (3, 5, 3)])
def test_the_paper_network_is_its_formula_and_its_gradient_that_of_differences(shape):
    network = PaperNetwork(shape, units=7, classes=4, seed=2)
    images = np.random.default_rng(1).uniform(size=(2, *shape))
    np.testing.assert_allclose(network.scores(images), formula(network, images), atol=1e-5)
    steps = 1e-6 * np.eye(images[0].size).reshape(-1, *shape)
    wanted = (formula(network, images[0] + steps) - formula(network, images[0] - steps)) / 2e-6
    for target in range(4):
        got = network.gradient(images[0], target)
        np.testing.assert_allclose(got.ravel(), wanted[:, target], atol=1e-5)


def formula(network, batch):
    hidden = batch.reshape(len(batch), -1) @ network.W + network.b
    return np.where(hidden > 0, hidden, 0) @ network.V + network.c


def test_the_paper_network_has_units_on_both_sides_of_zero_and_others_with_another_seed():
    images = np.random.default_rng(0).uniform(size=(5, 36))
    hidden = [images @ network.W + network.b for network in (PaperNetwork(), PaperNetwork(seed=1))]
    assert all((one > 0).any() and (one < 0).any() for one in hidden)
    assert np.abs(hidden[0] - hidden[1]).max() > 0.01


def test_a_function_of_images_takes_a_list_and_says_what_it_wants():
    mean = of_images(lambda images: images.mean(axis=(1, 2, 3)))
    images = np.arange(24.0).reshape(2, 3, 2, 2)
    np.testing.assert_array_equal(mean(list(images)), [5.5, 17.5])
    with pytest.raises(ValueError, match=r"shape \(3, 2, 2\); want \(N, H, W, C\)"):
        mean(images[0])
