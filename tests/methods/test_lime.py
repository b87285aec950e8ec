"""LIME: its linear model, its segments, what hides them, its draws, and how often the model is asked."""

import tracemalloc
import warnings

import numpy as np
import pytest
from scipy.spatial.distance import jaccard
from sklearn.linear_model import BayesianRidge, Lars, LinearRegression, Ridge

import xaiteach as xt
from xaiteach.methods.segments import segment

RNG = np.random.default_rng
LABELS = np.arange(6)[:, None] // 2 * 4 + np.arange(8) // 2
IMAGE = RNG(1).uniform(0.2, 1, (6, 8, 2)).astype(np.float32)
TRUE = RNG(2).uniform(-1, 1, 12) / 12


class Model:
    """A plain function that remembers every picture it was shown.

    P₀ = ½ + Σₛ wₛ · share of segment s's light that is there, so that on paper LIME's weights are w.
    """

    def __init__(self, weights=TRUE, labels=LABELS, image=IMAGE):
        self.weights = np.array([w * (labels == s) for s, w in enumerate(weights)]).sum(axis=0)
        self.light = np.array([image[labels == s].sum() for s in range(len(weights))])[labels]
        self.shown = []

    def __call__(self, images):
        self.shown.append(images)
        p = 0.5 + (images.sum(axis=-1) / self.light * self.weights).sum(axis=(1, 2))
        return np.stack([p, 1 - p], axis=1)

    def wrapped(self):
        """As a classifier that has met an image of this shape, and without the memory of it."""
        classifier = xt.wrap(self)
        classifier.predict(IMAGE)
        self.shown.clear()
        return classifier

    @property
    def pictures(self):
        return np.concatenate(self.shown)


def exact(image=IMAGE, target=0, **options):
    """Maps of the model above by least squares, which finds a linear function as it is."""
    defaults = {"segments": LABELS, "n_samples": 300, "regressor": LinearRegression()}
    return xt.lime(Model(), image, target, **defaults | options)


def digit_model(images):
    """P₀ follows the light in the upper half, P₁ in the lower left quarter."""
    upper, left = images[:, :14].mean(axis=(1, 2, 3)), images[:, 14:, :14].mean(axis=(1, 2, 3))
    p = np.stack([upper, left], axis=1) / 2
    return np.concatenate([p, 1 - p.sum(axis=1, keepdims=True)], axis=1)


@pytest.mark.parametrize(("target", "factor"), [(0, 1), (1, -1), ((0, 1), 2)])
def test_a_linear_function_of_the_segments_is_recovered(target, factor):
    map_, details = exact(target=target, details=True)
    np.testing.assert_allclose(details.weights, factor * TRUE, atol=1e-6)
    np.testing.assert_allclose(map_, factor * TRUE[LABELS], atol=1e-6)
    assert details.r2 == pytest.approx(1)


def test_the_intercept_and_the_prediction_are_those_of_the_linear_model():
    _, details = exact(details=True)
    assert details.intercept == pytest.approx(0.5, abs=1e-6)
    assert details.prediction == pytest.approx(0.5 + TRUE.sum(), abs=1e-6)


def test_by_default_the_regression_is_a_ridge_whose_penalty_is_one():
    map_ = exact(n_samples=2000, regressor=None)
    np.testing.assert_allclose(map_, TRUE[LABELS], atol=0.01)
    assert abs(map_ - TRUE[LABELS]).max() > 1e-5
    np.testing.assert_allclose(map_, exact(n_samples=2000, regressor=Ridge(alpha=1)), atol=1e-7)
    assert abs(map_ - exact(n_samples=2000, regressor=Ridge(alpha=100))).max() > 1e-4


@pytest.mark.parametrize(
    "labels",
    [LABELS + 1, LABELS * 10 - 7, RNG(3).permutation(12)[LABELS], LABELS.astype(np.uint8), LABELS[None]],
)
def test_labels_may_start_anywhere_have_gaps_and_come_in_any_order(labels):
    np.testing.assert_allclose(exact(segments=labels), TRUE[LABELS], atol=1e-6)


def test_segments_from_one_are_segments_from_zero():
    np.testing.assert_array_equal(exact(segments=LABELS + 1, regressor=None), exact(regressor=None))
    _, details = exact(segments=LABELS + 1, details=True)
    np.testing.assert_array_equal(details.segments, LABELS)


