"""The same coefficients as the `lime` library's, from the same draws, segments and kernel."""

import numpy as np
import pytest
from lime.lime_image import LimeImageExplainer
from sklearn.linear_model import LinearRegression

import xaiteach as xt


@pytest.fixture(scope="module")
def classifier():
    return xt.wrap(xt.load_cnn("torch"))


def in_colour(classifier):
    """A function for pictures in colour, as `lime` wants them."""
    return lambda images: classifier.predict(np.asarray(images, np.float32)[..., :1])


def theirs(function, image, labels, segments, seed, *, width=0.25, **options):
    explainer = LimeImageExplainer(kernel_width=width, feature_selection="none", random_state=seed)
    return explainer.explain_instance(
        image.astype(float),
        function,
        labels=labels,
        top_labels=None,
        segmentation_fn=lambda _: segments,
        random_seed=0,
        **options,
    )


@pytest.mark.parametrize(
    ("seed", "ours", "lime_s"),
    [
        (0, {}, {}),
        (7, {"hide": "mean", "segments": (5, 4), "n_samples": 200}, {"hide_color": None, "num_samples": 200}),
        (
            1,
            {"kernel_width": 0.6, "hide": 0.5, "n_samples": 100},
            {"width": 0.6, "hide_color": 0.5, "num_samples": 100},
        ),
        (
            2,
            {"distance": "euclidean", "kernel_width": 3, "n_samples": 150},
            {"distance_metric": "euclidean", "width": 3, "num_samples": 150},
        ),
        (
            3,
            {"regressor": LinearRegression(), "n_samples": 300},
            {"model_regressor": LinearRegression(), "num_samples": 300},
        ),
    ],
    ids=["defaults", "mean", "width", "distance", "regressor"],
)
def test_coefficients_intercept_and_r2_are_lime_s(classifier, digits, seed, ours, lime_s):
    image = np.repeat(digits.x_test[4], 3, axis=-1)
    function = in_colour(classifier)
    _, got = xt.lime(function, image, "all", seed=seed, details=True, **ours)
    segments = got.segments[0]
    lime_s = {"hide_color": 0, "num_samples": 1000} | lime_s
    for target in np.argsort(function(image[None])[0])[-3:]:
        expected = theirs(function, image, [target], segments, seed, **lime_s)
        weights = [weight for _, weight in sorted(expected.local_exp[target])]
        np.testing.assert_allclose(got.weights[target], weights, atol=1e-6)
        np.testing.assert_allclose(got.intercept[target], expected.intercept[target], atol=1e-6)
        np.testing.assert_allclose(got.r2[target], expected.score, atol=1e-6)
        np.testing.assert_allclose(got.prediction[target], expected.local_pred[0], atol=1e-6)
    assert abs(got.weights).max() > 0.03


def test_a_map_on_few_segments_is_lime_s(classifier, digits):
    """Of 16 rectangles, where many pictures are the same."""
    image = np.repeat(digits.x_test[9], 3, axis=-1)
    segments = np.arange(28)[:, None] // 7 * 4 + np.arange(28) // 7
    function = in_colour(classifier)
    target = int(function(image[None])[0].argmax())
    expected = theirs(function, image, [target], segments, 0, hide_color=0, num_samples=1000)
    weights = np.array([weight for _, weight in sorted(expected.local_exp[target])])
    np.testing.assert_allclose(xt.lime(function, image, target, segments=4), weights[segments], atol=1e-6)


@pytest.mark.parametrize("how", [None, (5, 4)], ids=["superpixels", "grid"])
def test_the_guard_makes_the_library_explain_a_grey_digit_with_our_draws(digits, how):
    model, image = xt.wrap(xt.load_cnn("torch")), digits.x_test[4]
    explainer = LimeImageExplainer(feature_selection="none", random_state=3)
    asked = xt.for_lime(model, image, segments=how)
    expected = explainer.explain_instance(
        **asked, labels=[7, 2], top_labels=None, hide_color=0, num_samples=300
    )
    for target in (7, 2):
        weights = np.array([weight for _, weight in sorted(expected.local_exp[target])])
        got = xt.lime(model, image, target, segments=how, n_samples=300, seed=3)
        np.testing.assert_allclose(got, weights[expected.segments], atol=1e-6)


def test_the_guard_takes_one_image_at_a_time(digits):
    with pytest.raises(ValueError, match=r"one image at a time; given 2, want \(H, W, C\)"):
        xt.for_lime(xt.load_cnn("torch"), digits.x_test[:2])


def test_the_guard_leaves_colours_as_they_are():
    image = np.random.default_rng(0).random((6, 8, 3))
    model = xt.wrap(lambda images: np.stack([images[:, 2, 3, 1], 1 - images[:, 2, 3, 1]], axis=1))
    asked = xt.for_lime(model, image, segments=2)
    np.testing.assert_allclose(asked["classifier_fn"](asked["image"][None]), model.predict(image[None]))
    np.testing.assert_allclose(asked["image"], image, atol=1e-6)
    assert sorted(np.unique(asked["segmentation_fn"](image))) == [0, 1, 2, 3]
