"""How answers are looked at: what counts as an array, a number, a choice, and what is said of those that are wrong."""

import tracemalloc

import numpy as np
import pytest

from xaiteach_course.check.exercise import Line, Wrong
from xaiteach_course.check.look import COMMON, again, alike, array, between, chosen, number, result


def through(lines):
    """The lines of a generator, and what it returns in the end."""
    seen = []
    while True:
        try:
            seen.append(next(lines))
        except StopIteration as end:
            return seen, end.value


def refused(ask, *given, **options):
    """The reason for which an answer is not looked at any further."""
    with pytest.raises(Wrong) as error:
        through(ask(*given, **options)) if ask is not number else ask(*given)
    return error.value.args[0].why


@pytest.fixture
def right():
    return np.random.default_rng(0).normal(size=(4, 6))


def test_lists_and_tensors_of_both_frameworks_are_arrays():
    import tensorflow as tf
    import torch

    wanted = np.arange(6.0).reshape(2, 3)
    for answer in (
        wanted.tolist(),
        torch.tensor(wanted, requires_grad=True),
        tf.constant(wanted),
        np.float32(wanted),
    ):
        lines, found = through(array(answer, (2, 3)))
        assert all(line.right for line in lines) and found.dtype == float
        np.testing.assert_array_equal(found, wanted)


def test_what_looks_like_a_table_is_an_array():
    class Table:
        def __array__(self, dtype=None, copy=None):
            return np.ones((2, 3))

    assert through(array(Table(), (2, 3)))[1].sum() == 6


def test_a_huge_array_of_another_shape_is_never_copied():
    tracemalloc.start()
    why = refused(array, np.broadcast_to(0.5, (20_000, 1_000)), (2, 3))
    assert refused(number, np.broadcast_to(1.0, (20_000, 1_000))) == "Given shape 20000×1000."
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert why == "Yours is 20000×1000." and peak < 10e6


def test_the_array_found_is_a_copy():
    buffer = np.ones((2, 3))
    found = through(array(buffer, (2, 3)))[1]
    buffer[:] = 7
    assert found.max() == 1


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (np.ma.masked_less(np.arange(6).reshape(2, 3), 2), "masked"),
        ((x for x in [1, 2]), "a generator"),
        (np.full((2, 3), np.nan), "6 of 6 are NaN"),
        (np.ones((3, 2)), "rows and columns are exchanged"),
        (np.ones((1, 2, 3)), "a batch of one"),
        (np.ones((2, 3, 5)), "last axis is still to be summed"),
        ([[1, 2], [3]], "can't be made an array"),
        (np.ones((2, 3), complex), "holds complex128"),
        (np.ones((2, 3), object), "holds object"),
        (np.ones((2, 3, 1)), "Take it away with [..., 0]"),
    ],
)
def test_what_is_no_such_array_hears_why(answer, words):
    assert words in refused(array, answer, (2, 3))


def test_axes_in_another_order_are_named():
    assert "another order" in refused(array, np.ones((8, 8, 3)), (3, 8, 8))


def test_one_number_may_come_as_an_array_of_one():
    assert number(np.array([[2.5]])) == number(2.5) == 2.5
    assert "shape 2" in refused(number, [1, 2])
    assert "nan" in refused(number, np.nan)


def test_a_function_gets_copies_and_is_told_where_it_changes_them(right):
    def in_place(x):
        x *= 2
        return x

    lines, found = through(result(in_place, right, shape=(4, 6)))
    assert [line.right for line in lines] == [True, False] and "x.copy()" in lines[-1].why
    np.testing.assert_array_equal(found, 2 * right)
    with pytest.raises(Wrong, match="changed in place"):
        again(in_place, right, shape=(4, 6))


def test_a_list_is_handed_over_as_a_copy_and_the_argument_is_named(right):
    def emptied(x, pairs):
        pairs.clear()
        return x

    pairs = [(1, 2), (3, 4)]
    lines, _ = through(result(emptied, right, pairs, shape=(4, 6)))
    assert "Argument 2 is changed in place" in lines[-1].why and len(pairs) == 2


