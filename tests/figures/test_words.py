from types import SimpleNamespace

import numpy as np
import pytest

import xaiteach as xt
from xaiteach.figures.words import densest, per_cent, rounded


def test_a_map_is_described_by_its_peak_its_area_and_its_sum_and_what_is_none_is_refused():
    """Of the positive mass 10, the 8 in one pixel are 80 %: one pixel of twenty is 5 %."""
    one = np.zeros((4, 5))
    one[1, 3], one[2, 0], one[0, 0] = 8, 2, -13
    expected = "peak at row 1, column 3; 80 % of the positive mass in 5 % of the pixels; sum −3"
    assert xt.describe(one) == expected
    for wrong in (np.zeros(3), np.zeros((2, 2, 2, 2)), np.full((2, 2), np.nan), np.zeros((0, 3))):
        with pytest.raises(ValueError, match="want finite numbers, a map"):
            xt.describe(wrong)


def test_maps_are_described_a_line_each_with_their_names():
    maps = np.zeros((4, 2, 4))
    maps[0, 1, 3], maps[1, 1, 0] = 5, -2
    maps[3, 0, :2] = 1, -1 + 1e-6
    one, negative, zero, rounding_error = xt.describe(maps, list("abcd")).split("\n")
    assert one.startswith("a: peak at row 1, column 3")
    assert negative == "b: nothing positive; lowest at row 1, column 0; sum −2"
    assert zero == "c: all zeros" and rounding_error.endswith("sum 0")


def test_per_cent_never_claims_a_false_0_or_100_and_numbers_are_rounded_to_two_digits():
    shares = {0.004: "under 1 %", 0.996: "over 99 %", 0: "0 %", 1: "100 %", 0.5: "50 %"}
    assert {share: per_cent(share) for share in shares} == shares
    numbers = {123.4: "120", -0.0314: "−0.031", 0: "0", 9.99: "10"}
    assert {number: rounded(number) for number in numbers} == numbers


def test_the_densest_pixels_are_as_few_as_possible():
    strength = np.array([[5.0, 1], [3, 1]])
    np.testing.assert_array_equal(densest(strength, 0.8), [[True, False], [True, False]])
    np.testing.assert_array_equal(densest(strength, 0.81), [[True, True], [True, False]])
    assert not densest(np.zeros((2, 2))).any()


def test_titles_name_class_and_probability():
    model = xt.wrap(lambda images: np.tile([0.75, 0.25], (len(images), 1)), class_names=["cat", "dog"])
    images = np.zeros((3, 4, 4, 1))
    assert xt.top_class(model, images) == ["cat (75 %)"] * 3
    assert xt.top_class(model, images[0], 1) == "dog (25 %)"
    assert xt.top_class(model, list(images), [0, 1, 1]) == ["cat (75 %)", "dog (25 %)", "dog (25 %)"]
    sure = xt.wrap(lambda images: np.tile([1.0, 0.0], (len(images), 1)))
    assert xt.top_class(sure, images[:2], [0, 1]) == ["0 (over 99 %)", "1 (under 1 %)"]
    values = xt.wrap(lambda images: np.tile([3.2, -41.26], (len(images), 1)), outputs="value")
    assert xt.top_class(values, images[:2], [0, 1]) == ["0 (3.2)", "1 (−41.3)"], "no per cent of a value"
    with pytest.raises(ValueError, match="Class 12 is out of range; this model has 2 classes"):
        xt.top_class(model, images[0], 12)


def test_a_badge_says_how_much_a_map_accounts_for_with_three_digits_of_the_whole():
    known = SimpleNamespace(accounts_for=np.array([9.806, -0.02304, 1234.5]))
    known.difference = np.array([9.8, -0.023, 1230])
    parts = ["9.81 of 9.80", "−0.0230 of −0.0230", "1234 of 1230"]
    assert xt.adds_up(known) == [f"adds up to {part}" for part in parts]
    assert xt.adds_up(SimpleNamespace(accounts_for=2.5, difference=0.0)) == "adds up to 2.50 of 0.00"
    with pytest.raises(ValueError, match="know r2, but no sum"):
        xt.adds_up(SimpleNamespace(r2=0.9))
