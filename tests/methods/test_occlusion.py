"""Occlusion: the windows, what covers, what is asked, and how often."""

import numpy as np
import pytest
import torch
from known import Watched, distinct, image_a, image_b, in_two, linear, model_a, model_b
from numpy.testing import assert_allclose, assert_array_equal
from scipy.special import expit

import xaiteach as xt
from xaiteach.methods.hiding import replacement

RNG = np.random.default_rng
IMAGE = RNG(1).random((5, 7, 2)).astype(np.float32)
WEIGHTS = RNG(2).normal(size=(5, 7, 2, 3)).astype(np.float32)


def linear_model(images):
    """One score a class, Σ w·x."""
    return np.einsum("nhwc,hwck->nk", images, WEIGHTS)


def watched(image=IMAGE, function=linear_model, **options):
    """A function of scores that remembers what it is shown, and its classifier."""
    model = Watched(function)
    return model, model.wrapped(image, outputs="scores", **options)


def scores(image=IMAGE, **options):
    """The map of class 0 of the linear model."""
    return xt.occlusion(xt.wrap(linear_model, outputs="scores"), image, 0, of="score", **options)


def contribution(other=0.0, image=IMAGE):
    """w · (x − x′), each pixel's drop on paper."""
    return (WEIGHTS[..., 0] * (image - other)).sum(axis=-1)


PIXELS = [[0, 1, 2, 3], [0, 4, 4, 4], [2, 7, 8, 4], [6, 7, 8, 0]]
OVERLAPPING = [[7, 8, 6.5, 4], [15.5, 20.75, 22.25, 18.5], [30, 39.25, 44.25, 40], [36, 45, 50.5, 47]]


@pytest.mark.parametrize(("target", "sign"), [(0, 1), (1, -1)])
@pytest.mark.parametrize(("window", "expected"), [(1, PIXELS), (2, OVERLAPPING)])
def test_single_pixels_and_overlapping_windows_of_model_a(framework, target, sign, window, expected):
    model = xt.wrap(model_a(framework), value_range=None)
    maps = xt.occlusion(model, image_a(), target, window=window, stride=1, of="score")
    assert_allclose(maps, sign * np.array(expected), atol=1e-4)


@pytest.mark.parametrize(("targets", "times"), [("all", [[[1]], [[-1]]]), ((0, 1), 2)])
def test_the_drops_of_model_b_do_not_sum_to_its_score(framework, targets, times):
    b = xt.wrap(model_b(framework), value_range=None)
    maps = xt.occlusion(b, image_b(), targets, window=1, of="score")
    assert_allclose(maps, times * np.array([[80, 200, 120]]), atol=1e-3)


@pytest.mark.parametrize(
    ("fill", "other"),
    [
        (0, 0),
        (1, 1),
        ([0.2, 0.9], np.array([0.2, 0.9])),
        ("mean", IMAGE.mean(axis=(0, 1))),
        (IMAGE[::-1], IMAGE[::-1]),
        (IMAGE[None, :, ::-1], IMAGE[:, ::-1]),
    ],
    ids=["black", "white", "colour", "mean", "image", "one an image"],
)
def test_what_covers_is_a_number_a_colour_the_mean_or_an_image(fill, other):
    assert_allclose(scores(window=1, fill=fill), contribution(other), atol=1e-5)


def test_blur_is_by_an_eighth_of_the_shorter_side_and_mixes_neither_channels_nor_images():
    """A bright line across the longer one is smeared by two pixels of 16, whichever way the picture lies."""
    line = np.zeros((2, 16, 64, 2), np.float32)
    line[0, 8, :, 0] = 1
    around = np.exp(-((np.arange(16) - 8) ** 2) / (2 * 2**2))
    expected = np.zeros_like(line)
    expected[0, ..., 0] = (around / around.sum())[:, None]
    assert_allclose(replacement("blur", line), expected, atol=1e-3)
    assert_allclose(replacement("blur", line.swapaxes(1, 2)), expected.swapaxes(1, 2), atol=1e-3)