def test_a_new_shape_in_place_is_a_change_too(right):
    def reshaped(x):
        x.shape = (6, 4)
        return np.zeros((4, 6))

    assert not through(result(reshaped, right, shape=(4, 6)))[0][-1].right


def test_a_second_question_is_silent_where_all_is_right(right):
    np.testing.assert_array_equal(again(lambda x: x + 1, right, shape=(4, 6)), right + 1)


@pytest.mark.parametrize(
    ("answer", "words"), [(7, "an int"), (lambda x: None, "return …"), (lambda x: "map", "a str")]
)
def test_what_is_no_function_or_returns_nothing_hears_why(answer, words, right):
    assert words in refused(result, answer, right, shape=(4, 6))


def test_an_array_is_right_up_to_the_tolerance_and_not_beyond(right):
    bent = right.copy()
    bent[2, 3] += 0.009
    assert alike("it", bent, right, within=0.01).right
    bent[2, 3] += 0.002
    line = alike("it", bent, right, within=0.01)
    assert not line.right and line.what == "it, within 0.01" and "at 2, 3" in line.why


def test_two_numbers_that_differ_are_written_so():
    assert alike("it", np.array([1.0, 10.002]), np.array([1.0, 10.0]), within=1e-3).why.endswith(
        "yours 10.002, wanted 10."
    )


def test_a_value_for_each_pair_is_one_axis_too_many():
    assert "one for each PAIR" in refused(array, np.ones((4, 4)), (4,))


@pytest.mark.parametrize(("words", "change"), COMMON)
def test_mistakes_that_happen_with_every_map_are_known(words, change, right):
    square = right[:, :4]
    assert alike("it", change(square), square, within=1e-6).why == words


def test_a_mistake_of_the_exercise_comes_before_the_common_ones(right):
    assert alike("it", -right, right, within=1e-6, mistakes={"Mine.": -right}).why == "Mine."


def test_a_mistake_that_gives_the_right_array_is_no_mistake(right):
    assert alike("it", right, right, within=1e-6, mistakes={"Mine.": right}).right
    nearly = alike("it", right + 0.015, right, within=0.01, mistakes={"Mine.": right + 0.008})
    assert not nearly.right and "largest difference" in nearly.why


@pytest.mark.parametrize("factor", [0.5, 3, 35])
def test_the_right_array_times_a_number_is_known(factor, right):
    assert f"times {factor:g}" in alike("it", factor * right, right, within=1e-6).why


def test_zeros_are_no_multiple(right):
    assert "largest difference" in alike("it", 0 * right, right, within=1e-6).why
    assert "largest difference" in alike("it", right, 0 * right, within=1e-6).why


def test_a_number_is_between_two_others_or_hears_on_which_side_it_lies():
    words = {"below": "Too low.", "above": "Too high."}
    assert between("it", 2, 1, 3, **words).right and between("it", 1, 1, 3, **words).right
    assert between("it", 0.5, 1, 3, **words).why.endswith("Too low.")
    assert between("it", 3.5, 1, 3, **words) == Line(
        "it is between 1 and 3", False, "Yours is 3.5. Too high."
    )


WHY = {"a": "not a", "b": "it is b", "c": "it is c"}


@pytest.mark.parametrize(
    "answer", ["bc", "c, b", "B;C", {"b", "c"}, ["C", "b"], ("bc",), np.array(["b", "c"]), "(b, c).\n"]
)
def test_letters_may_be_given_in_many_ways(answer):
    assert all(line.right for line in chosen(answer, "bc", WHY))


def test_nothing_chosen_is_no_choice():
    with pytest.raises(Wrong, match="At least one"):
        through(chosen(" ,", "bc", WHY))


def test_each_letter_is_a_line_of_its_own():
    lines = list(chosen("ab", "bc", WHY))
    assert [line.right for line in lines] == [False, True, False]
    assert lines[0].why == "not a" and lines[2].why == "it is c"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (3, "an int"),
        ([1, 2], "a list"),
        ("abx", "x: want some of a, b, c"),
        ("the cat is red", "d, e, h, i, r: want"),
    ],
)
def test_what_is_no_choice_of_known_letters_hears_why(answer, words):
    assert words in refused(chosen, answer, "bc", WHY)