def test_each_image_has_its_own_segments():
    """Of the second image only the first row of four segments is told apart, and the rest is one."""
    coarse = np.minimum(LABELS, 4)
    with pytest.warns(UserWarning, match="Only 5 segment"):
        maps, details = exact(np.stack([IMAGE, IMAGE]), segments=np.stack([LABELS, coarse]), details=True)
    np.testing.assert_allclose(maps[0], TRUE[LABELS], atol=1e-6)
    np.testing.assert_allclose(maps[1], np.append(TRUE[:4], TRUE[4:].sum())[coarse], atol=1e-6)
    assert details.weights.shape == (2, 12)
    np.testing.assert_array_equal(np.isnan(details.weights).sum(axis=1), [0, 7])


def test_each_image_has_its_own_class():
    maps = exact(np.stack([IMAGE, IMAGE, IMAGE]), [0, 1, (1, 0)])
    np.testing.assert_allclose(maps, [TRUE[LABELS], -TRUE[LABELS], -2 * TRUE[LABELS]], atol=1e-6)


def test_details_lose_the_axes_that_the_maps_lose():
    one, many = exact(details=True), exact(np.stack([IMAGE] * 3), "all", details=True)
    assert one[0].shape == one[1].segments.shape == (6, 8) and one[1].weights.shape == (12,)
    assert many[0].shape == many[1].segments.shape == (3, 2, 6, 8) and many[1].weights.shape == (3, 2, 12)
    assert one[1].r2.shape == one[1].intercept.shape == one[1].prediction.shape == ()
    assert many[1].r2.shape == many[1].intercept.shape == many[1].prediction.shape == (3, 2)


def test_r2_says_how_linear_each_class_is_near_the_image():
    """Class 0 is linear in two segments, class 1 is their product."""
    labels = np.array([[0, 1]])
    model = lambda x: np.stack([x.mean(axis=(1, 2, 3)), x.prod(axis=(1, 2, 3)) / 2], axis=1)  # noqa: E731
    classifier = xt.wrap(
        lambda x: np.concatenate([model(x), 1 - model(x).sum(axis=1, keepdims=True)], axis=1)
    )
    with pytest.warns(UserWarning):
        _, details = xt.lime(
            classifier,
            np.ones((1, 2, 1)) / 2,
            "all",
            segments=labels,
            details=True,
            kernel_width=100,
            regressor=LinearRegression(),
        )
    assert details.r2[0] == pytest.approx(1)
    assert 0.5 < details.r2[1] < 0.9


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
    p = lambda x: 0.5 + np.einsum("nhwc,hwc->n", x, pixels)  # noqa: E731
    lost = (pixels * (IMAGE - other)).sum(axis=-1)
    got = xt.lime(
        lambda x: np.stack([p(x), 1 - p(x)], axis=1),
        IMAGE,
        0,
        segments=LABELS,
        hide=hide,
        n_samples=300,
        regressor=LinearRegression(),
    )
    expected = np.array([lost[s == LABELS].sum() for s in range(12)])
    np.testing.assert_allclose(got, expected[LABELS], atol=1e-6)


def test_blur_hides_a_segment_out_of_focus():
    """An even picture loses nothing, one with a bright dot does."""
    even, dot = np.full((16, 16, 1), 0.5), np.zeros((16, 16, 1))
    dot[8, 8] = 1
    model = lambda x: np.stack([x.max(axis=(1, 2, 3)), 1 - x.max(axis=(1, 2, 3))], axis=1)  # noqa: E731
    options = {"segments": 4, "hide": "blur", "n_samples": 100}
    assert abs(xt.lime(model, even, 0, **options)).max() < 1e-5
    assert xt.lime(model, dot, 0, **options)[8, 8] > 0.5


def test_without_a_seed_each_map_is_another(digits):
    maps = [xt.lime(digit_model, digits.x_test[0], 0, n_samples=60, seed=None) for _ in range(2)]
    assert abs(maps[0] - maps[1]).max() > 1e-4


def distinct(pictures):
    return len(np.unique(pictures.reshape(len(pictures), -1), axis=0))


def draws(n_samples, n_segments, seed=0):
    z = np.random.RandomState(seed).randint(0, 2, n_samples * n_segments).reshape(n_samples, n_segments)
    z[0] = 1
    return z