def test_each_image_is_covered_with_its_own():
    images = np.stack([IMAGE, IMAGE**2])
    for fill, others in (("mean", images.mean(axis=(1, 2), keepdims=True)), (images[::-1], images[::-1])):
        expected = [contribution(other, image) for image, other in zip(images, others, strict=True)]
        assert_allclose(scores(images, window=1, fill=fill), expected, atol=1e-5)


def test_without_a_stride_the_window_moves_by_itself_and_numbers_are_squares():
    assert_array_equal(scores(window=(2, 3)), scores(window=(2, 3), stride=(2, 3)))
    assert_array_equal(scores(window=3, stride=2), scores(window=(3, 3), stride=(2, 2)))
    assert_array_equal(scores(), scores(window=4, stride=4))


@in_two
def two_pixels(images):
    """The probability of class 0 is the first pixel times the second."""
    return images[:, 0, 0, 0] * images[:, 0, 1, 0]


@pytest.mark.parametrize(("target", "drop"), [(0, 0.4), (1, -0.4), ((0, 1), 0.8)])
def test_a_plain_function_is_asked_for_its_probability(target, drop):
    image = np.array([[[0.5], [0.8], [1]]])
    assert_allclose(xt.occlusion(two_pixels, image, target, window=1), [[drop, drop, 0]], atol=1e-6)
    with pytest.raises(TypeError, match="scores before the softmax or sigmoid can't be had"):
        xt.occlusion(two_pixels, image, target, window=1, of="score")


def test_the_probability_is_the_default_and_the_score_another_map(framework):
    """One white pixel with score 2 for class 0, 0 for class 1: P = e²/(e² + 1), and 1/2 once it is black."""
    weights = np.zeros((1, 2, 1, 2))
    weights[0, 0, 0, 0] = 2
    model, image = linear(framework, weights), np.ones((1, 2, 1))
    drop = np.exp(2) / (np.exp(2) + 1) - 0.5
    assert_allclose(xt.occlusion(model, image, 0, window=1), [[drop, 0]], atol=1e-6)
    assert_allclose(xt.occlusion(model, image, 0, window=1, of="score"), [[2, 0]], atol=1e-6)


def test_details_are_the_drop_of_each_window_and_the_value_they_are_from():
    image = np.array([[[0.5], [0.8], [1]]])
    map_, details = xt.occlusion(two_pixels, image, 0, window=(1, 2), stride=1, details=True)
    assert_allclose(details.drops, [[0.4, 0.4]], atol=1e-6)
    assert details.value == pytest.approx(0.4)
    assert_allclose(map_, [[0.4, 0.4, 0.4]], atol=1e-6)
    _, many = xt.occlusion(two_pixels, np.zeros((1, 5, 7, 2)), "all", window=(2, 3), details=True)
    assert many.drops.shape == (1, 2, 3, 3) and many.value.shape == (1, 2)


def test_a_window_that_changes_one_channel_alone_is_not_left_out():
    """A red pixel in one corner and a green one in the other; the rest is dark."""
    image = np.zeros_like(IMAGE)
    image[0, 0, 0] = image[4, 6, 1] = 1
    model, classifier = watched()
    map_ = xt.occlusion(classifier, image, 0, window=1, of="score")
    assert len(model.pictures) == 3
    assert_allclose(map_, contribution(image=image), atol=1e-6)


