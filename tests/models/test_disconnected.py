"""Cells without a connection: nothing outside, and inside what the cell alone gets."""

import numpy as np
import pytest

import xaiteach as xt


def occlusion(*args):
    return xt.occlusion(*args, window=7, of="score")


@pytest.fixture(scope="module")
def mosaics():
    return xt.load_digit_grids(n=3)


def test_scores_are_those_of_each_cell_row_by_row(cnn, mosaics):
    scores = xt.wrap(xt.build_disconnected_grid(cnn)).scores(mosaics.images)
    for cell, mask in enumerate(mosaics.masks):
        alone = cnn.scores(mosaics.images[:, mask].reshape(3, 28, 28, 1))
        np.testing.assert_allclose(scores[:, 10 * cell : 10 * cell + 10], alone, atol=1e-4)


@pytest.mark.parametrize("method", [xt.saliency, occlusion])
def test_maps_are_0_outside_of_the_cell_and_inside_those_of_the_cell_alone(cnn, mosaics, method):
    model = xt.wrap(xt.build_disconnected_grid(cnn.model))
    maps = method(model, mosaics.images, 10 + mosaics.labels[:, 1])
    assert (maps[:, ~mosaics.masks[1]] == 0).all()
    alone = method(cnn, mosaics.images[:, :28, 28:], mosaics.labels[:, 1])
    np.testing.assert_allclose(maps[:, :28, 28:], alone, atol=1e-4)


def test_another_size_of_grid_and_of_cell_in_colour(framework):
    model = xt.build_cnn(framework, channels=3, n_classes=4)
    grid = xt.wrap(xt.build_disconnected_grid(model, 3, side=16))
    images = np.random.default_rng(0).random((2, 48, 48, 3))
    alone = xt.wrap(model).scores(images[:, 32:, 16:32])
    np.testing.assert_allclose(grid.scores(images)[:, 28:32], alone, atol=1e-4)
