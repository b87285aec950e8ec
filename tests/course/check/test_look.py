"""How answers are looked at: what counts as an array, a number, a choice, and what the others hear."""

import tracemalloc

import numpy as np
import pandas as pd
import pytest

from xaiteach_course.check.look import Look
from xaiteach_course.check.reasons import COMMON


@pytest.fixture
def look():
    return Look()


@pytest.fixture
def right():
    return np.random.default_rng(0).normal(size=(4, 6))


def why(look):
    """The reason that the last line gives."""
    assert look.wrong and not look.lines[-1].right
    return look.lines[-1].why


def why_not_same(got, wanted, within=1e-6, mistakes=None):
    look = Look()
    look.same("it", got, wanted, within=within, mistakes=mistakes)
    return why(look)


def test_a_look_is_wrong_from_the_first_wrong_line_on(look):
    look.that("first", True, "no")
    assert not look.wrong
    look.refuse("second", "why")
    look.that("third", True)
    assert look.wrong
    assert list(map(str, look.lines)) == ["right  first", "wrong  second\n       → why", "right  third"]


def test_a_quiet_look_adds_only_what_is_wrong_under_its_own_name(look):
    quiet = look.quietly("the maps")
    quiet.array([[1, 2]], (1, 2))
    assert look.lines == []
    assert quiet.array([1], (1, 2)) is None
    assert look.wrong and look.lines[0].what == "the maps"


def test_lists_tables_and_tensors_of_both_frameworks_are_arrays(look):
    import tensorflow as tf
    import torch

    wanted = np.arange(6.0).reshape(2, 3)
    tensors = torch.tensor(wanted, requires_grad=True), tf.constant(wanted)
    for answer in (wanted.tolist(), pd.DataFrame(wanted), *tensors, np.float32(wanted)):
        found = look.array(answer, (2, 3))
        assert found.dtype == float and not look.wrong
        np.testing.assert_array_equal(found, wanted)


def test_a_huge_array_of_another_shape_is_never_copied(look):
    huge = np.broadcast_to(1.0, (20_000, 1_000))
    tracemalloc.start()
    assert look.array(huge, (2, 3)) is None and look.numbers(huge) is huge
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert why(look) == "Yours is 20000×1000."
    assert peak < 10e6


def test_the_array_found_is_a_copy(look):
    buffer = np.ones((2, 3))
    found = look.array(buffer, (2, 3))
    buffer[:] = 7
    assert found.max() == 1


@pytest.mark.parametrize(
    ("answer", "shape", "words"),
    [
        (np.ma.masked_less(np.arange(3), 2), (3,), "masked"),
        ((x for x in [1, 2]), (2,), "a generator"),
        (np.full((2, 3), np.nan), (2, 3), "6 of 6 are NaN"),
        ([[1, 2], [3]], (2, 2), "can't be made an array"),
        (np.ones((2, 3), object), (2, 3), "holds object"),
        (np.ones((3, 2)), (2, 3), "rows and columns are exchanged"),
        (np.ones((1, 2, 3)), (2, 3), "a batch of one"),
        (np.ones((2, 3, 5)), (2, 3), "last axis is still to be summed"),
        (np.ones((2, 3, 1)), (2, 3), "Take it away with [..., 0]"),
        (np.ones((8, 8, 3)), (3, 8, 8), "another order"),
        (np.ones((4, 4)), (4,), "one for each PAIR"),
    ],
)
def test_what_is_no_such_array_hears_why(answer, shape, words, look):
    assert look.array(answer, shape) is None
    assert words in why(look)


def test_a_reason_that_means_more_here_has_a_further_sentence(look):
    hints = {"Yours is 4×3.": "One row too many."}
    assert look.array(np.ones((3, 3)), (3, 3), hints).shape == (3, 3)
    look.array(np.ones((4, 3)), (3, 3), hints)
    assert why(look) == "Yours is 4×3. One row too many."
    look.array(np.ones((5, 3)), (3, 3), hints)
    assert why(look) == "Yours is 5×3."


