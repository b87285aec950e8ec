"""Pointing: a map on the right thing, beside it, everywhere, nowhere."""

import numpy as np
import pytest

import xaiteach as xt
from xaiteach.metrics import grid_pointing_game, mass_in_mask, pointing_game

MODEL = xt.wrap(lambda images: np.full((len(images), 2), 0.5))
MASK = np.zeros((4, 6), bool)
MASK[1:3, 2:5] = True


def ask(measure, maps, **options):
    """Of black pictures."""
    maps = np.asarray(maps, float)
    return measure(MODEL, np.zeros((*maps.shape, 1)), maps, 0, **options).value


def peak(row, column, value=1):
    maps = np.full((4, 6), -1.0)
    maps[row, column] = value
    return maps


@pytest.mark.parametrize(
    ("maps", "tolerance", "expected"),
    [
        (peak(2, 4), 0, 1),
        (peak(0, 4), 0, 0),
        (-peak(2, 4, 5), 0, 5 / 23),
        (peak(0, 5), 1, 1),
        (peak(0, 0), 1, 0),
        (peak(0, 0), 2, 1),
    ],
)
def test_the_highest_pixels_lie_in_the_mask_or_near_it_or_they_do_not(maps, tolerance, expected):
    assert ask(pointing_game, maps, masks=MASK, tolerance=tolerance) == pytest.approx(expected)


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
    assert ask(measure, random, **options).mean() == pytest.approx(chance, abs=0.03)


@pytest.mark.parametrize(
    ("grid", "cell", "share"),
    [(2, 0, 0.3), (2, 1, 0.2), (2, 2, 0), (2, 3, 0.5), ((1, 3), 2, 0.7), ((4, 1), 1, 0)],
)
def test_cells_of_a_grid_are_counted_row_by_row(grid, cell, share):
    maps = np.zeros((4, 6))
    maps[0, 1], maps[3, 5], maps[0, 4], maps[0, 5] = 3, 5, 2, -7
    assert ask(grid_pointing_game, maps, cells=cell, grid=grid) == pytest.approx(share)


def test_each_image_has_its_own_mask_and_cell():
    maps = np.stack([9 * peak(2, 4), peak(2, 4)])
    assert ask(pointing_game, maps, masks=np.stack([~MASK, MASK])).tolist() == [0, 1]
    assert ask(pointing_game, maps, masks=np.stack([MASK, 0 * MASK]), tolerance=1).tolist() == [1, 0]
    assert ask(grid_pointing_game, maps, cells=[3, 0]).tolist() == [1, 0]


@pytest.mark.parametrize(
    ("measure", "options", "words"),
    [
        (pointing_game, {"masks": np.zeros((3, 3), bool)}, "want True and False of shape"),
        (mass_in_mask, {"masks": np.zeros((4, 6))}, "Masks of type float64"),
        (grid_pointing_game, {"cells": 4}, "want numbers from 0 to 3"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(measure, options, words):
    with pytest.raises(ValueError, match=words):
        ask(measure, np.ones((4, 6)), **options)