@pytest.mark.parametrize("dark", [0, 4, 7])
def test_every_distinct_picture_is_sent_once(dark):
    """What is dark already can't be hidden: five of twelve segments make 32 pictures at most."""
    image = np.where(LABELS[..., None] < dark, 0, IMAGE)
    model = Model()
    map_ = xt.lime(model.wrapped(), image, 0, segments=LABELS, regressor=LinearRegression())
    expected = distinct(draws(1000, 12)[:, dark:])
    assert len(model.pictures) == distinct(model.pictures) == expected
    np.testing.assert_allclose(map_, np.where(np.arange(12) < dark, 0, TRUE)[LABELS], atol=1e-6)


def test_a_segment_that_hiding_changes_in_one_pixel_or_channel_is_not_dark():
    image = np.zeros_like(IMAGE)
    image[0, 0, 1] = 0.5
    model = Model()
    xt.lime(model.wrapped(), image, 0, segments=LABELS)
    assert len(model.pictures) == 2


def test_a_picture_without_anything_to_hide_is_sent_once_and_gets_zeros():
    model = Model()
    map_, details = xt.lime(model.wrapped(), np.zeros_like(IMAGE), 0, segments=LABELS, details=True)
    assert len(model.pictures) == 1
    np.testing.assert_allclose(map_, np.zeros((6, 8)), atol=1e-12)
    assert details.prediction == pytest.approx(0.5)


@pytest.mark.parametrize("batch_size", [1, 7, 32])
def test_no_more_than_a_batch_is_shown_at_a_time_and_none_is_forgotten(batch_size):
    model = Model()
    map_ = xt.lime(
        model.wrapped(),
        IMAGE,
        0,
        segments=LABELS,
        n_samples=40,
        batch_size=batch_size,
        regressor=LinearRegression(),
    )
    assert [len(part) for part in model.shown[:-1]] == [batch_size] * (len(model.shown) - 1)
    assert len(model.pictures) == distinct(draws(40, 12))
    np.testing.assert_allclose(map_, TRUE[LABELS], atol=1e-6)


def test_memory_follows_the_batch_and_not_the_number_of_samples():
    """2,000 pictures of 16 kB would take 33 MB if they were all made at once."""
    image = RNG(0).random((64, 64, 1)).astype(np.float32)
    model = xt.wrap(lambda x: np.stack([x.mean(axis=(1, 2, 3)), 1 - x.mean(axis=(1, 2, 3))], axis=1))
    tracemalloc.start()
    xt.lime(model, image, 0, segments=5, n_samples=2000, batch_size=8)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8e6


def test_all_classes_cost_one_class():
    one, all_ = Model(), Model()
    xt.lime(one.wrapped(), IMAGE, 0, segments=LABELS)
    xt.lime(all_.wrapped(), IMAGE, "all", segments=LABELS)
    assert len(one.pictures) == len(all_.pictures)


def test_the_kernel_width_the_distance_and_the_number_of_samples_matter(digits):
    maps = [
        xt.lime(digit_model, digits.x_test[2], 1, **{"n_samples": 60} | options)
        for options in ({}, {"kernel_width": 0.5}, {"distance": "hamming"}, {"n_samples": 61})
    ]
    assert all(abs(maps[0] - other).max() > 1e-6 for other in maps[1:])


def test_weights_are_the_weighted_ridge_on_the_draws_worked_out_by_its_normal_equations():
    """With another distance, width and seed; the penalty does not touch the intercept."""
    z = draws(50, 12, seed=5)
    d = np.sqrt((1 - z).sum(axis=1))
    pi = np.sqrt(np.exp(-((d / 2) ** 2)))
    p = 0.5 + z @ TRUE + 0.02 * z[:, 3] * z[:, 4]
    model = Model()

    def bent(images):
        both = np.prod([(images[:, s == LABELS] > 0).all(axis=(1, 2)) for s in (3, 4)], axis=0)
        return model(images) + 0.02 * np.stack([both, -both], axis=1)

    centred, target = z - np.average(z, axis=0, weights=pi), p - np.average(p, weights=pi)
    expected = np.linalg.solve(centred.T * pi @ centred + np.eye(12), centred.T * pi @ target)
    got = xt.lime(
        bent,
        IMAGE,
        0,
        segments=LABELS,
        n_samples=50,
        seed=5,
        distance="euclidean",
        kernel_width=2,
        details=True,
    )[1]
    np.testing.assert_allclose(got.weights, expected, atol=1e-6)


