"""Deletion, insertion, sufficiency, necessity: arithmetic on a sum, chance for maps that say nothing."""

import inspect

import numpy as np
import pytest

import xaiteach as xt
from xaiteach.methods.hiding import replacement
from xaiteach.metrics import deletion, insertion, necessity, selectivity, sufficiency

FOUR = np.array([4.0, 3, 2, 1]).reshape(2, 2, 1)
MAP = FOUR[..., 0]


def sums(divisor=10, value_range=None):
    """The sum of the pixels as a probability, and what is left of 1."""

    def probabilities(images):
        share = images.sum(axis=(1, 2, 3)) / divisor
        return np.stack([share, 1 - share], axis=1)

    return xt.wrap(probabilities, value_range=value_range)


def test_deletion_and_insertion_of_a_sum_are_as_on_paper():
    """1, .6, .3, .1, 0 and 0, .4, .7, .9, 1: the trapezoids have .375 and .625."""
    lost = deletion(sums(), FOUR, MAP, 0)
    np.testing.assert_allclose(lost.curve, [1, 0.6, 0.3, 0.1, 0], atol=1e-6)
    np.testing.assert_allclose(lost.fraction, [0, 0.25, 0.5, 0.75, 1])
    assert lost.value == pytest.approx(0.375)
    won = insertion(sums(), FOUR, MAP, 0)
    np.testing.assert_allclose(won.curve, [0, 0.4, 0.7, 0.9, 1], atol=1e-6)
    assert won.value == pytest.approx(0.625)
    assert won.curve.shape == (5,) and np.shape(won.value) == (), "of one image"


def test_the_worst_map_gives_the_other_extreme():
    assert deletion(sums(), FOUR, -MAP, 0).value == pytest.approx(0.625)
    assert insertion(sums(), FOUR, -MAP, 0).value == pytest.approx(0.375)


def test_a_pixel_goes_whichever_of_its_channels_is_not_black():
    colours = np.array([[[4.0, 0], [0, 3]], [[1, 1], [0, 1]]])
    found = deletion(sums(), colours, MAP, 0)
    np.testing.assert_allclose(found.curve, [1, 0.6, 0.3, 0.1, 0], atol=1e-6)


def test_a_map_that_says_nothing_and_a_random_one_are_at_chance():
    """In any order the mean curve falls in a straight line from 1 to 0: ½."""
    picture = np.random.default_rng(0).random((12, 12, 1))
    model = sums(picture.sum())
    for maps in (np.zeros((12, 12)), np.random.default_rng(1).random((12, 12))):
        values = [deletion(model, picture, maps, 0, seed=s).value for s in range(5)]
        assert np.mean(values) == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("measure", [deletion, insertion, sufficiency, necessity])
def test_where_the_map_says_the_same_the_seed_decides(measure):
    picture = np.random.default_rng(0).random((5, 6, 1))
    values = [measure(sums(30), picture, np.zeros((5, 6)), 0, seed=seed).value for seed in (0, 0, 1)]
    assert values[0] == values[1] != values[2]


def test_only_the_order_of_a_map_counts():
    picture = np.random.default_rng(0).random((6, 5, 1))
    maps = np.random.default_rng(1).normal(size=(6, 5))
    values = [deletion(sums(20), picture, m, 0).value for m in (maps, 1e-9 * maps, maps**3)]
    assert values[0] == values[1] == values[2]


def test_fewer_steps_see_the_same_curve_at_fewer_places():
    picture, maps = np.random.default_rng(0).random((2, 4, 5))
    whole = deletion(sums(20), picture[..., None], maps, 0)
    some = deletion(sums(20), picture[..., None], maps, 0, steps=4)
    np.testing.assert_allclose(some.fraction, [0, 0.25, 0.5, 0.75, 1])
    np.testing.assert_allclose(some.curve, whole.curve[::5], atol=1e-6)
    assert len(deletion(sums(20), picture[..., None], maps, 0, steps=500).curve) == 21
    uneven = deletion(sums(20), picture[..., None], maps, 0, steps=3)
    np.testing.assert_allclose(uneven.fraction, [0, 0.35, 0.65, 1], err_msg="7, 13 and 20 pixels")


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


