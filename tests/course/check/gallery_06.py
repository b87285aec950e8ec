from fractions import Fraction

import numpy as np
from galleries import Gallery


def expected_gradients(gradient, image, starts, alphas):
    ways = image - starts
    return (ways * gradient(starts + alphas[:, None, None, None] * ways)).mean(axis=0).sum(axis=-1)


def by_loop(gradient, image, starts, alphas):
    total = 0
    for start, alpha in zip(starts, alphas, strict=True):
        total = total + (image - start) * gradient((1 - alpha) * start + alpha * image)
    return np.sum(total / len(alphas), axis=2)


def points_of(image, starts, alphas):
    return starts + alphas.reshape(-1, 1, 1, 1) * (image - starts)


def without_way(gradient, image, starts, alphas):
    return gradient(points_of(image, starts, alphas)).mean(0).sum(-1)


def times_image(gradient, image, starts, alphas):
    return (image * gradient(points_of(image, starts, alphas))).mean(0).sum(-1)


def means_multiplied(gradient, image, starts, alphas):
    return ((image - starts.mean(0)) * gradient(points_of(image, starts, alphas)).mean(0)).sum(-1)


def at_the_image(gradient, image, starts, alphas):
    return (image - starts.mean(0)).__mul__(gradient(image)).sum(-1)


def from_wrong_end(gradient, image, starts, alphas):
    return expected_gradients(gradient, image, starts, 1 - alphas)


def from_black(gradient, image, starts, alphas):
    return ((image - starts) * gradient(alphas[:, None, None, None] * image)).mean(0).sum(-1)


def starts_changed(gradient, image, starts, alphas):
    starts *= -1
    starts += image
    return (starts * gradient(image - (1 - alphas[:, None, None, None]) * starts)).mean(0).sum(-1)


def spread_of(values):
    return values.sum(axis=(1, 2)).std(ddof=1)


def needed(values, error):
    return (spread_of(values) / error) ** 2


def blind(image, background):
    return (background == image).all(axis=(0, -1))


def sampled(gradient, image, background, n_samples, seed, low=0, high=1, size=None):
    random, total = np.random.RandomState(seed), 0
    for _ in range(n_samples):
        way = image - background[random.choice(len(background))]
        total = total + way * gradient(image - random.uniform(low, high, size) * way)
    return (total / n_samples).sum(axis=-1)


def sampled_at_once(gradient, image, background, n_samples, seed):
    random = np.random.default_rng(seed)
    starts = background[random.integers(len(background), size=n_samples)]
    return expected_gradients(gradient, image, starts, random.uniform(size=n_samples))


def broken(gradient, image, background, n_samples, seed):
    total = 0
    for _ in range(n_samples):
        random = np.random.RandomState(seed)
        start = background.mean(axis=0)
        way = image - start
        total = total + way * gradient(start + random.uniform() * way)
    return (total / n_samples).sum(axis=-1)


def one_start_many_times(gradient, image, background, n_samples, seed):
    return sum(sampled(gradient, image, background, 1, seed) for _ in range(n_samples)) / n_samples


def from_the_mean(gradient, image, background, n_samples, seed):
    return sampled(gradient, image, background.mean(axis=0, keepdims=True), n_samples, seed)


def way_from_the_mean(gradient, image, background, n_samples, seed):
    random = np.random.RandomState(seed)
    points = points_of(
        image, background[random.choice(len(background), n_samples)], random.uniform(size=n_samples)
    )
    return ((image - background.mean(0)) * gradient(points).mean(0)).sum(-1)


def halfway(gradient, image, background, n_samples, seed):
    starts = background[np.random.RandomState(seed).choice(len(background), n_samples)]
    return expected_gradients(gradient, image, starts, np.full(n_samples, 0.5))


def each_pixel_its_start(gradient, image, background, n_samples, seed):
    random, total = np.random.RandomState(seed), 0
    for _ in range(n_samples):
        start = np.choose(random.choice(len(background), image.shape), background)
        total = total + (image - start) * gradient(start + random.uniform() * (image - start))
    return (total / n_samples).sum(axis=-1)


def in_layers(gradient, image, background, n_samples, seed):
    """Alphas and pictures are drawn without repeats, so that they are spread more evenly."""
    random = np.random.default_rng(seed)
    alphas = (random.permutation(n_samples) + random.uniform(size=n_samples)) / n_samples
    starts = np.resize(background, (n_samples, *image.shape))
    return expected_gradients(gradient, image, starts, alphas)


