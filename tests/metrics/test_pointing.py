"""Pointing: a map on the right thing, beside it, everywhere, nowhere."""

import numpy as np
import pytest

import xaiteach as xt
from xaiteach.metrics import grid_pointing_game, mass_in_mask, pointing_game

MODEL = xt.wrap(lambda images: np.full((len(images), 2), 0.5))
PICTURE = np.zeros((4, 6, 1))
MASK = np.zeros((4, 6), bool)
MASK[1:3, 2:5] = True


def ask(measure, maps, **options):
    return measure(MODEL, PICTURE, np.asarray(maps, float), 0, **options).value


def single(row, column, value=1):
    maps = np.full((4, 6), -1.0)
    maps[row, column] = value
    return maps


def test_the_highest_pixel_lies_in_the_mask_or_it_does_not():
    assert ask(pointing_game, single(2, 4), masks=MASK) == 1
    assert ask(pointing_game, single(0, 4), masks=MASK) == 0
    assert ask(pointing_game, -single(2, 4, 5), masks=MASK) == pytest.approx(5 / 23)


def test_a_tolerance_lets_the_mask_grow():
    assert ask(pointing_game, single(0, 5), masks=MASK, tolerance=1) == 1
    assert ask(pointing_game, single(0, 0), masks=MASK, tolerance=1) == 0
    assert ask(pointing_game, single(0, 0), masks=MASK, tolerance=2) == 1


def test_a_mask_grows_on_its_own_picture_only():
    maps, pictures = np.stack([single(2, 4), single(2, 4)]), np.stack([PICTURE, PICTURE])
    masks = np.stack([MASK, np.zeros_like(MASK)])
    np.testing.assert_array_equal(
        pointing_game(MODEL, pictures, maps, masks=masks, tolerance=1).value, [1, 0]
    )


def test_the_share_of_positive_mass_leaves_what_is_negative_out():
    maps = np.zeros((4, 6))
    maps[1, 2], maps[0, 0], maps[3, 3] = 3e-9, 1e-9, -9e-9
    assert ask(mass_in_mask, maps, masks=MASK) == pytest.approx(0.75)
    assert ask(mass_in_mask, np.zeros((4, 6)), masks=MASK) == 0


@pytest.mark.parametrize(
    ("measure", "options", "chance"),
    [
        (pointing_game, {"masks": MASK}, MASK.mean()),
        (mass_in_mask, {"masks": MASK}, MASK.mean()),
        (grid_pointing_game, {"cells": 1}, 1 / 4),
    ],
)
def test_constant_and_random_maps_are_at_chance(measure, options, chance):
    assert ask(measure, np.ones((4, 6)), **options) == pytest.approx(chance)
    random = np.random.default_rng(0).random((800, 4, 6))
    value = measure(MODEL, np.zeros((800, 4, 6, 1)), random, 0, **options).value
    assert value.mean() == pytest.approx(chance, abs=0.03)


@pytest.mark.parametrize(
    ("grid", "cell", "share"),
    [(2, 0, 0.3), (2, 1, 0.2), (2, 2, 0), (2, 3, 0.5), ((1, 3), 2, 0.7), ((4, 1), 1, 0)],
)
def test_cells_of_a_grid_are_counted_row_by_row(grid, cell, share):
    maps = np.zeros((4, 6))
    maps[0, 1], maps[3, 5], maps[0, 4], maps[0, 5] = 3, 5, 2, -7
    assert ask(grid_pointing_game, maps, cells=cell, grid=grid) == pytest.approx(share)


def test_each_image_has_its_own_mask_and_cell():
    maps, pictures = np.stack([9 * single(2, 4), single(2, 4)]), np.stack([PICTURE, PICTURE])
    masks = np.stack([~MASK, MASK])
    np.testing.assert_array_equal(pointing_game(MODEL, pictures, maps, 0, masks=masks).value, [0, 1])
    np.testing.assert_array_equal(grid_pointing_game(MODEL, pictures, maps, 0, cells=[3, 0]).value, [1, 0])


@pytest.mark.parametrize(
    ("measure", "options", "words"),
    [
        (pointing_game, {"masks": np.zeros((3, 3), bool)}, "want True and False of shape"),
        (mass_in_mask, {"masks": np.zeros((4, 6))}, "Masks of type float64"),
        (grid_pointing_game, {"cells": 4}, "want numbers from 0 to 3"),
        (grid_pointing_game, {"cells": -1}, "want numbers from 0 to 3"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(measure, options, words):
    with pytest.raises(ValueError, match=words):
        ask(measure, np.ones((4, 6)), **options)
