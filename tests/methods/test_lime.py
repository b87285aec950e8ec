"""LIME: its linear model, its segments, what hides them, its draws, and how often the model is asked."""

import warnings

import numpy as np
import pytest
from known import Watched, distinct, in_two
from numpy.testing import assert_allclose, assert_array_equal
from scipy.spatial.distance import jaccard
from scipy.special import expit
from sklearn.linear_model import BayesianRidge, Lars, LinearRegression, Ridge

import xaiteach as xt
from xaiteach.methods.segments import segment

RNG = np.random.default_rng
LABELS = np.arange(6)[:, None] // 2 * 4 + np.arange(8) // 2
IMAGE = RNG(1).uniform(0.2, 1, (6, 8, 2)).astype(np.float32)
TRUE = RNG(2).uniform(-1, 1, 12) / 12
LIGHT = np.array([IMAGE[s == LABELS].sum() for s in range(12)])[LABELS]


@in_two
def model(images):
    """P₀ = ½ + Σₛ wₛ · share of segment s's light that is there, so that on paper LIME's weights are w."""
    return 0.5 + (images.sum(axis=-1) / LIGHT * TRUE[LABELS]).sum(axis=(1, 2))


@in_two
def mean(images):
    return images.mean(axis=(1, 2, 3))


def exact(image=IMAGE, target=0, model=model, **options):
    """Maps of the model above by least squares, which finds a linear function as it is."""
    defaults = {"segments": LABELS, "n_samples": 300, "regressor": LinearRegression()}
    return xt.lime(model, image, target, **defaults | options)


def segments_of(image, how, model=mean, **options):
    _, details = xt.lime(model, image, 0, segments=how, n_samples=2, details=True, **options)
    return details.segments


@pytest.mark.parametrize(("target", "factor", "intercept"), [(0, 1, 0.5), (1, -1, 0.5), ((0, 1), 2, 0)])
def test_a_linear_function_of_the_segments_is_recovered(target, factor, intercept):
    map_, details = exact(target=target, details=True)
    assert_allclose(details.weights, factor * TRUE, atol=1e-6)
    assert_allclose(map_, factor * TRUE[LABELS], atol=1e-6)
    assert details.r2 == pytest.approx(1)
    assert details.intercept == pytest.approx(intercept, abs=1e-6)
    assert details.prediction == pytest.approx(intercept + factor * TRUE.sum(), abs=1e-6)


PERMUTED = RNG(3).permutation(12)[LABELS]


@pytest.mark.parametrize(
    ("labels", "from_zero"),
    [(LABELS + 1, LABELS), (LABELS * 10 - 7, LABELS), (PERMUTED, PERMUTED), (np.uint8(LABELS), LABELS)]
    + [(LABELS[None], LABELS), (lambda image: LABELS if image.shape == (6, 8, 2) else None, LABELS)],
)
def test_labels_may_start_anywhere_have_gaps_come_in_any_order_or_by_a_function(labels, from_zero):
    map_, details = exact(segments=labels, details=True)
    assert_allclose(map_, TRUE[LABELS], atol=1e-6)
    assert_array_equal(details.segments, from_zero)


def test_each_image_has_its_own_segments_and_class_and_details_lose_the_axes_that_maps_lose():
    """Of the second image only the first row of four segments is told apart, and the rest is one."""
    coarse = np.minimum(LABELS, 4)
    with pytest.warns(UserWarning, match="Only 5 segment"):
        maps, details = exact([IMAGE] * 2, [0, (1, 0)], segments=np.stack([LABELS, coarse]), details=True)
    assert_allclose(maps[0], TRUE[LABELS], atol=1e-6)
    assert_allclose(maps[1], -2 * np.append(TRUE[:4], TRUE[4:].sum())[coarse], atol=1e-6)
    assert details.weights.shape == (2, 12)
    assert_array_equal(np.isnan(details.weights).sum(axis=1), [0, 7])
    maps, details = exact([IMAGE] * 3, "all", details=True)
    assert maps.shape == details.segments.shape == (3, 2, 6, 8)
    assert details.weights.shape == (3, 2, 12)
    assert details.r2.shape == details.intercept.shape == details.prediction.shape == (3, 2)


