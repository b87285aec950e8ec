"""Remove or keep, and retrain: on pictures where one knows which pixels tell the label."""

from types import SimpleNamespace

import numpy as np
import pytest

import xaiteach as xt
from xaiteach.metrics import CONTROLS, kar, remove_top, roar

pytestmark = pytest.mark.filterwarnings("ignore:invalid value")


def data(n=400):
    """4×5 noise; the label is whether the pixel at row 1, column 2 is bright."""
    images = np.random.default_rng(0).random((2 * n, 4, 5, 1)).astype(np.float32)
    labels = (images[:, 1, 2, 0] > 0.5).astype(int)
    return SimpleNamespace(x_train=images[:n], y_train=labels[:n], x_test=images[n:], y_test=labels[n:])


def fit(images, labels, seed):
    """The threshold of a single pixel that tells the labels best."""
    rows = images.reshape(len(images), -1)
    best = np.nanargmax([abs(np.corrcoef(column, labels)[0, 1]) for column in rows.T])

    def predict(pictures):
        bright = pictures.reshape(len(pictures), -1)[:, best] > 0.5
        return np.stack([~bright, bright], axis=1).astype(float)

    return xt.wrap(predict)


class Remember:
    """`fit`, and a note of what it was given."""

    def __init__(self):
        self.seeds = []

    def __call__(self, images, labels, seed):
        self.images = images
        self.seeds.append(seed)
        return fit(images, labels, seed)


def maps(images, right=True):
    """1 at the pixel that tells the label, noise below that elsewhere; or the other way round."""
    found = np.random.default_rng(1).random(images.shape[:3]) * 0.5
    found[:, 1, 2] = 1
    return found if right else -found


def both(some, right=True):
    return maps(some.x_train, right), maps(some.x_test, right)


def test_without_the_pixel_that_tells_the_label_nothing_can_be_learnt():
    some = data()
    options = {"fit": fit, "fractions": (0.1, 0.5), "fill": 0.0}
    right, wrong = (roar(some, *both(some, right), **options) for right in (True, False))
    assert right.curve.max() < 0.65 and wrong.curve.min() == 1
    assert right.value == pytest.approx(right.curve.mean())
    np.testing.assert_allclose(right.fraction, [0.1, 0.5])
    kept, lost = (kar(some, *both(some, right), **options) for right in (True, False))
    assert kept.curve.min() == 1 and lost.curve.max() < 0.65
    hidden_in_the_test = kar(some, maps(some.x_train), maps(some.x_test, False), **options)
    assert hidden_in_the_test.curve.max() < 0.65


def test_the_top_pixels_are_removed_and_no_others():
    images = np.arange(1.0, 17).reshape(1, 4, 4, 1)
    left = remove_top(images, images[..., 0], 0.23, fill=0.5)  # 3.7 of 16 pixels are 4
    np.testing.assert_array_equal(left.ravel(), [*range(1, 13), 0.5, 0.5, 0.5, 0.5])
    kept = remove_top(images, images[..., 0], 0.25, keep=True)
    np.testing.assert_array_equal(kept.ravel(), [0] * 12 + [13, 14, 15, 16])
    np.testing.assert_array_equal(remove_top(images, images[..., 0], 0), images)


def test_among_equal_pixels_the_seed_decides():
    first, again, other = (
        remove_top(np.ones((1, 4, 5, 1)), np.zeros((1, 4, 5)), 0.5, seed=s) for s in (0, 0, 1)
    )
    assert (first == again).all() and (first != other).any() and first.sum() == other.sum() == 10


@pytest.mark.parametrize("fill", [None, 0.25])
def test_pixels_become_the_mean_colour_of_the_training_images_or_what_is_said(fill):
    """Each channel has a mean of its own."""
    images = np.random.default_rng(0).random((30, 4, 5, 3)).astype(np.float32) * [1, 0.5, 0.1]
    labels = np.arange(30) % 2
    some = SimpleNamespace(x_train=images[:20], y_train=labels[:20], x_test=images[20:], y_test=labels[20:])
    remember = Remember()
    roar(some, *both(some), fit=remember, fractions=[0.05], fill=fill)
    expected = images[:20].mean(axis=(0, 1, 2)) if fill is None else [fill] * 3
    np.testing.assert_allclose(remember.images[:, 1, 2], [expected] * 20, rtol=1e-5)


def test_the_seed_reaches_the_training_and_a_time_limit_ends_it():
    some, remember = data(50), Remember()
    flat = np.zeros((50, 4, 5))
    seen = []
    for seed in (1, 1, 2):
        roar(some, flat, flat, fit=remember, fractions=[0.5], seed=seed)
        seen.append(remember.images)
    assert (seen[0] == seen[1]).all() and (seen[0] != seen[2]).any()
    remember.seeds.clear()
    with pytest.warns(UserWarning, match="1 of 5 models were trained in 0 s"):
        found = roar(some, *both(some), fit=remember, seed=9, time_limit=0)
    assert remember.seeds == [9] and np.isnan(found.curve[1:]).all() and found.value == found.curve[0]


@pytest.mark.filterwarnings("error::UserWarning")
def test_no_limit_is_spoken_of_where_all_models_were_trained():
    some = data(50)
    assert np.isfinite(roar(some, *both(some), fit=fit, fractions=[0.2], time_limit=0).curve).all()


def test_the_course_s_network_is_trained_by_default(digits):
    few = SimpleNamespace(**{name: array[:300] for name, array in digits._asdict().items()})
    random = [CONTROLS["random"](None, images) for images in (few.x_train, few.x_test)]
    assert 0.4 < roar(few, *random, fractions=[0.2]).value < 0.95


def test_what_makes_no_sense_is_refused_in_words():
    some = data(20)
    with pytest.raises(ValueError, match="A fraction of 10; want a share"):
        roar(some, *both(some), fit=fit, fractions=[10])
    with pytest.raises(ValueError, match="Maps of shape"):
        kar(some, maps(some.x_train)[:5], maps(some.x_test), fit=fit)
