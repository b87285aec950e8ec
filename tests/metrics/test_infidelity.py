"""Infidelity: 0 for what is additive, the mean square of the drops for nothing."""

import numpy as np
import pytest

import xaiteach as xt
from xaiteach.metrics import infidelity, random_rectangles

PICTURE = np.random.default_rng(0).random((6, 7, 2))
SHARES = PICTURE.sum(axis=-1)


ADDING = xt.wrap(lambda images: images.sum(axis=(1, 2, 3))[:, None] * [1, -1], outputs="scores")


@pytest.mark.parametrize(
    ("maps", "target", "options"),
    [
        (SHARES, 0, {}),
        (-SHARES, 1, {}),
        ((PICTURE - 0.5).sum(axis=-1), 0, {"fill": 0.5}),
        (-40 * SHARES, 0, {"normalise": True}),
    ],
)
def test_the_shares_of_a_sum_foretell_every_drop(maps, target, options):
    assert infidelity(ADDING, PICTURE, maps, target, **options).value == pytest.approx(0, abs=1e-8)


@pytest.mark.parametrize("normalise", [False, True])
def test_no_map_at_all_gets_the_mean_square_of_the_drops_and_the_opposite_four_times_that(normalise):
    """On a white picture a rectangle costs its area. No map has no shape to normalise."""
    white = np.ones((8, 8, 1))
    areas = random_rectangles((8, 8), 50, 0.5, seed=3).sum(axis=(1, 2))
    assert areas.min() >= 1 and areas.max() <= 16 and len(set(areas)) > 5
    options, square = {"n_samples": 50, "side": 0.5, "seed": 3}, (areas**2).mean()
    nothing = infidelity(ADDING, white, np.zeros((8, 8)), 0, normalise=normalise, **options)
    opposite = infidelity(ADDING, white, -np.ones((8, 8)), 0, **options)
    assert nothing.value == pytest.approx(square) and opposite.value == pytest.approx(4 * square)


def test_rectangles_reach_every_pixel_of_the_border():
    masks = random_rectangles((9, 12), 400, 0.4)
    assert masks.any(axis=0).all()
    assert masks.any(axis=1).sum(axis=1).max() == 5 and masks.any(axis=2).sum(axis=1).max() == 4


@pytest.mark.parametrize(
    ("options", "words"),
    [({"side": 1.1}, "side=1.1; want a share"), ({"n_samples": 0}, "n_samples is 0; want")],
)
def test_what_makes_no_sense_is_refused_in_words(options, words):
    with pytest.raises(ValueError, match=words):
        infidelity(ADDING, PICTURE, SHARES, 0, **options)