@pytest.mark.parametrize(
    ("hide", "other"),
    [
        (0.1, 0.1),
        ([0.1, 0.3], np.array([0.1, 0.3])),
        ("mean", np.stack([IMAGE[s == LABELS].mean(axis=0) for s in range(12)])[LABELS]),
        (IMAGE[::-1], IMAGE[::-1]),
    ],
    ids=["number", "colour", "own mean", "image"],
)
def test_what_is_seen_where_a_segment_is_hidden(hide, other):
    """The weight of a segment is what it loses: Σ w · (x − x′)."""
    pixels = RNG(5).normal(size=(6, 8, 2)) / 100
    lost = (pixels * (IMAGE - other)).sum(axis=-1)
    expected = np.array([lost[s == LABELS].sum() for s in range(12)])
    linear = in_two(lambda images: 0.5 + np.einsum("nhwc,hwc->n", images, pixels))
    assert_allclose(exact(model=linear, hide=hide), expected[LABELS], atol=1e-6)


def test_without_a_seed_each_map_is_another():
    maps = [exact(n_samples=60, seed=None, regressor=None) for _ in range(2)]
    assert abs(maps[0] - maps[1]).max() > 1e-4


@pytest.mark.parametrize("dark", [0, 4, 7, 12])
def test_every_distinct_picture_is_sent_once(dark):
    """What is dark already can't be hidden: five of twelve segments make 32 pictures at most."""
    image = np.where(LABELS[..., None] < dark, 0, IMAGE)
    watched = Watched(model)
    map_ = exact(image, model=watched.wrapped(image), n_samples=1000)
    z = np.random.RandomState(0).randint(0, 2, 12_000).reshape(1000, 12)
    z[0] = 1
    assert len(watched.pictures) == distinct(watched.pictures) == len(np.unique(z[:, dark:], axis=0))
    assert_allclose(map_, np.where(np.arange(12) < dark, 0, TRUE)[LABELS], atol=1e-6)


def test_a_segment_that_hiding_changes_in_one_pixel_or_channel_is_not_dark():
    image = np.zeros_like(IMAGE)
    image[0, 0, 1] = 0.5
    watched = Watched(model)
    exact(image, model=watched.wrapped(image))
    assert len(watched.pictures) == 2


def test_a_distance_may_be_a_function():
    own = exact(regressor=None, distance=lambda a, b: jaccard(a.astype(bool), b.astype(bool)))
    assert_allclose(own, exact(regressor=None, distance="hamming"), atol=1e-7)


def test_a_kernel_too_narrow_for_the_distance_is_warned_of():
    """Half of twelve segments hidden is about 2.4 away, and exp(−2.4²/0.25²/2) is nothing."""
    words = "no picture but the image itself counts.*larger kernel_width"
    with pytest.warns(UserWarning, match=words) as caught:
        exact(regressor=None, distance="euclidean", n_samples=20)
    assert caught[0].filename == __file__


@pytest.mark.parametrize("regressor", [BayesianRidge(), LinearRegression()])
def test_a_regressor_of_one_s_own_is_used_for_each_class_and_left_unfitted(regressor):
    maps = exact(target="all", regressor=regressor)
    assert_allclose(maps, [TRUE[LABELS], -TRUE[LABELS]], atol=1e-3)
    assert not hasattr(regressor, "coef_")


@pytest.mark.parametrize(
    ("how", "fewest", "most"), [(None, 30, 60), ("quickshift", 8, 60), ("felzenszwalb", 20, 80)]
)
def test_a_photo_has_tens_of_segments(how, fewest, most):
    assert fewest <= segments_of(xt.load_photo("cat", size=120), how).max() + 1 <= most


def test_by_default_a_digit_has_30_to_60_segments(digits):
    for labels in segments_of(digits.x_test[:60], None):
        n = labels.max() + 1
        assert 30 <= n <= 60
        assert_array_equal(np.unique(labels), np.arange(n))


@pytest.mark.filterwarnings("ignore:Only")
@pytest.mark.parametrize("how", ["slic", "quickshift", "felzenszwalb", "grid"])
def test_a_grey_picture_is_cut_the_same_in_any_range_and_with_any_number_of_channels(digits, how):
    grey = np.round(digits.x_test[1] * 256) / 256
    other = xt.wrap(lambda images: mean((images[..., :1] + 1) / 2), value_range=(-1, 1))
    stretched = np.repeat(2 * grey - 1, 2, axis=-1)
    assert_array_equal(segments_of(stretched, how, other, hide=-1), segments_of(grey, how))


def test_where_no_range_is_known_a_picture_is_cut_by_its_own():
    """Also a plain one; and every channel of a picture counts."""
    photo = xt.load_photo("cat", size=60)
    expected = segment("quickshift", photo[None], value_range=(photo.min(), photo.max()))
    assert_array_equal(segment("quickshift", 100 * photo[None], value_range=None), expected)
    with np.errstate(all="raise"):
        assert segment("slic", np.full((1, 20, 20, 1), 7.0), value_range=None).shape == (1, 20, 20)
    halves = np.zeros((1, 20, 20, 2))
    halves[:, :, 10:, 1] = 1
    parts = segment("felzenszwalb", halves)[0]
    assert parts[0, 0] != parts[0, -1]


