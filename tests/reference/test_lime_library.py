"""The same coefficients as the `lime` library's, from the same draws, segments and kernel."""

import numpy as np
import pytest
from known import in_two
from lime.lime_image import LimeImageExplainer
from numpy.testing import assert_allclose
from sklearn.linear_model import LinearRegression

import xaiteach as xt


@pytest.fixture(scope="module")
def classifier(cnns):
    return cnns["torch"]


@pytest.fixture
def in_colour(classifier):
    """A function for pictures in colour, as `lime` wants them."""
    return lambda images: classifier.predict(np.asarray(images, np.float32)[..., :1])


def theirs(function, image, labels, segments, seed, *, width=0.25, **options):
    explainer = LimeImageExplainer(kernel_width=width, feature_selection="none", random_state=seed)
    options |= {"labels": labels, "top_labels": None, "random_seed": 0}
    image = image.astype(float)
    return explainer.explain_instance(image, function, segmentation_fn=lambda _: segments, **options)


def weights_of(explanation, target):
    return np.array([weight for _, weight in sorted(explanation.local_exp[target])])


EUCLIDEAN = {"distance": "euclidean", "kernel_width": 3, "n_samples": 150, "hide": 0.5}
REGRESSOR = LinearRegression()


@pytest.mark.parametrize(
    ("ours", "lime_s"),
    [
        ({}, {}),
        ({"hide": "mean", "segments": (5, 4), "n_samples": 200}, {"hide_color": None, "num_samples": 200}),
        (EUCLIDEAN, {"distance_metric": "euclidean", "width": 3, "num_samples": 150, "hide_color": 0.5}),
        ({"regressor": REGRESSOR, "segments": 4}, {"model_regressor": REGRESSOR}),
    ],
    ids=["defaults", "mean", "distance", "regressor"],
)
def test_coefficients_intercept_and_r2_are_lime_s(in_colour, digits, ours, lime_s):
    image = np.repeat(digits.x_test[4], 3, axis=-1)
    _, details = xt.lime(in_colour, image, "all", seed=3, details=True, **ours)
    lime_s = {"hide_color": 0, "num_samples": 1000} | lime_s
    for target in np.argsort(in_colour(image[None])[0])[-3:]:
        expected = theirs(in_colour, image, [target], details.segments[0], 3, **lime_s)
        assert_allclose(details.weights[target], weights_of(expected, target), atol=1e-6)
        assert_allclose(details.intercept[target], expected.intercept[target], atol=1e-6)
        assert_allclose(details.r2[target], expected.score, atol=1e-6)
        assert_allclose(details.prediction[target], expected.local_pred[0], atol=1e-6)
    assert abs(details.weights).max() > 0.03


@pytest.mark.parametrize("how", [None, (5, 4)], ids=["superpixels", "grid"])
def test_the_guard_makes_the_library_explain_a_grey_digit_with_our_draws(classifier, digits, how):
    image = digits.x_test[4]
    options = {"labels": [7, 2], "top_labels": None, "hide_color": 0, "num_samples": 300}
    explainer = LimeImageExplainer(feature_selection="none", random_state=3)
    expected = explainer.explain_instance(**xt.for_lime(classifier, image, segments=how), **options)
    for target in (7, 2):
        map_ = xt.lime(classifier, image, target, segments=how, n_samples=300, seed=3)
        assert_allclose(map_, weights_of(expected, target)[expected.segments], atol=1e-6)


def test_the_guard_takes_one_image_at_a_time_and_leaves_its_colours_as_they_are():
    image = np.random.default_rng(0).random((6, 8, 3))
    model = xt.wrap(in_two(lambda images: images[:, 2, 3, 1]))
    with pytest.raises(ValueError, match=r"one image at a time; given 2, want \(H, W, C\)"):
        xt.for_lime(model, [image, image])
    asked = xt.for_lime(model, image, segments=2)
    assert_allclose(asked["classifier_fn"](asked["image"][None]), model.predict(image[None]))
    assert_allclose(asked["image"], image, atol=1e-6)
    assert sorted(np.unique(asked["segmentation_fn"](image))) == [0, 1, 2, 3]
