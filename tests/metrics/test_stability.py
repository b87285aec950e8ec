"""Stability and sensitivity: of a method that never changes, of one that is noise, and captum's number."""

import numpy as np
import pytest
import torch
from captum.attr import Saliency
from captum.metrics import sensitivity_max as captum_sensitivity_max

import xaiteach as xt
from xaiteach.metrics import sensitivity_max, stability


def model(value_range=(0, 1)):
    return xt.wrap(lambda images: np.full((len(images), 2), 0.5), value_range=value_range)


MODEL = model()
IMAGES = np.random.default_rng(0).random((4, 6, 5, 1)).astype(np.float32)


def always(model, images, targets, seed=0):
    """The same map for every picture and seed."""
    return np.broadcast_to(np.arange(30.0).reshape(6, 5), (len(images), 6, 5))


def noise(model, images, targets, seed=0):
    return np.random.default_rng(seed).normal(size=(len(images), 6, 5))


def half(model, images, targets, seed=0):
    """Up to the sign of every second seed."""
    return always(model, images, targets) * (1 if seed % 2 else -1)


def brightness(model, images, targets):
    return images[..., 0]


def test_a_map_that_never_changes_is_stable_and_noise_is_not():
    np.testing.assert_allclose(stability(MODEL, IMAGES, always).value, 1)
    assert abs(stability(MODEL, IMAGES, noise, runs=9).value.mean()) < 0.1
    single = stability(MODEL, IMAGES[0], always).value
    assert np.shape(single) == () and single == pytest.approx(1)


def test_it_is_the_mean_over_all_pairs_of_runs():
    """Of four runs with signs − + − +, two pairs agree and four are opposite: (2 − 4) / 6."""
    np.testing.assert_allclose(stability(MODEL, IMAGES, half, runs=4).value, -1 / 3)
    np.testing.assert_allclose(stability(MODEL, IMAGES, half, runs=4, kind="top").value, 1 / 3)
    np.testing.assert_allclose(stability(MODEL, IMAGES, half, kind="top", top=1).value, 1)


@pytest.mark.parametrize("white", [1, 255])
def test_with_noise_the_image_is_shaken_and_stays_in_its_range(white):
    seen = []

    def spy(model, images, targets):
        seen.append(images)
        return images[..., 0]

    value = stability(model((0, white)), white * IMAGES, spy, noise=0.1).value
    assert ((value > 0.3) & (value < 0.99)).all()
    shifts = np.stack(seen) / white - IMAGES
    assert 0.05 < shifts.std() < 0.12 and np.min(seen) == 0 and np.max(seen) == white


def test_sensitivity_of_a_map_that_never_changes_is_0_and_of_a_linear_one_at_most_its_part():
    """A map that is the picture changes by at most √30·r, beside a length that is known."""
    assert (sensitivity_max(MODEL, IMAGES, always).value == 0).all()
    found = sensitivity_max(MODEL, IMAGES, brightness, radius=0.1).value
    bound = 0.1 * np.sqrt(30) / np.linalg.norm(IMAGES[..., 0], axis=(1, 2))
    assert (found < bound).all() and (found > 0.3 * bound).all()


@pytest.mark.parametrize("scale", [1e-3, 1e3])
def test_without_a_range_shifts_are_a_share_of_the_picture_s_own(scale):
    plain = sensitivity_max(model(None), IMAGES, brightness).value
    np.testing.assert_allclose(
        sensitivity_max(model(None), scale * IMAGES, brightness).value, plain, rtol=1e-4
    )
    assert (plain > 0).all()


def test_the_most_is_over_as_many_shifts_as_are_asked_for():
    one, ten = (sensitivity_max(MODEL, IMAGES, brightness, n_samples=n).value for n in (1, 10))
    assert (ten >= one).all() and (ten > one).any()


def test_a_map_of_zeros_that_does_not_stay_so_is_infinitely_sensitive():
    def only_when_shaken(model, images, targets):
        return (images != IMAGES)[..., 0].astype(float)

    assert (sensitivity_max(MODEL, IMAGES, only_when_shaken).value == np.inf).all()
    assert (sensitivity_max(MODEL, IMAGES, lambda m, x, t: 0 * x[..., 0]).value == 0).all()


def test_sensitivity_is_captum_s_with_the_same_shifts(cnn, digits):
    images, draws = digits.x_test[:2], 4
    random = np.random.default_rng(5)
    shaken = [np.clip(images + random.uniform(-0.02, 0.02, images.shape), 0, 1) for _ in range(draws)]
    rows = torch.tensor(np.stack(shaken, axis=1).reshape(-1, 1, 28, 28).astype(np.float32))
    saliency, inputs = Saliency(cnn.model), torch.tensor(images).permute(0, 3, 1, 2)
    expected = captum_sensitivity_max(
        lambda x, target: saliency.attribute(x, target, abs=False),
        inputs,
        perturb_func=lambda *_: rows,
        n_perturb_samples=draws,
        target=3,
    )
    found = sensitivity_max(cnn, images, xt.saliency, 3, n_samples=draws, seed=5)
    np.testing.assert_allclose(found.value, expected, rtol=1e-3)


def test_what_is_no_method_and_a_single_run_are_refused():
    with pytest.raises(TypeError, match="want a method, such as xt.saliency"):
        stability(MODEL, IMAGES, always(MODEL, IMAGES, None))
    with pytest.raises(ValueError, match="runs=1; want at least 2"):
        stability(MODEL, IMAGES, always, runs=1)
    with pytest.raises(ValueError, match="Maps of shape"):
        stability(MODEL, IMAGES, lambda m, x, t, seed: x)
