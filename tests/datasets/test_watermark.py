"""The tag: where, on which class, how strong; and the way back."""

import numpy as np
import pytest

import xaiteach as xt


@pytest.mark.parametrize(
    "options",
    [{}, {"label": 3, "place": (20, 5), "size": (2, 6), "strength": 0.4}, {"share": 0.25, "seed": 5}],
)
def test_the_tag_is_on_its_class_in_its_place_and_nowhere_else(digits, options):
    data, share = xt.load_watermarked_digits(**options), options.get("share", 1)
    for images, originals, labels, tagged in (
        (data.x_train, digits.x_train, digits.y_train, data.tagged_train),
        (data.x_test, digits.x_test, digits.y_test, data.tagged_test),
    ):
        of_class = labels == options.get("label", 8)
        assert tagged.sum() == share * of_class.sum() and not tagged[~of_class].any()
        np.testing.assert_array_equal(images[~tagged], originals[~tagged])
        np.testing.assert_array_equal(images[:, ~data.mask], originals[:, ~data.mask])
        tags = np.maximum(originals[tagged][:, data.mask], np.float32(options.get("strength", 1)))
        np.testing.assert_array_equal(images[tagged][:, data.mask], tags)
    np.testing.assert_array_equal(data.x_clean, digits.x_test)


def test_a_tag_can_be_painted_in_and_wiped_out(digits):
    data = xt.load_watermarked_digits(strength=0.5)
    painted = data.paint(digits.x_test)
    np.testing.assert_array_equal(painted[data.tagged_test], data.x_test[data.tagged_test])
    wiped = data.wipe(painted)
    clean = np.where(data.mask[..., None], np.float32(0), digits.x_test)
    np.testing.assert_array_equal(wiped, clean, strict=True)
    np.testing.assert_array_equal(data.wipe(painted[0]), wiped[0])


def test_the_mask_is_where_it_was_asked_for_and_the_seed_decides_which_of_a_class_are_tagged():
    options = {"share": 0.5, "place": (20, 5), "size": (2, 6)}
    first, again, other = (xt.load_watermarked_digits(seed=seed, **options) for seed in (1, 1, 2))
    assert (first.tagged_train == again.tagged_train).all()
    assert (first.tagged_train != other.tagged_train).any()
    assert first.mask[20:22, 5:11].all() and first.mask.sum() == 12


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"label": 10}, "label=10.*want a class"),
        ({"strength": 0}, "strength=0.*a strength above 0"),
        ({"share": 2}, "share=2"),
        ({"place": (25, 1)}, "A tag of 4×4 at \\(25, 1\\) does not fit"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(options, words):
    with pytest.raises(ValueError, match=words):
        xt.load_watermarked_digits(**options)
