"""Integrated gradients: answers on paper, the midpoint rule, baselines of every form, what it adds up to."""

import numpy as np
import pytest
from known import image_a, image_b, linear, model_a, model_b, power, saturated, twins_c

import xaiteach as xt

BOTH = pytest.mark.parametrize(("target", "sign"), [(0, 1), (1, -1)])
WEIGHTS = np.random.default_rng(0).normal(size=(3, 5, 2, 4)).astype(np.float32)
IMAGES = np.random.default_rng(1).random((5, 3, 5, 2)).astype(np.float32)
IMAGE = IMAGES[0]


@pytest.fixture
def four(framework):
    """Four linear classes."""
    return xt.wrap(linear(framework, WEIGHTS))


@BOTH
def test_model_a_adds_up_to_54(framework, target, sign):
    a = xt.wrap(model_a(framework), value_range=None)
    maps, known = xt.integrated_gradients(a, image_a(), target, steps=2000, details=True)
    assert maps.sum() == pytest.approx(sign * 54, abs=0.05)
    assert known.difference == pytest.approx(sign * 54, abs=1e-4)
    assert known.gap == pytest.approx(maps.sum() - known.difference, abs=1e-4)


@BOTH
def test_model_b_is_as_on_paper(framework, target, sign):
    b = xt.wrap(model_b(framework), value_range=None)
    maps = xt.integrated_gradients(b, image_b(), target)
    np.testing.assert_allclose(maps, sign * np.array([[78, 195, 117]]), rtol=1e-5)


@BOTH
def test_two_models_of_one_function_have_one_map(framework, target, sign):
    for model in twins_c(framework):
        c = xt.wrap(model, value_range=None)
        maps = xt.integrated_gradients(c, np.array([3.0, 1]).reshape(1, 2, 1), target)
        np.testing.assert_allclose(maps, sign * np.array([[1.5, -0.5]]), atol=1e-6)


@BOTH
def test_a_saturated_unit_gets_what_it_added_on_the_way(framework, target, sign):
    model = xt.wrap(saturated(framework), value_range=None)
    maps = xt.integrated_gradients(model, np.full((1, 1, 1), 2.0), target)
    np.testing.assert_allclose(maps, [[sign]], atol=1e-6)


@pytest.mark.parametrize("target", range(4))
def test_of_a_linear_model_one_step_is_exact(four, target):
    maps = xt.integrated_gradients(four, IMAGE, target, baseline=0.25, steps=1, per_channel=True)
    np.testing.assert_allclose(maps, WEIGHTS[..., target] * (IMAGE - 0.25), atol=1e-6)


def test_midpoints_are_exact_on_squares_and_known_on_cubes(framework):
    """∫ 2αx·x = x², at one midpoint too; ∫ 3(αx)²·x = x³, at one midpoint ¾ x³, at the ends 0 or 3 x³."""
    image = np.array([0.2, 0.4, 0.6, 1]).reshape(2, 2, 1)
    square, cube = power(framework, 2), power(framework, 3)
    np.testing.assert_allclose(
        xt.integrated_gradients(square, image, 0, steps=1), image[..., 0] ** 2, rtol=1e-5
    )
    np.testing.assert_allclose(
        xt.integrated_gradients(cube, image, 0, steps=1), 0.75 * image[..., 0] ** 3, rtol=1e-5
    )
    two = (0.25**2 + 0.75**2) / 2 * 3
    np.testing.assert_allclose(
        xt.integrated_gradients(cube, image, 0, steps=2), two * image[..., 0] ** 3, rtol=1e-5
    )


def test_a_baseline_is_a_number_an_image_or_one_an_image(four):
    images, starts = IMAGES[:3], IMAGES[2:]
    for baseline in (0.5, np.full(IMAGE.shape, 0.25), starts, starts.tolist()[0]):
        given = baseline if not isinstance(baseline, list) else np.array(baseline)
        maps = xt.integrated_gradients(four, images, 2, baseline=given, steps=2, per_channel=True)
        np.testing.assert_allclose(maps, WEIGHTS[..., 2] * (images - given), atol=1e-6)