def test_a_function_gets_copies_and_is_told_where_it_changes_them(look):
    def in_place(x, y, pairs):
        y *= 2
        pairs.clear()
        return x

    ones, pairs = np.ones(3), [(1, 2), (3, 4)]
    look.result(in_place, ones, ones, pairs, shape=(3,))
    assert why(look) == "Argument 2, 3 is changed in place. Work on a copy: `x = x.copy()`."
    assert [line.right for line in look.lines] == [True, False] and len(pairs) == 2 and ones.max() == 1


def test_a_second_question_is_silent_where_all_is_right_and_so_is_what_is_missing(right, look):
    np.testing.assert_array_equal(look.again(lambda x: x + 1, right, shape=(4, 6)), right + 1)
    look.same("it", None, [1, 2], within=1)
    assert look.lines == []


@pytest.mark.parametrize(
    ("answer", "words"), [(7, "an int"), (lambda x: None, "return …"), (lambda x: "map", "a str")]
)
def test_what_is_no_function_or_returns_nothing_hears_why_and_is_asked_no_more(answer, words, right, look):
    assert look.result(answer, right, shape=(4, 6)) is None
    assert words in why(look)
    assert look.again(pytest.fail, right, shape=(4, 6)) is None


def test_an_array_is_right_up_to_the_tolerance_and_not_beyond(right, look):
    bent = right.copy()
    bent[2, 3] += 0.009
    look.same("it", bent, right, within=0.01)
    assert not look.wrong
    bent[2, 3] += 0.002
    look.same("it", bent, right, within=0.01)
    assert "at 2, 3" in why(look) and look.lines[-1].what == "it, within 0.01"


def test_two_numbers_that_differ_are_written_so():
    assert why_not_same([1.0, 10.002], [1.0, 10.0], within=1e-3).endswith("yours 10.002, wanted 10.")
    assert why_not_same(3.0, 4.0) == "Yours is 3, wanted 4."


@pytest.mark.parametrize(("words", "change"), COMMON)
def test_mistakes_that_happen_with_every_map_are_known(words, change, right):
    square = right[:, :4]
    assert why_not_same(change(square), square) == words


def test_a_mistake_of_the_exercise_comes_first_but_not_where_it_gives_the_right_array(right):
    assert why_not_same(-right, right, mistakes={"Mine.": -right}) == "Mine."
    mistakes = {"Mine.": right + 0.008}
    assert "largest difference" in why_not_same(right + 0.015, right, within=0.01, mistakes=mistakes)


def test_the_right_array_times_a_number_is_known_but_zeros_are_no_multiple(right):
    for factor in (0.5, 3, 35):
        assert f"times {factor}:" in why_not_same(factor * right, right)
    bent = 3 * right
    bent[2, 3] += 9
    for got, wanted in ((bent, right), (0 * right, right), (right, 0 * right)):
        assert "largest difference" in why_not_same(got, wanted)


WHY = {"a": "not a", "b": "it is b", "c": "it is c"}


@pytest.mark.parametrize(
    "answer", ["bc", "c and b", "B;C", {"b", "c"}, ["C", "b"], ("bc",), np.array(["b", "c"]), "(b, c).\n"]
)
def test_letters_may_be_given_in_many_ways(answer, look):
    look.choice(answer, "bc", WHY)
    assert not look.wrong and len(look.lines) == 3


def test_each_letter_is_a_line_of_its_own(look):
    look.choice("ab", "bc", WHY)
    assert [line.right for line in look.lines] == [False, True, False]
    assert look.lines[0].why == "not a" and look.lines[2].why == "it is c"


NO_CHOICE = [(3, "an int"), ([1, 2], "a list"), (" ,", "Given none; want some of a, b, c")]
NO_CHOICE += [("abx", "Given x; want"), ("the cat is red", "Given d, e, h, i, r; want")]


@pytest.mark.parametrize(("answer", "words"), NO_CHOICE)
def test_what_is_no_choice_of_known_letters_hears_why(answer, words, look):
    look.choice(answer, "bc", WHY)
    assert words in why(look) and len(look.lines) == 1