@pytest.mark.parametrize(("how", "rows", "columns"), [("grid", 7, 7), (14, 14, 14), ((4, 6), 4, 6)])
def test_a_grid_is_seven_by_seven_or_as_many_as_one_says(how, rows, columns):
    counted = np.arange(rows * columns).reshape(rows, columns)
    expected = np.kron(counted, np.ones((28 // rows, 42 // columns)))
    plain = np.full((28, 42, 1), 0.5)
    assert_array_equal(segments_of(plain, how), expected)
    _, sizes = np.unique(segments_of(plain, (3, 5)), return_counts=True)
    assert len(sizes) == 15 and sizes.min() >= 9 * 8 and sizes.max() <= 10 * 9, "as even as can be"


def test_few_segments_are_warned_of_in_words():
    with pytest.warns(UserWarning, match="Only 4 segment.*4 place.*segments=None") as caught:
        exact(segments=2)
    assert caught[0].filename == __file__
    with warnings.catch_warnings(action="error"):
        exact(segments=(2, 4))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"segments": "voronoi"}, "segments='voronoi' is not known; want one of .'slic', 'quickshift'"),
        ({"segments": LABELS.T}, r"shape \(8, 6\); want whole numbers of shape \(H, W\) = \(6, 8\)"),
        ({"segments": LABELS / 1}, "Segments of type float64"),
        ({"segments": 7}, r"segments=7 on an image of 6×8; want n for a grid"),
        ({"segments": (7, 2)}, "each from 1 to the side"),
        ({"n_samples": 1}, "n_samples=1; want a whole number from 2"),
        ({"kernel_width": 0}, "kernel_width=0; want more than 0"),
        ({"hide": "grey"}, "hide='grey' is not known"),
        ({"distance": "miles"}, "'metric' parameter of pairwise_distances"),
    ],
)
def test_what_is_wrong_is_said_in_words(options, words):
    with pytest.raises(ValueError, match=words):
        exact(**options)


@pytest.mark.parametrize("regressor", [Lars(), "ridge", Ridge])
def test_a_regressor_that_can_t_weigh_samples_is_refused(regressor):
    with pytest.raises(TypeError, match="want a linear model whose fit takes sample_weight"):
        exact(regressor=regressor)


MAP = np.array([[3.0, 3, -5, 1], [2, 2, 0, -1]])
PARTS = np.array([[7, 7, 2, 5], [4, 4, 1, 9]])


@pytest.mark.parametrize(
    ("options", "kept"),
    [
        ({"n": 2}, [7, 2]),
        ({"n": 2, "sign": "positive"}, [7, 4]),
        ({"n": 1, "sign": "negative"}, [2]),
        ({"n": 9, "min_weight": 2}, [7, 2, 4]),
        ({}, [7, 2, 5, 4, 9]),
    ],
)
def test_the_top_segments_are_chosen_by_weight_and_sign(options, kept):
    assert_array_equal(xt.top_segments(MAP, PARTS, **options), np.isin(PARTS, kept))


def test_top_segments_of_several_maps_are_those_of_each_and_of_equals_the_first():
    masks = xt.top_segments(np.stack([MAP, -MAP]), np.stack([PARTS, PARTS]), 1, sign="positive")
    assert_array_equal(masks, [PARTS == 7, PARTS == 2])
    assert_array_equal(xt.top_segments([[2, -2, 2]], [[3, 4, 5]], 1), [[True, False, False]])


def test_top_segments_says_what_is_wrong():
    with pytest.raises(ValueError, match=r"shape \(2, 4\) and segments of shape \(4, 2\)"):
        xt.top_segments(MAP, PARTS.T)
    with pytest.raises(ValueError, match="sign='both'; want \"all\""):
        xt.top_segments(MAP, PARTS, sign="both")


def test_a_value_is_explained_in_its_own_units_and_a_label_by_its_own_probability():
    values = xt.wrap(lambda images: 100 * model(images), outputs="value")
    assert_allclose(exact(model=values), 100 * exact(), atol=1e-3)
    labels = xt.wrap(lambda images: 9 * mean(images) - 4, outputs="independent")
    alone = in_two(lambda images: expit(9 * mean(images)[:, 0] - 4))
    assert_allclose(exact(model=labels), exact(model=alone), atol=1e-6)
