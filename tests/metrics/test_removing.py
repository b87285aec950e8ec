"""Deletion, insertion, sufficiency, necessity: arithmetic on a sum, chance for maps that say nothing."""

import inspect

import numpy as np
import pytest

import xaiteach as xt
from xaiteach.methods.hiding import replacement
from xaiteach.metrics import deletion, insertion, necessity, selectivity, sufficiency
from xaiteach.metrics.faithfulness import faithfulness, monotonicity
from xaiteach.metrics.infidelity import infidelity

FOUR = np.array([4.0, 3, 2, 1]).reshape(2, 2, 1)
MAP = FOUR[..., 0]
PICTURE = np.random.default_rng(0).random((5, 4, 1))
MAPS = np.random.default_rng(1).normal(size=(5, 4))


def sums(divisor=10, value_range=None):
    """The sum of the pixels as a probability, and what is left of 1."""

    def probabilities(images):
        share = images.sum(axis=(1, 2, 3)) / divisor
        return np.stack([share, 1 - share], axis=1)

    return xt.wrap(probabilities, value_range=value_range)


@pytest.mark.parametrize(
    ("measure", "sign", "curve", "area"),
    [
        (deletion, 1, [1, 0.6, 0.3, 0.1, 0], 0.375),
        (insertion, 1, [0, 0.4, 0.7, 0.9, 1], 0.625),
        (deletion, -1, [1, 0.9, 0.7, 0.4, 0], 0.625),
        (insertion, -1, [0, 0.1, 0.3, 0.6, 1], 0.375),
    ],
)
def test_deletion_and_insertion_of_a_sum_are_as_on_paper(measure, sign, curve, area):
    """A pixel counts where one of its channels is not black."""
    colours = np.array([[[4.0, 0], [0, 3]], [[1, 1], [0, 1]]])
    for picture in (FOUR, colours):
        found = measure(sums(), picture, sign * MAP, 0)
        np.testing.assert_allclose(found.curve, curve, atol=1e-6)
        np.testing.assert_allclose(found.fraction, [0, 0.25, 0.5, 0.75, 1])
        assert found.value == pytest.approx(area) and np.shape(found.value) == ()


@pytest.mark.parametrize("maps", [np.zeros((12, 12)), np.random.default_rng(1).random((12, 12))])
def test_a_map_that_says_nothing_and_a_random_one_are_at_chance(maps):
    """In any order the mean curve falls in a straight line from 1 to 0: ½."""
    picture = np.random.default_rng(0).random((12, 12, 1))
    values = [deletion(sums(picture.sum()), picture, maps, 0, seed=s).value for s in range(5)]
    assert np.mean(values) == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("measure", [deletion, insertion, sufficiency, necessity])
def test_where_the_map_says_the_same_the_seed_decides(measure):
    values = [measure(sums(30), PICTURE, np.zeros((5, 4)), 0, seed=seed).value for seed in (0, 0, 1)]
    assert values[0] == values[1] != values[2]


@pytest.mark.parametrize(
    ("steps", "pixels"), [(4, [0, 5, 10, 15, 20]), (3, [0, 7, 13, 20]), (500, range(21))]
)
def test_fewer_steps_see_the_same_curve_at_fewer_places(steps, pixels):
    whole, some = (deletion(sums(20), PICTURE, MAPS, 0, steps=each) for each in (None, steps))
    np.testing.assert_allclose(some.fraction, np.array(pixels) / 20)
    np.testing.assert_allclose(some.curve, whole.curve[list(pixels)], atol=1e-6)


def test_blocks_go_by_their_mean_and_those_at_the_border_may_be_smaller():
    """Of 3×5 pixels, blocks of 2: the lone corner pixel has the highest mean, the first block the most."""
    maps = np.array([[5, 5, 1, 1, 4], [5, 5, 1, 1, 4], [0, 0, 2, 2, 9.0]])
    result = selectivity(sums(45), maps[..., None], maps, 0, block=2)
    np.testing.assert_allclose(result.curve, 1 - np.cumsum([0, 9, 20, 8, 4, 4, 0]) / 45, atol=1e-6)
    np.testing.assert_allclose(result.fraction, np.arange(7) / 6)


