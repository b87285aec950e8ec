"""Heat maps while a model trains: what stands above them, and what is refused before the training."""

import numpy as np
import pytest
from watching import IMAGES, unsure

import xaiteach as xt


def watch_of(maps, **options):
    """A watcher that was shown one epoch of a method which always gives these maps."""
    watch = xt.callbacks.HeatMaps(IMAGES, lambda model, images, targets: maps, **options)
    watch(xt.wrap(unsure, class_names=["cat", "dog"]), 1)
    return watch


@pytest.mark.parametrize(
    ("targets", "captions"),
    [
        (None, ["cat (70 %)"] * 2),
        (1, ["dog (30 %)"] * 2),
        ([1, 0], ["dog (30 %)", "cat (70 %)"]),
        ((1, 0), ["dog, not cat"] * 2),
    ],
)
def test_above_a_map_stands_the_class_it_explains(targets, captions):
    assert watch_of(np.zeros((2, 6, 8)), targets=targets).captions == [captions]


def test_several_maps_of_an_image_have_a_row_each():
    watch = watch_of(np.stack([np.zeros((2, 6, 8)), np.ones((2, 6, 8))], axis=1), targets="all")
    assert watch.maps.shape == (1, 2, 2, 6, 8) and watch.captions == [["cat (70 %)", "dog (30 %)"] * 2]
    axes = watch.film().axes
    np.testing.assert_allclose(axes[4].images[0].get_array(), IMAGES[1, ..., 0])


@pytest.mark.parametrize(
    ("arguments", "options", "words"),
    [
        ((IMAGES[0, ..., 0],), {}, "without channels"),
        ((255 * IMAGES,), {}, "want 0 to 1"),
        ((IMAGES, "gradcam"), {}, "'gradcam' is not known; choose from grad_cam"),
        ((IMAGES, "grad_cam"), {"step": 3}, "grad_cam can't be called .* 'step'"),
        ((IMAGES, "saliency"), {"per_channel": True}, "leave details and per_channel out"),
        ((IMAGES,), {"style": "pretty"}, "style='pretty' is not known; choose one of .*'overlay'"),
        ((IMAGES,), {"every": 1.5}, "every=1.5; want a whole number"),
    ],
)
def test_what_does_not_fit_is_said_before_the_training(arguments, options, words):
    with pytest.raises(ValueError, match=words):
        xt.callbacks.HeatMaps(*arguments, **options)


@pytest.mark.parametrize("shape", [(2, 3, 4), (2, 8, 6), (1, 6, 8), (2, 48)])
def test_maps_of_another_shape_than_the_images_or_of_no_numbers_are_refused(shape):
    with pytest.raises(ValueError, match=r"Maps of shape .* the images are \(6, 8\)"):
        watch_of(np.zeros(shape))
    with pytest.raises(ValueError, match="NaN or infinite values"):
        watch_of(np.full((2, 6, 8), np.nan))


@pytest.mark.parametrize(("options", "shown"), [({}, 0), ({"progress": True}, 1)])
def test_no_bar_of_a_method_comes_between_those_of_the_training(options, shown):
    def method(model, images, targets, *, progress=True):
        return np.full(images.shape[:3], float(progress))

    watch = xt.callbacks.HeatMaps(IMAGES, method, **options)
    watch(unsure, 1)
    assert watch.maps.max() == shown
