"""Controls know nothing of the model."""

import numpy as np

from xaiteach.metrics import CONTROLS

IMAGES = np.random.default_rng(0).random((3, 8, 9, 3))


def test_controls_are_noise_of_a_seed_brightness_and_where_it_changes():
    random = CONTROLS["random"]
    np.testing.assert_array_equal(random(None, IMAGES, seed=4), random(None, 0 * IMAGES, seed=4))
    assert abs(random(None, IMAGES, seed=4) - random(None, IMAGES)).max() > 0.1
    np.testing.assert_allclose(CONTROLS["raw pixel"](None, IMAGES), IMAGES.mean(axis=-1), atol=1e-6)
    half = np.zeros((6, 6, 3))
    half[:, 3:, 2] = 1
    edges, several = (CONTROLS["edge filter"](None, each) for each in (half, np.stack([half] * 2)))
    np.testing.assert_array_equal(several, [edges] * 2)
    assert (edges[:, 2:4] > 0.1).all() and (edges[:, [0, 5]] == 0).all()
