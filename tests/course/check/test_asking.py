"""What answers hear that ask for one image, or whose shape tells the mistake."""

import numpy as np
import pytest

from xaiteach_course.check.asking import explained, of_images
from xaiteach_course.check.exercise import Wrong
from xaiteach_course.check.look import array


def returned(lines):
    try:
        while True:
            next(lines)
    except StopIteration as end:
        return end.value


def test_a_model_takes_a_list_and_says_what_it_wants():
    mean = of_images(lambda images: images.mean(axis=(1, 2, 3)))
    images = np.arange(24.0).reshape(2, 3, 2, 2)
    np.testing.assert_array_equal(mean(list(images)), mean(images))
    with pytest.raises(ValueError, match=r"shape \(3, 2, 2\); want \(N, H, W, C\)"):
        mean(images[0])


def test_a_known_shape_hears_more_and_another_what_it_would():
    known = {"Yours is 4×3.": "One row too many."}
    assert returned(explained(array(np.ones((3, 3)), (3, 3)), known)).shape == (3, 3)
    for shape, why in ((4, 3), "Yours is 4×3. One row too many."), ((5, 3), "Yours is 5×3."):
        with pytest.raises(Wrong) as wrong:
            returned(explained(array(np.ones(shape), (3, 3)), known))
        assert wrong.value.args[0].why == why
