"""Mosaics: every digit is in its cell, is one that the model is sure of, and is decided by the seed."""

import numpy as np
import pytest

import xaiteach as xt


@pytest.mark.parametrize("grid", [1, 2, 3])
def test_each_cell_row_by_row_holds_a_digit_of_its_label_and_no_class_is_there_twice(digits, grid):
    mosaics, again, other = (xt.load_digit_grids(n=12, grid=grid, seed=seed) for seed in (3, 3, 4))
    np.testing.assert_array_equal(mosaics.images, again.images)
    assert abs(mosaics.images - other.images).max() > 0
    assert mosaics.images.shape == (12, 28 * grid, 28 * grid, 1) and mosaics.labels.shape == (12, grid**2)
    for cell, mask in enumerate(mosaics.masks):
        row, column = divmod(cell, grid)
        assert mask[28 * row : 28 * row + 28, 28 * column : 28 * column + 28].all() and mask.sum() == 28**2
    known = {image.tobytes(): label for image, label in zip(digits.x_test, digits.y_test, strict=True)}
    for image, labels in zip(mosaics.images, mosaics.labels, strict=True):
        cells = [image[mask].reshape(28, 28, 1) for mask in mosaics.masks]
        assert [known[np.ascontiguousarray(cell).tobytes()] for cell in cells] == labels.tolist()
        assert len(set(labels)) == grid**2


def test_only_digits_that_the_model_gets_right_and_is_sure_of_are_taken(digits):
    """It says the right class of three digits in four, but is sure of every second one only."""
    known = {image.tobytes(): i for i, image in enumerate(digits.x_test)}
    surely_right = {i for i in range(1000) if i % 4 != 0 and i % 2 == 0}

    def predict(images):
        numbers = np.array([known[np.float32(image).tobytes()] for image in images])
        classes = (digits.y_test[numbers] + (numbers % 4 == 0)) % 10
        sure = np.where(numbers % 2 == 0, 0.95, 0.5)[:, None]
        return np.where(np.eye(10, dtype=bool)[classes], sure, (1 - sure) / 9)

    mosaics = xt.load_digit_grids(xt.wrap(predict), n=30, confidence=0.9)
    cells = np.concatenate([mosaics.images[:, mask].reshape(30, 28, 28, 1) for mask in mosaics.masks])
    taken = [known[cell.tobytes()] for cell in cells]
    assert set(taken) <= surely_right
    assert (digits.y_test[taken] == mosaics.labels.T.ravel()).all()


def test_a_grid_with_more_cells_than_classes_is_refused():
    with pytest.raises(ValueError, match="4×4 wants 16 different classes; there are digits of 10"):
        xt.load_digit_grids(grid=4)
    unsure = xt.wrap(lambda images: np.full((len(images), 10), 0.1))
    with pytest.raises(ValueError, match="there are digits of 0 to take"):
        xt.load_digit_grids(unsure)
