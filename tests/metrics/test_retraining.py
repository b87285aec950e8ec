"""Remove or keep, and retrain: on pictures where one knows which pixels tell the label."""

from types import SimpleNamespace

import numpy as np
import pytest

import xaiteach as xt
from xaiteach.metrics import CONTROLS, kar, remove_top, roar

pytestmark = pytest.mark.filterwarnings("ignore:invalid value")


def data(n=400, channels=1):
    """4×5 noise; the label is whether the pixel at row 1, column 2 is bright."""
    images = np.random.default_rng(0).random((2 * n, 4, 5, channels)).astype(np.float32)
    labels = (images[:, 1, 2, 0] > 0.5).astype(int)
    return SimpleNamespace(x_train=images[:n], y_train=labels[:n], x_test=images[n:], y_test=labels[n:])


class Fit:
    """Finds the threshold of a single pixel that tells the labels best; notes what it was given."""

    def __init__(self):
        self.images, self.seeds = [], []

    def __call__(self, images, labels, seed):
        self.images.append(images)
        self.seeds.append(seed)
        rows = images.reshape(len(images), -1)
        best = np.nanargmax([abs(np.corrcoef(column, labels)[0, 1]) for column in rows.T])

        def predict(pictures):
            bright = pictures.reshape(len(pictures), -1)[:, best] > 0.5
            return np.stack([~bright, bright], axis=1).astype(float)

        return xt.wrap(predict)


def maps(images, right=True):
    """1 at the pixel that tells the label, noise below that elsewhere; or the other way round."""
    found = np.random.default_rng(1).random(images.shape[:3]) * 0.5
    found[:, 1, 2] = 1
    return found if right else -found


@pytest.mark.parametrize(
    ("measure", "on_train", "on_test", "learnt"),
    [
        (roar, True, True, False),
        (roar, False, False, True),
        (kar, True, True, True),
        (kar, False, False, False),
        (kar, True, False, False),
    ],
)
def test_without_the_pixel_that_tells_the_label_nothing_can_be_learnt(measure, on_train, on_test, learnt):
    some = data()
    both = maps(some.x_train, on_train), maps(some.x_test, on_test)
    found = measure(some, *both, fit=Fit(), fractions=(0.1, 0.5), fill=0.0)
    assert found.curve.min() == 1 if learnt else found.curve.max() < 0.65
    assert found.value == pytest.approx(found.curve.mean())
    np.testing.assert_allclose(found.fraction, [0.1, 0.5])


@pytest.mark.parametrize(
    ("fraction", "options", "left"),
    [
        (0.23, {"fill": 0.5}, [*range(1, 13), *[0.5] * 4]),
        (0.25, {"keep": True}, [*[0] * 12, 13, 14, 15, 16]),
        (0, {}, range(1, 17)),
    ],
)
def test_the_top_pixels_are_removed_and_no_others(fraction, options, left):
    """3.7 of 16 pixels are 4."""
    images = np.arange(1.0, 17).reshape(1, 4, 4, 1)
    assert remove_top(images, images[..., 0], fraction, **options).ravel().tolist() == list(left)


@pytest.mark.parametrize("fill", [None, 0.25])
def test_pixels_become_the_mean_colour_of_the_training_images_or_what_is_said(fill):
    """Each channel has a mean of its own."""
    some, fit = data(20, channels=3), Fit()
    some.x_train *= np.float32([1, 0.5, 0.1])
    roar(some, maps(some.x_train), maps(some.x_test), fit=fit, fractions=[0.05], fill=fill)
    expected = some.x_train.mean(axis=(0, 1, 2)) if fill is None else [fill] * 3
    np.testing.assert_allclose(fit.images[0][:, 1, 2], [expected] * 20, rtol=1e-5)


def test_the_seed_reaches_the_training_and_decides_among_equal_pixels():
    some, flat, fit = data(50), np.zeros((50, 4, 5)), Fit()
    for seed in (1, 1, 2):
        roar(some, flat, flat, fit=fit, fractions=[0.5], seed=seed)
    first, again, other = fit.images
    assert fit.seeds == [1, 1, 2] and (first == again).all() and (first != other).any()


@pytest.mark.filterwarnings("error::UserWarning")
def test_a_time_limit_ends_it_with_a_warning_unless_all_models_were_trained():
    some, fit = data(50), Fit()
    both = maps(some.x_train), maps(some.x_test)
    with pytest.warns(UserWarning, match="1 of 5 models were trained in 0 s"):
        found = roar(some, *both, fit=fit, time_limit=0)
    assert len(fit.seeds) == 1 and np.isnan(found.curve[1:]).all() and found.value == found.curve[0]
    assert np.isfinite(roar(some, *both, fit=fit, fractions=[0.2], time_limit=0).curve).all()


def test_the_course_s_network_is_trained_by_default(digits):
    few = SimpleNamespace(**{name: array[:300] for name, array in digits._asdict().items()})
    random = [CONTROLS["random"](None, images) for images in (few.x_train, few.x_test)]
    assert 0.4 < roar(few, *random, fractions=[0.2]).value < 0.95


@pytest.mark.parametrize(
    ("n", "fraction", "words"), [(20, 10, "A fraction of 10; want a share"), (5, 0.1, "Maps of shape")]
)
def test_what_makes_no_sense_is_refused_in_words(n, fraction, words):
    some = data(20)
    with pytest.raises(ValueError, match=words):
        kar(some, maps(some.x_train)[:n], maps(some.x_test), fit=Fit(), fractions=[fraction])