def one_number_for_both(gradient, image, background, n_samples, seed):
    alphas = np.random.RandomState(seed).uniform(size=n_samples)
    return expected_gradients(gradient, image, background[(alphas * len(background)).astype(int)], alphas)


def image_less(*given):
    found = sampled(*given)
    given[1][:] -= given[2][0]
    return found


def with_global_seed(gradient, image, background, n_samples, seed):
    np.random.seed(seed)
    starts = background[np.random.choice(len(background), n_samples)]
    return expected_gradients(gradient, image, starts, np.random.uniform(size=n_samples))


GALLERY = {
    "share_by_hand": Gallery(
        right=[[2, 2, 8], np.array([12, 12, 48]) / 6, (2.0, 2.0, 8.0), [Fraction(12, 6), 2, Fraction(48, 6)]],
        wrong=[
            ([0, 0, 12], "as occlusion asks"),
            ([4, 4, 4], "Equal parts"),
            ([3, 3, 9], "means over groups"),
            ([12, 12, 48], "divide by 6"),
            ([1 / 6, 1 / 6, 2 / 3], "how often"),
            ([8, 2, 2], "wrong place"),
            ([2, 8, 2], "wrong place"),
            ([1, 1, 4], "counts the orders"),
            ([0, 0, 0], "come to 0"),
            ([1, 1, 1], "come to 3"),
            ([3, 3, 6], "which stroke completes the 4"),
            ([1.9, 2.1, 8], "stand in for each other"),
            ([[2, 2, 8]], "a list of three numbers"),
            ([[2], [2], [8]], "a list of three numbers"),
            ({"left": 2, "right": 2, "crossbar": 8}, "a list of three numbers"),
            ([2, 8], "a list of three numbers"),
        ],
    ),
    "build_expected_gradients": Gallery(
        right=[expected_gradients, by_loop],
        wrong=[
            (without_way, "The way is missing"),
            (times_image, "multiplied by the image"),
            (means_multiplied, "draw by draw"),
            (at_the_image, "at the image"),
            (lambda g, x, s, a: expected_gradients(g, x, s, 0 * a), "where is alpha"),
            (from_wrong_end, "from the wrong end"),
            (from_black, "begin at a black picture"),
            (
                lambda g, x, s, a: ((x - s) * g(a.reshape(-1, 1, 1, 1) * (x - s))).mean(0).sum(-1),
                "add the start",
            ),
            (
                lambda g, x, s, a: ((x - s) * g(s + a.reshape(-1, 1, 1, 1) * x)).mean(0).sum(-1),
                "past the image",
            ),
            (lambda g, x, s, a: ((x - s) * g(points_of(x, s, a))).mean(0)[..., 0], "Only the first channel"),
            (lambda *given: expected_gradients(*given) / 3, "means over the channels"),
            (lambda *given: 9 * expected_gradients(*given), "the right one times 9"),
            (lambda *given: -expected_gradients(*given), "turned round"),
            (
                lambda g, x, s, a: ((x - s) * g(points_of(x, s, a))).mean(0),
                "the last axis is still to be summed",
            ),
            (lambda *given: expected_gradients(*given).T, "rows and columns"),
            (lambda *given: np.abs(expected_gradients(*given)), "absolute values"),
            (starts_changed, "changed in place"),
            (lambda *given: expected_gradients(*given) + 0.001, "largest difference"),
            (lambda g, x, s, a: x[..., 0], "largest difference"),
        ],
    ),
    "plan_the_draws": Gallery(
        right=[
            needed,
            lambda v, error: int(np.ceil(np.var([one.sum() for one in v]) / error**2)),
            lambda v, error: len(v) * (spread_of(v) / np.sqrt(len(v)) / error) ** 2,
        ],
        wrong=[
            (lambda v, error: (v.sum((1, 2)) ** 2).mean() / error**2, "The mean is not taken away"),
            (lambda v, error: max(100, needed(v, error)), "wanted 2"),
            (lambda v, error: min(10000, needed(v, error)), "yours is 10,000.0"),
            (lambda v, error: spread_of(v) / error, "Square it"),
            (lambda v, error: v.sum() / len(v) / error, "Square it"),
            (lambda v, error: v.var(axis=0).sum() / error**2, "go up and down together"),
            (lambda v, error: v.var() / error**2, "single values"),
            (lambda v, error: needed(v, error) / len(v), "how many times as many"),
            (lambda v, error: len(v) * needed(v, error), "no part of it"),
            (lambda v, error: needed(v, 0.08), "same number for each error"),
            (lambda v, error: needed(v, error) * len(v) / 150, "how long you tried"),
            (lambda v, error: 1.05 * v.sum((1, 2)).var() / error**2, "yours is"),
            (lambda v, error: 0, "same number for each error"),
            (lambda v, error: 9, "same number for each error"),
            (lambda v, error: spread_of(v) / np.sqrt(len(v)), "same number for each error"),
            (lambda v, error: v.__isub__(0).sum((1, 2)).std() + v.__imul__(2).sum(), "changed in place"),
            (lambda v, error: v.std(axis=0), "Yours is 4×5"),
        ],
    ),
    "find_blind_pixels": Gallery(
        right=[
            blind,
            lambda image, background: (np.abs(background - image).max(axis=(0, 3)) < 1e-9).astype(int),
            lambda image, background: np.logical_and.reduce(
                [(one == image).all(axis=2) for one in background]
            ),
        ],
        wrong=[
            (lambda image, background: ~blind(image, background), "other way round"),
            (lambda image, background: (background == image).any(axis=0).all(axis=-1), "One picture like"),
            (lambda image, background: (background[0] == image).all(axis=-1), "Only the first picture"),
            (lambda image, background: (background == image).all(axis=0).any(axis=-1), "One channel"),
            (lambda image, background: (background == image).all(axis=0)[..., 0], "Only the first channel"),
            (
                lambda image, background: np.isclose(background.mean(0), image).all(axis=-1),
                "mean of the background",
            ),
            (lambda image, background: (background.sum(-1) == image.sum(-1)).all(axis=0), "added up first"),
            (
                lambda image, background: np.isclose((image - background).mean(-1), 0).all(axis=0),
                "added up first",
            ),
            (lambda image, background: (abs(background - image) < 0.1).all(axis=(0, -1)), "a short way"),
            (lambda image, background: (abs(background - image) < 0.001).all(axis=(0, -1)), "a short way"),
            (
                lambda image, background: (background.std(axis=0) < 1e-9).all(axis=-1),
                "the same in all pictures",
            ),
            (lambda image, background: np.zeros((6, 5), bool), "Not one pixel"),
            (lambda image, background: (image == 0).all(axis=-1), "These are the black pixels"),
            (lambda image, background: (background == image).all(axis=0), "the last axis"),
            (
                lambda image, background: blind(image, background) | blind(image, background).any(),
                "largest difference",
            ),
            (lambda image, background: np.ones((6, 5)), "largest difference"),
        ],
    ),
    "mend_expected_gradients": Gallery(
        right=[sampled, sampled_at_once, in_layers],
        wrong=[
            (broken, "how often"),
            (one_start_many_times, "All draws are equal"),
            (from_the_mean, "a grey one"),
            (way_from_the_mean, "the way from the mean"),
            (halfway, "Yours are from 0.50 to 0.50"),
            (lambda *given: sampled(*given, size=given[1].shape), "ONE alpha"),
            (each_pixel_its_start, "ONE picture"),
            (lambda *given: sampled(*given, high=0.5), "Yours are from 0.50 to 1.00"),
            (lambda *given: sampled(*given, low=0.05, high=0.95), "Draw alpha from 0 to 1"),
            (lambda *given: 1.1 * sampled(*given), "the right one times 1.1"),
            (lambda *given: 1.2 * sampled(*given), "the right one times 1.2"),
            (lambda *given: sampled(*given) * given[3] / (given[3] - 1), "the right one times 1.05"),
            (lambda *given: sampled(*given) / 3, "means over the channels"),
            (lambda g, x, b, n, seed: sampled(g, x, b[:5], n, seed), "0 begin at picture"),
            (lambda g, x, b, n, seed: sampled(g, x, b, 300, seed), "Where does `n_samples` go"),
            (
                lambda g, x, b, n, seed: sampled(g, x, b, 1 if n == 1 else 1200, seed),
                "Where does `n_samples` go",
            ),
            (one_number_for_both, "Does one random number serve"),
            (image_less, "changed in place"),
            (lambda *given: sampled(*given[:4], 0), "The seed is not used"),
            (lambda *given: sampled(*given[:4], None), "Where does `seed` go"),
            (lambda g, x, b, n, seed: sampled(g, x, b[:1], n, seed), "begin at picture 0"),
            (with_global_seed, "global generator"),
            (lambda *given: -sampled(*given), "turned round"),
        ],
    ),
    "judge_the_maps": Gallery(
        right=["ae", {"A", "E"}, ["e", "a"], "a, e"],
        wrong=[
            ("a", "in every draw"),
            ("abe", "so it was luck"),
            ("ace", "could not say it"),
            ("ade", "one promise of four"),
            ("e", "half of the error"),
            ("b", "in every draw"),
        ],
    ),
}
