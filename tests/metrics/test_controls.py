"""Controls know nothing of the model."""

import numpy as np
import pytest

from xaiteach.metrics import CONTROLS

IMAGES = np.random.default_rng(0).random((3, 8, 9, 3))


@pytest.mark.parametrize("control", CONTROLS.values(), ids=CONTROLS)
def test_a_control_gives_one_number_a_pixel_without_a_model(control):
    maps = control(None, IMAGES)
    assert maps.shape == (3, 8, 9) and np.isfinite(maps).all() and maps.std() > 0
    np.testing.assert_array_equal(control(None, IMAGES[1]), maps[1])


def test_controls_are_noise_of_a_seed_brightness_and_where_it_changes():
    random = CONTROLS["random"]
    np.testing.assert_array_equal(random(None, IMAGES, seed=4), random(None, 0 * IMAGES, seed=4))
    assert abs(random(None, IMAGES, seed=4) - random(None, IMAGES)).max() > 0.1
    np.testing.assert_allclose(CONTROLS["raw pixel"](None, IMAGES), IMAGES.mean(axis=-1), atol=1e-6)
    half = np.zeros((6, 6, 3))
    half[:, 3:, 2] = 1
    edges = CONTROLS["edge filter"](None, half)
    assert (edges[:, 2:4] > 0.1).all() and (edges[:, [0, 5]] == 0).all()