def test_the_path_goes_from_the_baseline_to_the_image(framework):
    """On a square the midpoint sum is exact: x² − b², of which a path from black to x − b gives (x − b)²."""
    image, baseline = np.array([[0.2, 0.4, 0.6, 1], [0.9, 0.3, 0.3, 0.1]]).reshape(2, 2, 2, 1)
    maps = xt.integrated_gradients(power(framework, 2), image, 0, baseline=baseline, steps=3)
    np.testing.assert_allclose(maps, (image**2 - baseline**2)[..., 0], atol=1e-6)


def test_a_list_of_baselines_is_averaged(framework):
    image = np.array([0.2, 0.4, 0.6, 1]).reshape(2, 2, 1)
    model = power(framework, 3)
    several = [0.0, np.full((2, 2, 1), 0.3), np.full((1, 2, 2, 1), 0.9)]
    alone = [xt.integrated_gradients(model, image, 0, baseline=b, details=True) for b in several]
    maps, known = xt.integrated_gradients(model, image, 0, baseline=several, details=True)
    np.testing.assert_allclose(maps, np.mean([m for m, _ in alone], axis=0), atol=1e-6)
    for name in ("accounts_for", "difference", "gap"):
        assert getattr(known, name) == pytest.approx(np.mean([getattr(k, name) for _, k in alone]), abs=1e-5)


def test_a_pixel_that_equals_its_baseline_gets_nothing(cnn, digits):
    image = digits.x_test[0]
    maps = xt.integrated_gradients(cnn, image, steps=4)
    np.testing.assert_array_equal(maps[image[..., 0] == 0], 0)
    assert (maps[image[..., 0] > 0.5] != 0).mean() > 0.9


def test_the_gap_shrinks_with_the_steps(cnns, digits):
    cnn, images = cnns["torch"], digits.x_test[:6]
    scores = cnn.scores(images)
    black = cnn.scores(np.zeros((1, 28, 28, 1)))[0]
    difference = scores.max(axis=1) - black[scores.argmax(axis=1)]
    gaps = []
    for steps in (4, 16, 64, 128):
        maps, known = xt.integrated_gradients(cnn, images, steps=steps, details=True)
        np.testing.assert_allclose(known.accounts_for, maps.sum(axis=(1, 2)), atol=1e-4)
        np.testing.assert_allclose(known.difference, difference, atol=1e-4)
        gaps.append(abs(known.accounts_for - difference).mean() / abs(difference).mean())
    assert gaps[0] > 2 * gaps[1] > 4 * gaps[2] and gaps[3] < 0.01


def test_details_lose_the_same_axes_as_the_maps(cnn, digits):
    for images, targets, shape in [
        (digits.x_test[:3], "all", (3, 10)),
        (digits.x_test[:3], "top2", (3, 2)),
        (digits.x_test[:3], None, (3,)),
        (digits.x_test[0], (4, 9), ()),
    ]:
        maps, known = xt.integrated_gradients(cnn, images, targets, steps=2, details=True)
        assert maps.shape == (*shape, 28, 28)
        assert known.accounts_for.shape == known.difference.shape == known.gap.shape == shape


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"steps": 0}, "steps is 0; want at least 1"),
        ({"batch_size": 0}, "batch_size is 0"),
        (
            {"baseline": np.zeros((4, 5, 2))},
            r"baseline of shape \(4, 5, 2\).*an image \(3, 5, 2\).*as a list",
        ),
        ({"baseline": np.zeros((2, 3, 5, 2))}, r"baseline of shape \(2, 3, 5, 2\)"),
        ({"baseline": -0.42}, "baseline=: Values from -0.42"),
        ({"baseline": []}, "list of baselines is empty"),
        ({"baseline": [0.0, 2.0]}, "baseline=: Values from 2"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(four, options, words):
    with pytest.raises(ValueError, match=words):
        xt.integrated_gradients(four, IMAGES, 0, **options)
