"""Stability and sensitivity: of a method that never changes, of one that is noise."""

import numpy as np
import pytest

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


def test_without_a_range_shifts_are_a_share_of_the_picture_s_own():
    plain, scaled = (sensitivity_max(model(None), scale * IMAGES, brightness).value for scale in (1, 1e3))
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


def test_sensitivity_is_the_largest_change_beside_the_length_of_the_map():
    """As captum has it; here of a map that is the picture."""
    draws = np.random.default_rng(5)
    shaken = [np.clip(IMAGES + draws.uniform(-0.1, 0.1, IMAGES.shape), 0, 1) for _ in range(4)]
    change = np.linalg.norm(np.stack(shaken) - IMAGES, axis=(2, 3)).max(axis=0)[..., 0]
    found = sensitivity_max(MODEL, IMAGES, brightness, radius=0.1, n_samples=4, seed=5)
    np.testing.assert_allclose(found.value, change / np.linalg.norm(IMAGES[..., 0], axis=(1, 2)), rtol=1e-5)


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