@pytest.mark.parametrize(("window", "stride"), [((4, 4), (4, 4)), ((4, 4), (1, 1)), ((3, 5), (2, 3))])
def test_of_a_digit_every_distinct_picture_is_sent_once(digits, window, stride):
    """The map itself is captum's, in reference/test_captum.py."""
    image = digits.x_test[3]
    model, classifier = watched(image, lambda images: images.sum(axis=(1, 2)))
    xt.occlusion(classifier, image, 0, window=window, stride=stride, of="score")
    pictures = [image.copy()]
    for top in range(0, 28 - window[0] + stride[0], stride[0]):
        for left in range(0, 28 - window[1] + stride[1], stride[1]):
            pictures.append(image.copy())
            pictures[-1][top : top + window[0], left : left + window[1]] = 0
    assert len(model.pictures) == distinct(model.pictures) == distinct(np.stack(pictures))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"window": 6}, "A window of \\(6, 6\\) on an image of \\(5, 7\\); want a smaller one"),
        ({"window": 0}, "window=0 and stride=None; want whole numbers of pixels from 1"),
        ({"window": 2, "stride": (2, 3)}, "gaps"),
        ({"window": 2, "stride": 3}, "gaps between windows.*want at most these"),
        ({"fill": "grey"}, 'fill=\'grey\' is not known.*"mean", "blur", a number'),
        ({"fill": [1, 2, 3]}, r"fill is of .*shape \(3,\); want a number, a colour of 2 value"),
        ({"fill": np.zeros((5, 7))}, r"shape \(5, 7\); want .* image of shape \(5, 7, 2\)"),
        ({"fill": -0.5}, "fill has values from -0.5 to -0.5; want 0 to 1."),
        ({"fill": 255}, "fill has values from 255 to 255; want .*0 to 1. Divide by 255"),
        ({"of": "logit"}, 'of=\'logit\'; want "probability" or "score"'),
        ({"batch_size": 0}, "batch_size is 0; want at least 1"),
    ],
)
def test_what_is_wrong_is_said_in_words(options, words):
    with pytest.raises(ValueError, match=words):
        xt.occlusion(linear_model, IMAGE, 0, **options)


def test_any_fill_will_do_where_the_range_of_values_is_not_known():
    model = xt.wrap(linear_model, outputs="scores", value_range=None)
    got = xt.occlusion(model, IMAGE, 0, window=1, fill=-3.0, of="score")
    assert_allclose(got, contribution(-3), atol=1e-4)
    with pytest.raises(ValueError, match="fill has values from inf"):
        xt.occlusion(model, IMAGE, 0, fill=np.inf)


def test_a_saturated_answer_is_warned_of_once_and_its_score_is_not(recwarn):
    """A softmax of scores 40 apart is 1 to the last digit, and 1 it stays."""
    net = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(70, 2), torch.nn.Softmax(dim=1))
    torch.nn.init.ones_(net[1].weight)
    net[1].bias.data = torch.tensor([40.0, 0.0])
    sure = xt.wrap(net)
    with pytest.warns(UserWarning, match='stays at 1 whichever window is covered.* Say of="score"') as said:
        assert not xt.occlusion(sure, np.stack([IMAGE, IMAGE]), 0, window=2).any()
    assert len(said) == 1
    xt.occlusion(sure, IMAGE, 0, window=2, of="score")
    unsure = xt.wrap(lambda images: np.tile([0.7, 0.3], (len(images), 1)))
    value = xt.wrap(lambda images: np.ones((len(images), 1)), outputs="value")
    for model, image in ((unsure, IMAGE), (value, IMAGE), (sure, 0 * IMAGE)):
        xt.occlusion(model, image, 0, window=2)
    xt.occlusion(linear_model_of_shares, IMAGE, 0, window=2)
    assert not recwarn.list


def linear_model_of_shares(images):
    """Nearly sure, but not the same whatever is covered."""
    doubt = 1e-3 * images.mean(axis=(1, 2, 3))
    return np.stack([1 - doubt, doubt], axis=1)


def test_of_a_value_and_of_labels_the_map_is_in_their_own_units():
    values = xt.wrap(lambda images: 100 * linear_model(images), outputs="value")
    assert_allclose(xt.occlusion(values, IMAGE, 0, window=1), 100 * contribution(), atol=1e-3)
    net = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(70, 2))
    labels, covered = xt.wrap(net, outputs="independent"), IMAGE.copy()
    covered[:2, :3] = 0
    drop = [expit(labels.scores(picture)[1]) for picture in (IMAGE, covered)]
    _, details = xt.occlusion(labels, IMAGE, 1, window=(2, 3), details=True)
    assert_allclose(details.drops[0, 0], drop[0] - drop[1], atol=1e-6)
