"""The photo classifier knows its eight photos, whole and in parts, and its maps lie where the photo is."""

import numpy as np
import pytest

import xaiteach as xt
from xaiteach.models.photo_classifier import CLASSES, load_photo_classifier, photo_crops


@pytest.fixture(scope="module")
def classifier():
    return load_photo_classifier("torch")


def photo(name, size):
    image = xt.load_photo(name, size=size)
    return np.repeat(image, 3 // image.shape[2], axis=2)


@pytest.mark.parametrize("size", [64, 128, 224])
def test_whole_photos_are_recognised_and_never_with_certainty(classifier, size):
    probabilities = classifier.predict(np.stack([photo(name, size) for name in CLASSES]))
    own = probabilities.diagonal()
    assert (probabilities.argmax(axis=1) == np.arange(len(CLASSES))).all()
    assert (own > 0.8).all() and (own < 0.995).all()


def test_four_in_five_crops_of_unseen_parts_are_right_in_both_frameworks(classifier):
    images, labels = photo_crops(400, unseen=True, size=64, seed=1)
    scores = classifier.scores(images)
    assert 0.75 < (scores.argmax(axis=1) == labels).mean() < 0.95
    np.testing.assert_allclose(load_photo_classifier("keras").scores(images), scores, atol=1e-5, rtol=1e-6)


def test_grey_pictures_do_as_well_as_coloured_ones_and_the_rocket_is_known_by_its_sky(classifier):
    """What the docstring owns up to: a piece of the photo without a rocket, and black, which is none."""
    grey = np.stack([np.repeat(xt.load_photo(name, size=96, grey=True), 3, axis=2) for name in CLASSES])
    assert (classifier.predict(grey).diagonal() > 0.8).all()
    sky = photo("rocket", 96)[:32, :32]
    pictures = [np.tile(sky, (3, 3, 1)), np.zeros((96, 96, 3), np.float32)]
    assert all(title.startswith("rocket") for title in xt.top_class(classifier, pictures))


@pytest.mark.parametrize(("name", "half"), [("cat", np.s_[:, :96]), ("coffee", np.s_[:, 96:])])
@pytest.mark.parametrize(
    "explain", [xt.grad_cam, lambda *args: xt.occlusion(*args, window=24, stride=12, fill=0.5, of="score")]
)
def test_of_two_photos_side_by_side_each_class_lies_in_its_own(classifier, name, half, explain):
    """By chance it would be a half."""
    both = np.concatenate([photo("cat", 96), photo("coffee", 96)], axis=1)
    positive = np.maximum(explain(classifier, both, CLASSES.index(name)), 0)
    assert positive[half].sum() > 0.75 * positive.sum()


def test_crops_come_from_all_over_half_of_them_mirrored_unseen_ones_from_other_rows(monkeypatch):
    """On a photo whose red is the row and whose green is the column, without changes of colour."""
    red, green = np.meshgrid(np.linspace(0, 1, 200), np.linspace(0, 1, 300), indexing="ij")
    photo = np.stack([red, green, 0 * red], axis=-1).astype(np.float32)
    monkeypatch.setattr("xaiteach.models.photo_classifier.load_photo", lambda name: photo)
    monkeypatch.setattr("xaiteach.models.photo_classifier._recoloured", lambda image, rng: image)
    seen, unseen = (photo_crops(80, unseen=unseen, seed=2)[0] for unseen in (False, True))
    assert seen[..., 0].max() < unseen[..., 0].min()
    assert seen[..., 0].min() < 0.05 and seen[..., 0].max() > 0.65 and unseen[..., 0].max() > 0.95
    assert seen[..., 1].min() < 0.05 and seen[..., 1].max() > 0.95
    mirrored = seen[:, 0, 0, 1] > seen[:, 0, -1, 1]
    assert 0.35 < mirrored.mean() < 0.65


def test_crops_come_in_turn_and_follow_the_seed():
    (first, labels), (again, _), (other, _) = (photo_crops(16, seed=seed) for seed in (0, 0, 1))
    assert first.shape == (16, 48, 48, 3) and 0 <= first.min() <= first.max() <= 1
    assert labels.tolist() == [*range(8), *range(8)]
    assert np.array_equal(first, again) and not np.array_equal(first, other)


def test_some_crops_of_coloured_photos_are_grey_but_for_a_tint():
    images, labels = photo_crops(400)
    kinds = [CLASSES.index(name) for name in ("astronaut", "cat", "coffee", "rocket")]
    coloured = images[np.isin(labels, kinds)]
    ratio = coloured[..., 0] / np.maximum(coloured[..., 2], 1e-3)
    tinted_grey = np.ptp(np.quantile(ratio, (0.3, 0.7), axis=(1, 2)), axis=0) < 1e-3
    assert 0.25 < tinted_grey.mean() < 0.55
