"""Remove or keep, and retrain: on pictures where one knows which pixels tell the label."""

import warnings
from types import SimpleNamespace

import numpy as np
import pytest

import xaiteach as xt
from xaiteach import metrics
from xaiteach.metrics import remove_top

QUIET = {"progress": False}
pytestmark = pytest.mark.filterwarnings("ignore:invalid value")
random = np.random.default_rng(0)


def data(n=400):
    """4×4 noise; the label is whether the pixel at row 1, column 2 is bright."""
    images = random.random((2 * n, 4, 4, 1)).astype(np.float32)
    labels = (images[:, 1, 2, 0] > 0.5).astype(int)
    return SimpleNamespace(x_train=images[:n], y_train=labels[:n], x_test=images[n:], y_test=labels[n:])


def fit(images, labels, seed):
    """The threshold of a single pixel that tells the labels best."""
    rows = images.reshape(len(images), -1)
    best = max(
        range(rows.shape[1]), key=lambda i: abs(np.corrcoef(rows[:, i] + 1e-9 * rows[:, 0], labels)[0, 1])
    )

    def predict(pictures):
        bright = pictures.reshape(len(pictures), -1)[:, best] > 0.5
        return np.stack([~bright, bright], axis=1).astype(float)

    return xt.wrap(predict)


def maps(images, right=True):
    """1 at the pixel that tells the label, noise below that elsewhere; or the other way round."""
    found = np.random.default_rng(1).random((len(images), 4, 4)) * 0.5
    found[:, 1, 2] = 1
    return found if right else -found


def test_without_the_pixel_that_tells_the_label_nothing_can_be_learnt():
    some = data()
    options = {"fit": fit, "fractions": (0.1, 0.5), "fill": 0.0, **QUIET}
    right = metrics.roar(some, maps(some.x_train), maps(some.x_test), **options)
    wrong = metrics.roar(some, maps(some.x_train, False), maps(some.x_test, False), **options)
    assert (
        right.curve.max() < 0.65
        and wrong.curve.min() == 1
        and right.value == pytest.approx(right.curve.mean())
    )
    np.testing.assert_allclose(right.fraction, [0.1, 0.5])
    kept = metrics.kar(some, maps(some.x_train), maps(some.x_test), **options)
    lost = metrics.kar(some, maps(some.x_train, False), maps(some.x_test, False), **options)
    assert kept.curve.min() == 1 and lost.curve.max() < 0.65
    hidden_in_the_test = metrics.kar(some, maps(some.x_train), maps(some.x_test, False), **options)
    assert hidden_in_the_test.curve.max() < 0.65


def test_the_top_pixels_are_removed_and_no_others():
    images = np.arange(1.0, 17).reshape(1, 4, 4, 1)
    left = remove_top(images, images[..., 0], 0.25, fill=0.5)
    np.testing.assert_array_equal(left.ravel(), [*range(1, 13), 0.5, 0.5, 0.5, 0.5])
    kept = remove_top(images, images[..., 0], 0.25, keep=True)
    np.testing.assert_array_equal(kept.ravel(), [0] * 12 + [13, 14, 15, 16])
    np.testing.assert_array_equal(remove_top(images, images[..., 0], 0), images)


def test_by_default_pixels_become_the_mean_colour_of_the_training_images():
    some, seen = data(50), []
    metrics.roar(some, maps(some.x_train), maps(some.x_test), fit=lambda x, y, s: seen.append(x) or fit(x, y, s),
                 fractions=[0.1], **QUIET)  # fmt: skip
    np.testing.assert_allclose(seen[0][:, 1, 2], some.x_train.mean(), rtol=1e-5)


def test_the_seed_reaches_the_training_and_a_time_limit_ends_it():
    some, seeds = data(50), []

    def remember(images, labels, seed):
        seeds.append(seed)
        return fit(images, labels, seed)

    with pytest.warns(UserWarning, match="1 of 5 models were trained in 0 s"):
        found = metrics.roar(
            some, maps(some.x_train), maps(some.x_test), fit=remember, seed=9, time_limit=0, **QUIET
        )
    assert seeds == [9] and np.isnan(found.curve[1:]).all() and found.value == found.curve[0]


def test_the_course_s_network_is_trained_by_default(digits):
    few = SimpleNamespace(**{k: v[:300] for k, v in digits._asdict().items()})
    random = [metrics.CONTROLS["random"](None, images) for images in (few.x_train, few.x_test)]
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        found = metrics.roar(few, *random, fractions=[0.2], time_limit=600, **QUIET)
    assert 0.4 < found.value < 0.95


def test_what_makes_no_sense_is_refused_in_words():
    some = data(20)
    with pytest.raises(ValueError, match="A fraction of 10; want a share"):
        metrics.roar(some, maps(some.x_train), maps(some.x_test), fit=fit, fractions=[10], **QUIET)
    with pytest.raises(ValueError, match="Maps of shape"):
        metrics.kar(some, maps(some.x_train)[:5], maps(some.x_test), fit=fit, **QUIET)