def test_a_distance_may_be_a_function():
    np.testing.assert_allclose(
        exact(regressor=None, distance=lambda a, b: jaccard(a.astype(bool), b.astype(bool))),
        exact(regressor=None, distance="hamming"),
        atol=1e-7,
    )


def test_a_kernel_too_narrow_for_the_distance_is_warned_of():
    """Half of twelve segments hidden is about 2.4 away, and exp(−2.4²/0.25²/2) is nothing."""
    with pytest.warns(
        UserWarning, match="no picture but the image itself counts.*larger kernel_width"
    ) as caught:
        exact(regressor=None, distance="euclidean", n_samples=20)
    assert caught[0].filename == __file__


def test_a_regressor_of_one_s_own_is_used_for_each_class_and_left_unfitted():
    for regressor in (BayesianRidge(), LinearRegression()):
        maps = exact(target="all", regressor=regressor)
        np.testing.assert_allclose(maps, [TRUE[LABELS], -TRUE[LABELS]], atol=1e-3)
        assert not hasattr(regressor, "coef_")


@pytest.mark.parametrize("channels", [1, 3])
def test_by_default_a_digit_has_30_to_60_segments_grey_or_in_colour(digits, channels):
    images = np.repeat(digits.x_test[:60], channels, axis=-1)
    _, details = xt.lime(digit_model, images, 0, n_samples=2, details=True)
    counts = details.segments.max(axis=(1, 2)) + 1
    assert counts.min() >= 30 and counts.max() <= 60
    assert all(
        (np.unique(each) == np.arange(n)).all() for each, n in zip(details.segments, counts, strict=True)
    )


@pytest.mark.parametrize(
    ("how", "fewest", "most"), [(None, 30, 60), ("quickshift", 8, 60), ("felzenszwalb", 20, 80)]
)
def test_a_photo_has_tens_of_segments(how, fewest, most):
    photo = xt.load_photo("cat", size=120)
    model = lambda x: np.stack([x.mean(axis=(1, 2, 3)), 1 - x.mean(axis=(1, 2, 3))], axis=1)  # noqa: E731
    _, details = xt.lime(model, photo, 0, segments=how, n_samples=2, details=True)
    assert fewest <= details.segments.max() + 1 <= most


@pytest.mark.filterwarnings("ignore:Only")
@pytest.mark.parametrize("how", ["slic", "quickshift", "felzenszwalb", "grid"])
def test_a_grey_picture_is_cut_the_same_in_any_range_and_with_any_number_of_channels(digits, how):
    grey = np.round(digits.x_test[1] * 256) / 256
    options = {"segments": how, "n_samples": 2, "details": True}
    other = xt.wrap(lambda images: digit_model((images[..., :1] + 1) / 2), value_range=(-1, 1))
    expected = xt.lime(digit_model, grey, 0, **options)[1].segments
    stretched = np.repeat(2 * grey - 1, 2, axis=-1)
    np.testing.assert_array_equal(xt.lime(other, stretched, 0, hide=-1, **options)[1].segments, expected)


def test_where_no_range_is_known_a_picture_is_cut_by_its_own():
    """Also a plain one; and every channel of a picture counts."""
    photo = xt.load_photo("cat", size=60)
    expected = segment("slic", photo[None], value_range=(photo.min(), photo.max()))
    np.testing.assert_array_equal(segment("slic", 100 * photo[None], value_range=None), expected)
    with np.errstate(all="raise"):
        assert segment("slic", np.full((1, 20, 20, 1), 7.0), value_range=None).shape == (1, 20, 20)
    halves = np.zeros((1, 20, 20, 2))
    halves[:, :, 10:, 1] = 1
    parts = segment("felzenszwalb", halves)[0]
    assert parts[0, 0] != parts[0, -1]