def test_what_is_kept_is_enough_and_what_is_removed_is_gone():
    """Half of 4 3 2 1 is 4 and 3, and so is 0.4 of them; with ones in place of all but the 1 it is 4."""
    assert sufficiency(sums(), FOUR, MAP, 0, top=0.5).value == pytest.approx(0.7)
    assert necessity(sums(), FOUR, MAP, 0, top=0.4).value == pytest.approx(0.3)
    assert sufficiency(sums(), FOUR, -MAP, 0, top=0.25, fill=1).value == pytest.approx(0.4)
    with pytest.raises(ValueError, match="top=10; want a share"):
        sufficiency(sums(), FOUR, MAP, 0, top=10)


@pytest.mark.parametrize("fill", [0.5, "mean", np.full((28, 28, 1), 0.25)])
def test_every_fill_that_occlusion_takes_begins_at_the_answer_and_ends_at_that_of_the_fill(cnn, digits, fill):
    images, maps = digits.x_test[:2], np.random.default_rng(0).random((2, 28, 28))
    options = {"steps": 3, "fill": fill, "of": "score"}
    ends = [cnn.scores(pictures)[:, 4] for pictures in (images, replacement(fill, images))]
    lost = deletion(cnn, images, maps, 4, **options).curve[:, [0, -1]]
    won = insertion(cnn, images, maps, 4, **options).curve[:, [-1, 0]]
    np.testing.assert_allclose([lost.T, won.T], [ends, ends], atol=1e-4)


@pytest.mark.parametrize(
    ("measure", "options"),
    [
        (deletion, {"steps": 40}),
        (insertion, {"steps": 40}),
        (sufficiency, {}),
        (necessity, {}),
        (faithfulness, {"block": 7, "fill": "mean", "of": "score"}),
        (monotonicity, {"block": 7, "fill": "mean", "of": "score"}),
        (infidelity, {"n_samples": 9, "seed": 1}),
    ],
)
def test_a_batch_is_one_by_one_whatever_the_size_of_a_pass(cnn, digits, measure, options):
    images, maps = digits.x_test[:3], np.random.default_rng(0).normal(size=(3, 28, 28))
    together = measure(cnn, images, maps, batch_size=5, **options).value
    alone = [measure(cnn, *pair, **options).value for pair in zip(images, maps, strict=True)]
    np.testing.assert_allclose(together, alone, atol=1e-5, rtol=1e-5)


def test_each_distinct_picture_is_asked_once(digits):
    """Black removed from black changes nothing."""
    asked, half = [], np.full((1, 2), 0.5)
    model = xt.wrap(lambda images: asked.append(len(images)) or np.repeat(half, len(images), axis=0))
    image = digits.x_test[0]
    deletion(model, image, np.random.default_rng(0).random((28, 28)), 0, batch_size=7)
    assert max(asked) == 7
    assert sum(asked) == 2 + (image > 0).sum(), "the digit, each of its pixels, and a first look at the model"


@pytest.mark.parametrize(
    ("maps", "options", "words"),
    [
        (np.zeros((7, 7)), {}, r"Maps of shape \(7, 7\); want \(2, 2\), one number a pixel"),
        (np.full((2, 2), np.nan), {}, "4 values of the maps are NaN"),
        (MAP, {"targets": "all"}, "one target an image"),
        (MAP, {"steps": 0}, "steps=0; want at least 1"),
        (MAP, {"block": 0}, "block=0; want the side"),
        (MAP, {"fill": "grey"}, "fill='grey' is not known"),
        (MAP, {"fill": -1}, "fill has values from -1"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(maps, options, words):
    with pytest.raises(ValueError, match=words):
        deletion(sums(value_range=(0, 9)), FOUR, maps, **{"targets": 0, **options})


def test_help_tells_of_every_argument():
    names = "model images maps targets steps block seed fill of batch_size progress"
    for measure in (deletion, insertion):
        assert " ".join(inspect.signature(measure).parameters) == names
    assert all(f"    {name}: " in deletion.__doc__ for name in names.split())
