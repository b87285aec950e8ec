"""Feature maps and filters while a model trains."""

import os

import known
import numpy as np
import pytest
from watching import IMAGES, unsure

import xaiteach as xt
from xaiteach.callbacks.layer_grids import tiled
from xaiteach.models.cnn import get_weights


def test_feature_maps_of_a_layer_stand_in_a_grid(framework):
    """Two 1×1 filters, 1 and −1: the feature maps are the picture and its negative."""
    steps = [(np.array([[[[1.0, -1.0]]]]), [0, 0]), "average", (np.eye(2), [0, 0])]
    model = known.build(framework, steps, (6, 8, 1))
    watch, one = xt.callbacks.Activations(IMAGES, 0), xt.callbacks.Activations(IMAGES[0])
    for each in (watch, one):
        each(model, 1)
    expected = np.stack([IMAGES[..., 0], -IMAGES[..., 0]], axis=1)
    np.testing.assert_allclose(watch.maps[0], expected, atol=1e-6)
    np.testing.assert_allclose(one.maps[0], expected[0], atol=1e-6)
    drawn = watch.film().axes[1].images[0].get_array()
    row = np.hstack([expected[1, 0], np.zeros((6, 1)), expected[1, 1]])
    np.testing.assert_allclose(drawn, row, atol=1e-6)


def test_filters_are_the_weights_of_the_convolution(framework, tmp_path):
    model = xt.build_cnn(framework)
    watches = [xt.callbacks.Filters(name, folder=tmp_path) for name in ("conv1", "conv2")]
    for watch in watches:
        watch(model, 1)
        np.testing.assert_array_equal(watch.maps[0], get_weights(model)[f"{watch.layer}.weight"])
    grid = watches[1].film().axes[0].images[0].get_array()
    assert grid.shape == (16 * 4 - 1, 16 * 4 - 1)
    np.testing.assert_array_equal(grid[4:7, 8:11], watches[1].maps[0, 1, 2])
    assert watches[0].film().axes[0].images[0].get_array().shape == (15, 15)
    assert sorted(os.listdir(tmp_path)) == [f"filters_of_conv{i}_epoch_0001.png" for i in (1, 2)]


def test_tiles_go_row_by_row_with_a_line_between():
    maps = np.array([1, 2, 3]).reshape(3, 1, 1)
    assert tiled(maps).tolist() == [[1, 0, 2], [0, 0, 0], [3, 0, 0]]
    assert tiled(maps, 3).tolist() == [[1, 0, 2, 0, 3]]


def test_a_convolution_that_is_not_there_is_said_with_those_that_are(framework):
    with pytest.raises(ValueError, match="'norm1'.*it has conv1, conv2, conv3, conv4, conv5"):
        xt.callbacks.Filters("norm1")(xt.build_cnn(framework), 1)
    with pytest.raises(ValueError, match="none that can be seen"):
        xt.callbacks.Filters("conv1")(unsure, 1)
