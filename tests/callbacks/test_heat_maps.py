"""Heat maps while a model trains: what stands above them, and what is refused before the training."""

import re

import numpy as np
import pytest
from watching import IMAGES, unsure, watched

import xaiteach as xt


def test_one_image_has_no_n():
    assert watched(3, IMAGES[0]).maps.shape == (3, 6, 8)


def test_above_a_map_stands_the_class_it_explains():
    def captions(targets, model=unsure, shape=(2, 6, 8)):
        watch = xt.callbacks.HeatMaps(IMAGES, lambda model, images, targets: np.zeros(shape), targets)
        watch(model, 1)
        return watch.captions[0]

    assert captions(None) == ["0 (70 %)"] * 2
    assert captions(1) == ["1 (30 %)"] * 2
    assert captions([1, 0]) == ["1 (30 %)", "0 (70 %)"]
    assert captions((1, 0)) == ["1, not 0"] * 2
    assert captions("all", shape=(2, 2, 6, 8)) == ["0 (70 %)", "1 (30 %)"] * 2
    assert captions(1, xt.wrap(unsure, class_names=["cat", "dog"])) == ["dog (30 %)"] * 2


def test_several_maps_of_an_image_have_a_row_each():
    def both(model, images, targets):
        return np.stack([np.zeros(images.shape[:3]), np.ones(images.shape[:3])], axis=1)

    watch = xt.callbacks.HeatMaps(IMAGES, both, "all", style="heatmap")
    watch(unsure, 1)
    assert watch.maps.shape == (1, 2, 2, 6, 8)
    axes = watch.film().axes
    assert [ax.images[0].get_array().max() for ax in axes[1:8:2]] == [0, 1, 0, 1]
    np.testing.assert_allclose(axes[4].images[0].get_array(), IMAGES[1, ..., 0])


def test_what_does_not_fit_is_said_before_the_training():
    def needs_more(model, images, targets, *, window):
        return np.zeros(images.shape[:3])

    watch = xt.callbacks.HeatMaps
    for wrong, error, words in [
        (lambda: watch(IMAGES[0, ..., 0]), ValueError, "without channels"),
        (lambda: watch(255 * IMAGES), ValueError, "want 0 to 1"),
        (lambda: watch(IMAGES, "gradcam"), ValueError, "'gradcam' is not known; choose from grad_cam"),
        (lambda: watch(IMAGES, "grad_cam", step=3), ValueError, "grad_cam can't be called .* 'step'"),
        (
            lambda: watch(IMAGES, "saliency", per_channel=True),
            ValueError,
            "leave details and per_channel out",
        ),
        (lambda: watch(IMAGES, needs_more), ValueError, "needs_more can't be called .* 'window'"),
        (
            lambda: watch(IMAGES, style="pretty"),
            ValueError,
            "style='pretty' is not known; choose one of .*'overlay'",
        ),
        (lambda: watch(IMAGES, every=0), ValueError, "every=0; want a whole number of epochs, at least 1"),
        (lambda: watch(IMAGES, every=1.5), ValueError, "every=1.5; want a whole number"),
        (lambda: xt.callbacks.Activations(IMAGES, 2.0), TypeError, "want a name, an index or None"),
        (lambda: xt.callbacks.Filters(0), TypeError, "layer 0 is a int; want a name"),
    ]:
        with pytest.raises(error, match=words):
            wrong()


@pytest.mark.parametrize("shape", [(2, 3, 4), (2, 8, 6), (1, 6, 8), (2, 48)])
def test_maps_of_another_shape_than_the_images_are_refused(shape):
    watch = xt.callbacks.HeatMaps(IMAGES, lambda model, images, targets: np.zeros(shape))
    words = f"shape {shape}; want a map for each pixel, (2, 6, 8). For Grad-CAM leave resize=True"
    with pytest.raises(ValueError, match=re.escape(words)):
        watch(unsure, 1)


def test_maps_that_are_no_numbers_are_refused():
    watch = xt.callbacks.HeatMaps(IMAGES, lambda model, images, targets: np.full(images.shape[:3], np.nan))
    with pytest.raises(ValueError, match="lambda gave NaN or infinite values"):
        watch(unsure, 1)
    assert watch.epochs == []


def test_no_bar_of_a_method_comes_between_those_of_the_training():
    def method(model, images, targets, *, progress=True):
        return np.full(images.shape[:3], float(progress))

    watches = [xt.callbacks.HeatMaps(IMAGES, method, **options) for options in ({}, {"progress": True})]
    for watch in watches:
        watch(unsure, 1)
    assert [watch.maps.max() for watch in watches] == [0, 1]