def test_a_grid_is_seven_by_seven_or_as_many_as_one_says():
    image = np.full((28, 42, 1), 0.5)
    model = lambda x: np.stack([x.mean(axis=(1, 2, 3)), 1 - x.mean(axis=(1, 2, 3))], axis=1)  # noqa: E731
    for how, rows, columns in (("grid", 7, 7), (7, 7, 7), (14, 14, 14), ((4, 6), 4, 6)):
        _, details = xt.lime(model, image, 0, segments=how, n_samples=2, details=True)
        expected = np.kron(
            np.arange(rows * columns).reshape(rows, columns), np.ones((28 // rows, 42 // columns))
        )
        np.testing.assert_array_equal(details.segments, expected)
    _, details = xt.lime(model, image, 0, segments=(3, 5), n_samples=2, details=True)
    _, sizes = np.unique(details.segments, return_counts=True)
    assert len(sizes) == 15 and sizes.min() >= 9 * 8 and sizes.max() <= 10 * 9


def test_segments_may_be_a_function_of_the_image():
    got = exact(segments=lambda image: LABELS if image.shape == (6, 8, 2) else None)
    np.testing.assert_allclose(got, TRUE[LABELS], atol=1e-6)


def test_few_segments_are_warned_of_in_words():
    with pytest.warns(UserWarning, match="Only 4 segment.*4 place.*segments=None") as caught:
        exact(segments=2)
    assert caught[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        exact(segments=(2, 4))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"segments": "voronoi"}, "segments='voronoi' is not known; want 'slic', 'quickshift'"),
        ({"segments": LABELS.T}, r"shape \(8, 6\); want whole numbers of shape \(H, W\) = \(6, 8\)"),
        ({"segments": LABELS / 1}, "Segments of type float64"),
        ({"segments": 7}, r"segments=7 on an image of 6×8; want n for a grid"),
        ({"segments": (2, 9)}, "each from 1 to the side"),
        ({"segments": (7, 2)}, "each from 1 to the side"),
        ({"segments": 0}, "each from 1 to the side"),
        ({"segments": (2, 2, 2)}, r"want n for a grid of n×n, or \(rows, columns\)"),
        ({"segments": 2.5}, "segments=2.5"),
        ({"n_samples": 1}, "n_samples=1; want a whole number from 2"),
        ({"n_samples": 10.0}, "n_samples=10.0"),
        ({"kernel_width": 0}, "kernel_width=0; want more than 0"),
        ({"hide": "grey"}, "hide='grey' is not known"),
        ({"hide": 255}, "hide has values from 255 .*Divide by 255"),
        ({"hide": [0, 0, 0]}, "a colour of 2 value"),
        ({"distance": "miles"}, "'metric' parameter of pairwise_distances"),
        ({"batch_size": 0}, "batch_size is 0; want at least 1"),
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
        ({"n": 9}, [7, 2, 5, 4, 9]),
        ({"n": 9, "sign": "negative"}, [2, 9]),
        ({"n": 9, "min_weight": 2}, [7, 2, 4]),
        ({"n": 9, "sign": "positive", "min_weight": 2.5}, [7]),
        ({"n": 9, "min_weight": 6}, []),
        ({}, [7, 2, 5, 4, 9]),
    ],
)
def test_the_top_segments_are_chosen_by_weight_and_sign(options, kept):
    np.testing.assert_array_equal(xt.top_segments(MAP, PARTS, **options), np.isin(PARTS, kept))


def test_of_segments_that_matter_the_same_the_first_is_taken():
    np.testing.assert_array_equal(xt.top_segments([[2, -2, 2]], [[3, 4, 5]], 1), [[True, False, False]])


def test_top_segments_of_several_maps_are_those_of_each():
    masks = xt.top_segments(np.stack([MAP, -MAP]), np.stack([PARTS, PARTS]), 1, sign="positive")
    np.testing.assert_array_equal(masks, [PARTS == 7, PARTS == 2])


def test_the_top_segments_of_a_map_of_lime_can_be_shown_alone():
    map_, details = exact(details=True)
    mask = xt.top_segments(map_, details.segments, 3, sign="positive")
    np.testing.assert_array_equal(mask, np.isin(LABELS, np.argsort(TRUE)[-3:]))
    assert (np.where(mask[..., None], IMAGE, 0)[~mask] == 0).all()


def test_top_segments_says_what_is_wrong():
    with pytest.raises(ValueError, match=r"shape \(2, 4\) and segments of shape \(4, 2\)"):
        xt.top_segments(MAP, PARTS.T)
    with pytest.raises(ValueError, match="sign='both'; want \"all\""):
        xt.top_segments(MAP, PARTS, sign="both")