@pytest.mark.parametrize("fill", [0.5, "mean", "blur", np.full((28, 28, 1), 0.25)])
def test_every_fill_that_occlusion_takes_begins_at_the_answer_and_ends_at_that_of_the_fill(cnn, digits, fill):
    images, maps = digits.x_test[:2], np.random.default_rng(0).random((2, 28, 28))
    lost = deletion(cnn, images, maps, 4, steps=3, fill=fill, of="score")
    np.testing.assert_allclose(lost.curve[:, 0], cnn.scores(images)[:, 4], atol=1e-4)
    np.testing.assert_allclose(lost.curve[:, -1], cnn.scores(replacement(fill, images))[:, 4], atol=1e-4)
    won = insertion(cnn, images, maps, 4, steps=3, fill=fill, of="score")
    np.testing.assert_allclose(won.curve[:, [0, -1]], lost.curve[:, [-1, 0]], atol=1e-4)


@pytest.mark.parametrize(
    ("measure", "options"),
    [(deletion, {"steps": 40}), (insertion, {"steps": 40}), (sufficiency, {}), (necessity, {})],
)
def test_a_batch_is_one_by_one_whatever_the_size_of_a_pass(cnn, digits, measure, options):
    images, maps = digits.x_test[:3], np.random.default_rng(0).normal(size=(3, 28, 28))
    together = measure(cnn, images, maps, batch_size=5, **options).value
    alone = [measure(cnn, *pair, **options).value for pair in zip(images, maps, strict=True)]
    np.testing.assert_allclose(together, alone, atol=1e-5)


def test_keras_and_pytorch_agree_and_a_bare_model_will_do(cnns, digits):
    images, maps = digits.x_test[:2], digits.x_test[:2, ..., 0]
    values = [deletion(cnn.model, images, maps, 3, steps=20).value for cnn in cnns.values()]
    np.testing.assert_allclose(*values, atol=1e-5)


def test_each_distinct_picture_is_asked_once(digits):
    """Black removed from black changes nothing."""
    asked = []
    half = np.full((1, 2), 0.5)
    model = xt.wrap(lambda images: asked.append(len(images)) or np.repeat(half, len(images), axis=0))
    image = digits.x_test[0]
    deletion(model, image, np.random.default_rng(0).random((28, 28)), 0, batch_size=7)
    assert max(asked) == 7
    assert sum(asked) == 2 + (image > 0).sum(), "the digit, each of its pixels, and a first look at the model"


def test_a_pair_of_targets_is_the_difference_of_the_answers(cnn, digits):
    image, maps = digits.x_test[0], digits.x_test[0, ..., 0]
    four, nine, pair = (deletion(cnn, image, maps, target, steps=9).value for target in (4, 9, (4, 9)))
    assert pair == pytest.approx(four - nine, abs=1e-6)


@pytest.mark.parametrize(
    ("maps", "options", "words"),
    [
        (np.zeros((7, 7)), {}, r"Maps of shape \(7, 7\); want one number a pixel, \(2, 2\)"),
        (np.zeros((2, 2, 2)), {}, r"Maps of shape \(2, 2, 2\); want"),
        (np.full((2, 2), np.nan), {}, "4 values of the maps are NaN"),
        (np.zeros((2, 2)), {"targets": "all"}, "one target an image"),
        (np.zeros((2, 2)), {"steps": 0}, "steps=0; want at least 1"),
        (np.zeros((2, 2)), {"block": 0}, "block=0; want the side"),
        (np.zeros((2, 2)), {"fill": "grey"}, "fill='grey' is not known"),
        (np.zeros((2, 2)), {"of": "loss"}, "of='loss'; want"),
        (np.zeros((2, 2)), {"fill": -1}, "fill has values from -1"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(maps, options, words):
    with pytest.raises(ValueError, match=words):
        deletion(sums(value_range=(0, 9)), FOUR, maps, **{"targets": 0, **options})


@pytest.mark.parametrize("top", [-0.1, 10])
def test_a_share_that_is_none_is_refused(top):
    with pytest.raises(ValueError, match=f"top={top}; want a share"):
        sufficiency(sums(), FOUR, MAP, 0, top=top)


def test_help_tells_of_every_argument():
    names = "model images maps targets steps block seed fill of batch_size progress"
    for measure in (deletion, insertion):
        assert " ".join(inspect.signature(measure).parameters) == names
    assert all(f"    {name}: " in deletion.__doc__ for name in names.split())
