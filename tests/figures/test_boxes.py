"""Where a map says that the thing is."""

import numpy as np
import pytest

import xaiteach as xt

MAP = np.array([[9, 0, 0, 0, 0], [0, 0, 5, 6, 0], [0, 0, 0, 0, 3], [-9, -9, 0, 1, 0]])


def test_the_largest_piece_above_the_threshold_wins_and_not_the_brightest():
    mask, box = xt.localise(MAP, threshold=0.2)
    assert box == (1, 2, 3, 5)
    assert {tuple(map(int, place)) for place in np.argwhere(mask)} == {(1, 2), (1, 3), (2, 4)}
    assert xt.localise(MAP, threshold=0.5).box == (1, 2, 2, 4)
    assert xt.localise(MAP, threshold=0.9).box == (0, 0, 1, 1)


@pytest.mark.parametrize("empty", [0 * MAP, -abs(MAP)])
def test_where_nothing_is_positive_there_is_no_place(empty):
    mask, box = xt.localise(empty)
    assert box is None and not mask.any() and mask.shape == MAP.shape


def test_the_box_of_grad_cam_lies_around_the_digit_of_a_mosaic(digits):
    cnn = xt.load_cnn("torch")
    mosaic = np.zeros((56, 56, 1), np.float32)
    mosaic[28:, :28] = digits.x_test[0]
    top, left, bottom, right = xt.localise(xt.grad_cam(cnn, mosaic, int(digits.y_test[0])), threshold=0.5).box
    assert 20 <= top < bottom <= 56
    assert 0 <= left < right <= 36


@pytest.mark.parametrize(
    ("map", "threshold", "words"),
    [
        (np.zeros((2, 3, 4)), 0.2, "want one map"),
        (np.full((2, 2), np.nan), 0.2, "finite"),
        (MAP, 1, "share of the maximum"),
        (MAP, -0.1, "share of the maximum"),
        (MAP, None, "share of the maximum"),
    ],
)
def test_what_is_no_map_or_no_share_is_refused(map, threshold, words):
    with pytest.raises(ValueError, match=words):
        xt.localise(map, threshold=threshold)
