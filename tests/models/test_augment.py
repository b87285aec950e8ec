"""Augmentation: digits stay digits, and each kind of change is as large as it is said."""

import numpy as np
import pytest

from xaiteach.models.augment import augment

STILL = {"degrees": 0, "shift": 0, "zoom": 0, "shear": 0, "elastic": 0}


def changed(images, seed=0, **options):
    return augment(images, np.random.default_rng(seed), **STILL | options)


def dot(row, column):
    """A dot on a page of 21×31."""
    image = np.zeros((1, 21, 31, 1))
    image[0, row, column] = 1
    return image


def place(image):
    """The centre of mass, from the middle of the page: rows down, columns to the right."""
    weights = image[0, ..., 0] / image.sum()
    return (weights.sum(axis=1) @ np.arange(21)) - 10, (weights.sum(axis=0) @ np.arange(31)) - 15


def test_augmented_digits_stay_digits_in_range_and_differ(digits):
    images = digits.x_train[:20]
    moved = augment(images, np.random.default_rng(0))
    assert moved.shape == images.shape and moved.dtype == np.float32
    assert moved.min() >= 0 and moved.max() <= 1
    assert all(abs(a - b).max() > 0.1 for a, b in zip(moved, images, strict=True))
    np.testing.assert_array_equal(moved, augment(images, np.random.default_rng(0)))


def test_without_any_change_pictures_come_back_in_their_colours_and_sides():
    images = np.random.default_rng(0).random((3, 9, 14, 3))
    np.testing.assert_allclose(changed(images), images, atol=1e-6)


@pytest.mark.parametrize("option", [{"degrees": 40}, {"zoom": 0.4}, {"shear": 0.5}])
def test_the_middle_of_a_page_stays_whatever_turns_and_stretches(option):
    for seed in range(5):
        np.testing.assert_allclose(place(changed(dot(10, 15), seed, **option)), 0, atol=0.2)


def test_moves_and_turns_go_both_ways_as_far_as_is_said_and_no_farther():
    moves = np.array([place(changed(dot(10, 15), seed, shift=3)) for seed in range(40)])
    assert abs(moves).max() <= 3.01
    assert (moves.max(axis=0) > 2).all() and (moves.min(axis=0) < -2).all()
    turned = np.array([place(changed(dot(10, 25), seed, degrees=30)) for seed in range(40)])
    angles = np.degrees(np.arctan2(*turned.T))
    assert abs(angles).max() < 33 and angles.max() > 20 and angles.min() < -20


def test_zooms_go_both_ways_on_each_side_by_itself():
    places = np.array([place(changed(dot(18, 23), seed, zoom=0.25)) for seed in range(40)]) / 8
    assert (places.min(axis=0) > 0.7).all() and (places.min(axis=0) < 0.85).all()
    assert (places.max(axis=0) > 1.15).all() and (places.max(axis=0) < 1.3).all()
    assert abs(np.corrcoef(places.T)[0, 1]) < 0.5


def test_a_slant_moves_columns_by_their_row_and_no_rows():
    places = np.array([place(changed(dot(18, 15), seed, shear=0.3)) for seed in range(40)]) / 8
    np.testing.assert_allclose(places[:, 0], 1, atol=0.01)
    assert -0.32 < places[:, 1].min() < -0.25 and 0.25 < places[:, 1].max() < 0.32


def test_bends_have_the_length_that_is_said():
    """A slope of one a pixel shows how far each value came: 1.2 pixels, by the root of the mean square."""
    slope = np.broadcast_to(np.arange(200.0)[:, None, None], (1, 200, 200, 1)) / 200
    bends = 200 * (changed(slope, elastic=1.2) - slope)[0, 20:-20, 20:-20]
    assert np.sqrt((bends**2).mean()) == pytest.approx(1.2, rel=0.15)
    assert abs(np.diff(bends, axis=0)).max() < 1, "no sharp changes"
