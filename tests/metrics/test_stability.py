"""Stability and sensitivity: of a method that never changes, of one that is noise, and captum's number."""

import numpy as np
import pytest
import torch
from captum.attr import Saliency
from captum.metrics import sensitivity_max as captum_sensitivity_max

import xaiteach as xt
from xaiteach import metrics

QUIET = {"progress": False}
MODEL = xt.wrap(lambda images: np.full((len(images), 2), 0.5))
IMAGES = np.random.default_rng(0).random((4, 6, 5, 1)).astype(np.float32)


def always(model, images, targets, seed=0):
    """The same map for every picture and seed."""
    return np.broadcast_to(np.arange(30.0).reshape(6, 5), (len(images), 6, 5))


def noise(model, images, targets, seed=0):
    return np.random.default_rng(seed).normal(size=(len(images), 6, 5))


def half(model, images, targets, seed=0):
    """Up to the sign of every second seed."""
    return always(model, images, targets) * (1 if seed % 2 else -1)


def test_a_map_that_never_changes_is_stable_and_noise_is_not():
    np.testing.assert_allclose(metrics.stability(MODEL, IMAGES, always, **QUIET).value, 1)
    assert abs(metrics.stability(MODEL, IMAGES, noise, runs=9, **QUIET).value.mean()) < 0.1
    assert metrics.stability(MODEL, IMAGES[0], always, **QUIET).value == pytest.approx(1)


def test_it_is_the_mean_over_all_pairs_of_runs():
    """Of four runs with signs − + − +, two pairs agree and four are opposite: (2 − 4) / 6."""
    np.testing.assert_allclose(metrics.stability(MODEL, IMAGES, half, runs=4, **QUIET).value, -1 / 3)
    np.testing.assert_allclose(
        metrics.stability(MODEL, IMAGES, half, runs=4, kind="top", **QUIET).value, 1 / 3
    )


def test_with_noise_the_image_is_shaken_and_stays_in_its_range():
    seen = []

    def brightness(model, images, targets):
        seen.append(images)
        return images[..., 0]

    value = metrics.stability(MODEL, IMAGES, brightness, noise=0.1, **QUIET).value
    assert ((value > 0.3) & (value < 0.99)).all()
    shifts = np.stack(seen) - IMAGES
    assert 0.05 < shifts.std() < 0.12 and min(map(np.min, seen)) == 0 and max(map(np.max, seen)) == 1


def test_lime_on_more_samples_is_more_stable(cnn, digits):
    few, many = (
        metrics.stability(
            cnn,
            digits.x_test[:3],
            lambda *a, n=n, seed: xt.lime(*a, n_samples=n, seed=seed, **QUIET),
            **QUIET,
        )
        for n in (40, 300)
    )
    assert (many.value > few.value + 0.05).all()


def test_sensitivity_of_a_map_that_never_changes_is_0_and_of_a_linear_one_at_most_its_part():
    """A map that is the picture changes by at most √30·r, beside a length that is known."""
    assert (metrics.sensitivity_max(MODEL, IMAGES, always, **QUIET).value == 0).all()
    got = metrics.sensitivity_max(
        MODEL, IMAGES, lambda m, images, t: images[..., 0], radius=0.1, **QUIET
    ).value
    bound = 0.1 * np.sqrt(30) / np.linalg.norm(IMAGES[..., 0], axis=(1, 2))
    assert (got < bound).all() and (got > 0.3 * bound).all()


def test_a_map_of_zeros_that_does_not_stay_so_is_infinitely_sensitive():
    def only_when_shaken(model, images, targets):
        return (images != IMAGES)[..., 0].astype(float)

    assert (metrics.sensitivity_max(MODEL, IMAGES, only_when_shaken, **QUIET).value == np.inf).all()
    assert (metrics.sensitivity_max(MODEL, IMAGES, lambda m, x, t: 0 * x[..., 0], **QUIET).value == 0).all()


def test_sensitivity_is_captum_s_with_the_same_shifts(cnns, digits):
    cnn, images, draws = cnns["torch"], digits.x_test[:2], 4
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
    got = metrics.sensitivity_max(cnn, images, xt.saliency, 3, n_samples=draws, seed=5, **QUIET)
    np.testing.assert_allclose(got.value, expected, rtol=1e-3)


def test_what_is_no_method_and_a_single_run_are_refused():
    with pytest.raises(TypeError, match="want a method, such as xt.saliency"):
        metrics.stability(MODEL, IMAGES, always(MODEL, IMAGES, None), **QUIET)
    with pytest.raises(ValueError, match="runs=1; want at least 2"):
        metrics.stability(MODEL, IMAGES, always, runs=1, **QUIET)
    with pytest.raises(ValueError, match="Maps of shape"):
        metrics.stability(MODEL, IMAGES, lambda m, x, t, seed: x, **QUIET)
