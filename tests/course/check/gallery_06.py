import numpy as np
from galleries import RIGHT


def points_of(image, starts, alphas):
    return starts + alphas.reshape(-1, 1, 1, 1) * (image - starts)


def over(values):
    return values.mean(axis=0).sum(axis=-1)


def expected_gradients(gradient, image, starts, alphas):
    return over((image - starts) * gradient(points_of(image, starts, alphas)))


def by_loop(gradient, image, starts, alphas):
    total = 0
    for start, alpha in zip(starts, alphas, strict=True):
        total = total + (image - start) * gradient((1 - alpha) * start + alpha * image)
    return np.sum(total / len(alphas), axis=2)


def times(factor_of):
    """Gradients at the right points, times something else than their ways."""
    return lambda g, x, s, a: over(factor_of(x, s) * g(points_of(x, s, a)))


def asked_at(points):
    """The right ways, times gradients at other points."""
    return lambda g, x, s, a: over((x - s) * g(points(x, s, a[:, None, None, None])))


def needed(values, error):
    return (values.sum(axis=(1, 2)).std(ddof=1) / error) ** 2


def blind(image, background):
    return (background == image).all(axis=(0, -1))


def sampled(gradient, image, background, n_samples, seed, size=None):
    random, total = np.random.RandomState(seed), 0
    for _ in range(n_samples):
        way = image - background[random.choice(len(background))]
        total = total + way * gradient(image - random.uniform(size=size) * way)
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


def halfway(gradient, image, background, n_samples, seed):
    starts = background[np.random.RandomState(seed).choice(len(background), n_samples)]
    return expected_gradients(gradient, image, starts, np.full(n_samples, 0.5))


def one_number_for_both(gradient, image, background, n_samples, seed):
    alphas = np.random.RandomState(seed).uniform(size=n_samples)
    return expected_gradients(gradient, image, background[(alphas * len(background)).astype(int)], alphas)


def with_global_seed(gradient, image, background, n_samples, seed):
    np.random.seed(seed)
    starts = background[np.random.choice(len(background), n_samples)]
    return expected_gradients(gradient, image, starts, np.random.uniform(size=n_samples))


GALLERY = {
    "share_by_hand": [
        ([2, 2, 8], RIGHT),
        (np.array([12, 12, 48]) / 6, RIGHT),
        ([0, 0, 12], "what is lost without each one"),
        ([12, 12, 48], "come to 72"),
        ([2.02, 2, 7.98], "which stroke completes the 4"),
        ({"left": 2, "right": 2, "crossbar": 8}, "a list of three numbers"),
    ],
    "build_expected_gradients": [
        (expected_gradients, RIGHT),
        (by_loop, RIGHT),
        (times(lambda x, s: 1), "The way is missing"),
        (times(lambda x, s: x), "multiplied by the image"),
        (times(lambda x, s: x - s.mean(axis=0)), "draw by draw"),
        (asked_at(lambda x, s, a: x + 0 * s), "at the image"),
        (lambda g, x, s, a: expected_gradients(g, x, s, 1 - a), "from the wrong end"),
        (asked_at(lambda x, s, a: a * (x - s)), "Add the start"),
        (lambda *given: expected_gradients(*given) + 0.001, "largest difference"),
    ],
    "plan_the_draws": [
        (needed, RIGHT),
        (lambda v, error: int(np.ceil(np.var([one.sum() for one in v]) / error**2)), RIGHT),
        (lambda v, error: needed(v, error) ** 0.5, "Square it"),
        (lambda v, error: v.var(axis=0).sum() / error**2, "not independent"),
        (lambda v, error: v.var() / error**2, "single values"),
        (lambda v, error: needed(v, error) / len(v), "how many times as many"),
        (lambda v, error: needed(v, error) * len(v) / 150, "how long you tried"),
        (lambda v, error: 1.03 * needed(v, error), "yours is"),
    ],
    "find_blind_pixels": [
        (blind, RIGHT),
        (lambda x, page: (np.abs(page - x).max(axis=(0, 3)) < 1e-9).astype(int), RIGHT),
        (lambda x, page: ~blind(x, page), "other way round"),
        (lambda x, page: (page == x).any(axis=0).all(axis=-1), "One picture like"),
        (lambda x, page: (page[0] == x).all(axis=-1), "Only the first picture"),
        (lambda x, page: (page == x).all(axis=0).any(axis=-1), "One channel"),
        (lambda x, page: np.isclose(page.mean(0), x).all(axis=-1), "The mean is compared"),
        (lambda x, page: np.isclose((x - page).mean(-1), 0).all(axis=0), "largest difference"),
    ],
    "mend_expected_gradients": [
        (sampled, RIGHT),
        (sampled_at_once, RIGHT),
        (broken, "how often"),
        (one_start_many_times, "All draws ask about the same point"),
        (lambda g, x, b, n, seed: sampled(g, x, b.mean(0, keepdims=True), n, seed), "a grey picture"),
        (halfway, "Yours are from 0.50 to 0.50"),
        (lambda *given: sampled(*given, size=given[1].shape), "ONE alpha"),
        (lambda *given: 1.1 * sampled(*given), "a linear model"),
        (lambda *given: sampled(*given) * given[3] / 20, "the map of these draws"),
        (lambda *given: sampled(*given[:4], None), "Where does `seed` go"),
        (lambda g, x, b, n, seed: sampled(g, x, b[:5], n, seed), "times. Draw from all of them"),
        (lambda g, x, b, n, seed: sampled(g, x, b, 300, seed), "Where does `n_samples` go"),
        (one_number_for_both, "Does one random number serve"),
        (lambda *given: sampled(*given[:4], 0), "The seed is not used"),
        (with_global_seed, "global generator"),
    ],
    "judge_the_maps": [
        ("ae", RIGHT),
        ({"A", "E"}, RIGHT),
        ("a", "in every draw"),
        ("abe", "so it was luck"),
        ("ade", "one promise of four"),
        ("e", "half of the error"),
    ],
}
