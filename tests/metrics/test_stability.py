"""Stability and sensitivity: of a method that never changes, of one that is noise, and captum's number."""

from functools import partial

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


@pytest.mark.parametrize(
    ("method", "options", "expected"),
    [
        (always, {}, 1),
        (half, {"runs": 4}, -1 / 3),
        (half, {"runs": 4, "kind": "top"}, 1 / 3),
        (half, {"kind": "top", "top": 1}, 1),
    ],
)
def test_it_is_the_mean_agreement_over_all_pairs_of_runs(method, options, expected):
    """Of four runs with signs − + − +, two pairs agree and four are opposite: (2 − 4) / 6."""
    np.testing.assert_allclose(stability(MODEL, IMAGES, method, **options).value, [expected] * 4)
    assert stability(MODEL, IMAGES[0], method, **options).value == pytest.approx(expected)


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


def test_sensitivity_of_a_linear_map_is_at_most_its_part_and_the_most_of_all_shifts():
    """A map that is the picture changes by at most √30·r, beside a length that is known."""
    one, ten = (sensitivity_max(MODEL, IMAGES, brightness, radius=0.1, n_samples=n).value for n in (1, 10))
    bound = 0.1 * np.sqrt(30) / np.linalg.norm(IMAGES[..., 0], axis=(1, 2))
    assert (ten < bound).all() and (ten > 0.3 * bound).all()
    assert (ten >= one).all() and (ten > one).any()


@pytest.mark.parametrize("scale", [1e-3, 1e3])
def test_without_a_range_shifts_are_a_share_of_the_picture_s_own(scale):
    plain, scaled = (sensitivity_max(model(None), factor * IMAGES, brightness).value for factor in (1, scale))
    np.testing.assert_allclose(scaled, plain, rtol=1e-4)
    assert (plain > 0).all()


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        (always, 0),
        (lambda model, images, targets: 0 * images[..., 0], 0),
        (lambda model, images, targets: (images != IMAGES)[..., 0].astype(float), np.inf),
    ],
)
def test_a_map_that_never_changes_has_no_sensitivity_and_zeros_that_do_have_infinite(method, expected):
    assert (sensitivity_max(MODEL, IMAGES, method).value == expected).all()


def test_sensitivity_is_captum_s_with_the_same_shifts(cnn, digits):
    images, random = digits.x_test[:2], np.random.default_rng(5)
    shaken = [np.clip(images + random.uniform(-0.02, 0.02, images.shape), 0, 1) for _ in range(4)]
    rows = torch.tensor(np.stack(shaken, axis=1).reshape(-1, 1, 28, 28).astype(np.float32))
    saliency, inputs = Saliency(cnn.model), torch.tensor(images).permute(0, 3, 1, 2)
    explain, draws = partial(saliency.attribute, abs=False), {"n_perturb_samples": 4, "target": 3}
    expected = captum_sensitivity_max(explain, inputs, perturb_func=lambda *_: rows, **draws)
    found = sensitivity_max(cnn, images, xt.saliency, 3, n_samples=4, seed=5)
    np.testing.assert_allclose(found.value, expected, rtol=1e-3)


@pytest.mark.parametrize(
    ("method", "options", "error", "words"),
    [
        (np.zeros((4, 6, 5)), {}, TypeError, "want a method, such as xt.saliency"),
        (always, {"runs": 1}, ValueError, "runs=1; want at least 2"),
        (lambda model, images, targets, seed: images, {}, ValueError, "Maps of shape"),
    ],
)
def test_what_is_no_method_and_a_single_run_are_refused(method, options, error, words):
    with pytest.raises(error, match=words):
        stability(MODEL, IMAGES, method, **options)
