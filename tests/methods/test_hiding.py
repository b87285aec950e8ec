"""What occlusion and LIME share: how many pictures they show at a time, and that they spoil none."""

import tracemalloc

import numpy as np
import pytest
from known import Watched, distinct, in_two
from numpy.testing import assert_allclose, assert_array_equal

import xaiteach as xt

IMAGES = np.random.default_rng(1).uniform(0.2, 1, (2, 6, 8, 2)).astype(np.float32)
METHODS = {
    "occlusion": lambda *args, **options: xt.occlusion(*args, window=2, **options),
    "lime": lambda *args, **options: xt.lime(*args, segments=(3, 4), n_samples=40, **options),
}
each_method = pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)


@pytest.fixture
def watched():
    """A function that remembers what it is shown, and its classifier."""
    model = Watched(in_two(lambda images: images[:, :3].mean(axis=(1, 2, 3))))
    return model, model.wrapped(IMAGES)


@each_method
@pytest.mark.parametrize("batch_size", [1, 7, 32])
def test_no_more_than_a_batch_is_shown_at_a_time_and_none_is_forgotten(watched, method, batch_size):
    model, classifier = watched
    images = IMAGES.copy()
    maps = method(classifier, images, [0, 1], batch_size=batch_size)
    assert max(map(len, model.shown)) <= batch_size
    once = method(classifier, images, [0, 1], batch_size=1000)
    assert_allclose(maps, once, atol=1e-6)
    assert len(model.pictures) == 2 * distinct(model.pictures)
    assert_array_equal(images, IMAGES)


@each_method
def test_all_classes_cost_one_class(watched, method):
    model, classifier = watched
    method(classifier, IMAGES, 0)
    passes = len(model.pictures)
    method(classifier, IMAGES, "all")
    assert len(model.pictures) == 2 * passes


@pytest.mark.parametrize(
    ("method", "options"), [(xt.occlusion, {"window": 16}), (xt.lime, {"segments": 4, "n_samples": 256})]
)
def test_memory_follows_the_batch_and_not_the_number_of_pictures(method, options):
    """About 256 pictures of 262 kB would take 67 MB if they were all made at once, 32 of them 8 MB."""
    image = np.random.default_rng(0).random((256, 256, 1)).astype(np.float32)
    model = xt.wrap(in_two(lambda images: images[:, 0, 0, 0]))
    tracemalloc.start()
    method(model, image, 0, batch_size=2, **options)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 7e6
