"""One convention for images: what is taken, and what is refused in which words."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from xaiteach.images.batch import as_batch, as_image_shape, as_value_range

GREY, COLOUR = (28, 28, 1), (32, 24, 3)


def picture(*shape, dtype=np.float32):
    return np.random.default_rng(0).random(shape).astype(dtype)


@pytest.mark.parametrize("n", [1, 2, 28])
@pytest.mark.parametrize("shape", [GREY, COLOUR, (1, 1, 1), (1, 3, 1), (4, 4, 1), (3, 1, 3), (3, 3, 3)])
def test_one_image_becomes_a_batch_of_one_and_a_batch_or_list_stays_one(shape, n):
    batch, single = as_batch(picture(*shape))
    assert batch.shape == (1, *shape) and single
    for images in (picture(n, *shape), [picture(*shape)] * n):
        batch, single = as_batch(images)
        assert batch.shape == (n, *shape) and not single


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.float16, np.float64])
def test_images_of_any_type_come_out_as_float32_with_their_values(dtype):
    batch, _ = as_batch(np.eye(28, dtype=dtype)[..., None])
    assert batch.dtype == np.float32
    assert_array_equal(batch[0, ..., 0], np.eye(28))


@pytest.mark.parametrize("value", [1.00005, -0.00005])
def test_a_value_out_of_range_by_rounding_is_let_pass_and_by_more_not(value):
    as_batch(np.full(GREY, value))
    as_batch(np.full(GREY, 255 * value), value_range=(0, 255))
    with pytest.raises(ValueError, match="want 0 to 1"):
        as_batch(np.full(GREY, 0.5 + 1.001 * (value - 0.5)))


@pytest.mark.parametrize("wanted", [(None, None, 1), (28, None, 1), (None, None, None), (28, 40, 1)])
def test_a_side_that_the_model_leaves_open_may_have_any_length(wanted):
    assert as_batch(picture(28, 40, 1), input_shape=wanted)[0].shape == (1, 28, 40, 1)


@pytest.mark.parametrize("value_range", [(0, 255), (-1, 1), None])
def test_another_range_of_values_can_be_agreed_on(value_range):
    low, high = value_range or (-1000, 1000)
    as_batch(np.linspace(low, high, 28 * 28).reshape(GREY), value_range=value_range)


@pytest.mark.parametrize(
    ("images", "value_range", "words"),
    [
        (picture(*GREY) * 255, (0, 1), r"Values from .* to 25.*; want 0 to 1. Divide by 255"),
        (np.full((5, *GREY), 9, np.uint8) * 28, (0, 1), "want 0 to 1. Divide by 255"),
        (picture(*GREY) * 2 - 1, (0, 1), r"Values from -0.99.*want 0 to 1. Give \(images \+ 1\) / 2"),
        (picture(*GREY) * 5 - 2, (0, 1), r"want 0 to 1. Rescale them, or say wrap\(model, value_range="),
        (np.linspace(-1, 1, 28 * 28).reshape(GREY), (0, 255), "Values from -1 to 1; want 0 to 255"),
    ],
)
def test_values_outside_the_range_are_refused_with_what_to_do(images, value_range, words):
    with pytest.raises(ValueError, match=words):
        as_batch(images, value_range=value_range)


@pytest.mark.parametrize("shape", [(1, 28, 28), (3, 24, 32), (4, 32, 32), (5, 1, 28, 28), (1, 4, 4)])
def test_channels_first_is_refused_with_how_to_move_them(shape):
    with pytest.raises(ValueError, match=r"channels first \(C, H, W\); want .*np.moveaxis\(images, -3, -1\)"):
        as_batch(picture(*shape))
    assert as_batch(picture(3, 28, 28), input_shape=(3, 28, 28))[0].shape == (1, 3, 28, 28)


@pytest.mark.parametrize("wanted", [None, GREY, (None, None, 1)])
@pytest.mark.parametrize("n", [2, 28, 50])
def test_a_batch_without_its_channel_axis_is_not_taken_for_one_image_of_many_channels(n, wanted):
    with pytest.raises(ValueError, match=rf"looks like {n} images without channels; want \(N, H, W, C\)"):
        as_batch(picture(n, 28, 28), input_shape=wanted)


def test_what_may_be_many_channels_or_many_images_is_told_both():
    with pytest.raises(ValueError, match=r"5 channels.*input_shape=\(H, W, 5\).*60 images without channels"):
        as_batch(picture(60, 56, 5))
    with pytest.raises(ValueError, match=r"input_shape=\(H, W, 5\)\)\.$"):
        as_batch(picture(2, 60, 56, 5))


@pytest.mark.parametrize(
    ("shape", "wanted", "words"),
    [
        ((28, 28), None, r"\(28, 28\) without channels; .* np.asarray\(image\)\[..., None\]"),
        ((100, 784), None, r"\(100, 784\) without channels; .* rows.reshape\(-1, 28, 28, 1\)"),
        ((784,), None, r"Given shape \(784,\); want one image"),
        ((1, 2, 28, 28, 1), None, r"Given shape \(1, 2, 28, 28, 1\); want one image"),
        ((2, 8, 8, 12), None, r"12 channels; want \(H, W, C\) with 1 to 4"),
        ((32, 32, 1), GREY, "the model wants 28×28×1 .* Resize them"),
        ((5, 20, 28, 1), (28, None, 1), "the model wants 28×any×1 .* Resize them"),
        ((28, 28, 3), GREY, r"wants 1 channel\(s\), given 3: turn them grey"),
        ((28, 28, 1), (28, 28, 3), r"wants 3 channel\(s\), given 1: np.repeat"),
        ((0, 28, 28, 1), None, "The batch is empty"),
        ((2, 28, 28, 0), GREY, "The batch is empty"),
    ],
)
def test_a_wrong_shape_is_refused_with_what_was_given_and_what_is_wanted(shape, wanted, words):
    with pytest.raises(ValueError, match=words):
        as_batch(picture(*shape), input_shape=wanted)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("value_range", [(0, 1), None])
def test_a_value_that_is_no_number_is_refused_and_counted(bad, value_range):
    images = picture(2, *GREY)
    images[1, 3, 4:6] = bad
    with pytest.raises(ValueError, match="2 of the values are NaN or infinite"):
        as_batch(images, value_range=value_range)


RAGGED = [picture(28, 28, 1), picture(32, 32, 1)]
ODD = [None, "cat.png", object(), {"image": 1}, RAGGED, [picture(28, 28, 1), None]]


@pytest.mark.parametrize("images", [*ODD, *(picture(*GREY).astype(kind) for kind in (str, complex, object))])
def test_what_is_no_array_of_numbers_is_refused(images):
    with pytest.raises(ValueError, match="Images must be numbers, all of one size; given"):
        as_batch(images)


@pytest.mark.parametrize("shape", [[28, 28, 3], (None, None, 3), (3, 3, 80), (4, 4, 80), (1, 3, 1)])
def test_an_image_shape_is_kept_as_a_tuple(shape):
    assert as_image_shape(shape) == tuple(shape)


@pytest.mark.parametrize("shape", [(1, 28, 28), (3, None, None), (28, 28), (1, 28, 28, 1), ()])
def test_an_image_shape_that_is_not_height_width_channels_is_refused(shape):
    with pytest.raises(ValueError, match=r"want \(H, W, C\), height and width first, channels last"):
        as_image_shape(shape)


@pytest.mark.parametrize("pair", [255, (1, 0), (0, 1, 2), (0,), (1, 1)])
def test_a_range_that_is_no_pair_of_lowest_and_highest_is_refused(pair):
    with pytest.raises(ValueError, match=r"want a pair \(lowest, highest\), or None"):
        as_value_range(pair)


@pytest.mark.filterwarnings("error")
def test_a_picture_from_zero_to_one_is_warned_of_where_255_is_white_and_others_are_not():
    with pytest.warns(UserWarning, match="nearly black where 255 is white"):
        as_batch(picture(*GREY), value_range=(0, 255))
    for images in (np.zeros(GREY), np.eye(28)[..., None], 254.5 * picture(*GREY)):
        as_batch(images, value_range=(0, 255))


def test_a_mirrored_view_is_taken_as_the_picture_it_shows():
    images = picture(2, *GREY)
    batch, _ = as_batch(images[:, ::-1, ::-1])
    assert_array_equal(batch, np.flip(images, axis=(1, 2)))
    assert all(step > 0 for step in batch.strides)  # PyTorch takes no other
