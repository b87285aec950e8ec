"""Photos come from the installed package, in the course's convention, and undistorted."""

import numpy as np
import pytest
import skimage.data

from xaiteach.datasets import load_photo
from xaiteach.datasets.photos import PHOTOS


@pytest.mark.parametrize("name", PHOTOS)
def test_every_photo_is_there_without_network(name, no_network):
    photo = load_photo(name)
    assert photo.dtype == np.float32
    assert min(photo.shape[:2]) >= 300 and photo.shape[2] in (1, 3)
    assert 0 <= photo.min() < 0.3 and 0.7 < photo.max() <= 1


@pytest.mark.parametrize(("name", "source"), [("cat", "chelsea"), ("coffee", "coffee"), ("brick", "brick")])
def test_pixels_are_those_of_scikit_image_over_255(name, source):
    pixels = getattr(skimage.data, source)()
    np.testing.assert_array_equal(load_photo(name), pixels.reshape(*pixels.shape[:2], -1) / np.float32(255))


@pytest.mark.parametrize(
    ("size", "middle"), [(300, np.s_[:, 75:375]), ((100, 451), np.s_[100:200, :]), ((300, 451), np.s_[:, :])]
)
def test_size_is_height_and_width_the_middle_is_cut_out_and_nothing_stretched(size, middle):
    """The cat is 300 × 451, so at these sizes there is nothing left to resize."""
    np.testing.assert_allclose(load_photo("cat", size=size), load_photo("cat")[middle], atol=1e-6)
    for name, given, shape in (("cat", 64, (64, 64, 3)), ("brick", [600, 1], (600, 1, 1))):
        photo = load_photo(name, size=given)
        assert (photo.shape, photo.dtype) == (shape, np.float32)
        assert photo.min() >= 0 and photo.max() <= 1


def test_a_smaller_photo_is_averaged_not_sampled():
    """Taking every 64th pixel of gravel would keep its contrast; averaging takes it away."""
    full, small = load_photo("gravel"), load_photo("gravel", size=8)
    assert small.std() < 0.3 * full.std()
    assert small.mean() == pytest.approx(full.mean(), abs=0.02)


def test_grey_is_the_luminance_and_a_grey_photo_stays_as_it_is():
    """Rec. 709: 0.2125 red, 0.7154 green, 0.0721 blue."""
    colour, grey = load_photo("coffee"), load_photo("coffee", grey=True)
    assert (grey.shape, grey.dtype) == ((400, 600, 1), np.float32)
    np.testing.assert_allclose(grey[..., 0], colour @ [0.2125, 0.7154, 0.0721], atol=1e-6)
    np.testing.assert_array_equal(load_photo("camera", grey=True), load_photo("camera"))


@pytest.mark.parametrize("size", [0, -3, (0, 5), (5,), (1, 2, 3), 2.5, "big"])
def test_a_size_that_is_none_and_an_unknown_name_are_refused(size):
    with pytest.raises(ValueError, match="want \\(H, W\\) or one number"):
        load_photo("cat", size=size)
    with pytest.raises(ValueError, match="'dog'.*astronaut, brick, camera, cat"):
        load_photo("dog", size=size)
