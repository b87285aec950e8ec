import numpy as np
from galleries import RIGHT

from xaiteach_course.check.lesson_07.truth import enough, middle


def spread(start, way, alphas):
    return start + alphas[:, None, None, None] * way


def mean_gradient(gradient, image, baseline, steps, alphas_of=middle):
    return gradient(spread(baseline, image - baseline, alphas_of(steps))).mean(axis=0)


def integrated_gradients(gradient, image, baseline, *rest):
    return ((image - baseline) * mean_gradient(gradient, image, baseline, *rest)).sum(axis=-1)


def by_loop(gradient, image, baseline, steps):
    total = np.zeros_like(image)
    for k in range(steps):
        alpha = (2 * k + 1) / (2 * steps)
        total += gradient((1 - alpha) * baseline + alpha * image) / steps
    return np.einsum("hwc,hwc->hw", image - baseline, total)


def at(alphas_of):
    return lambda *given: integrated_gradients(*given, alphas_of)


def near(sums, rise, within):
    return np.abs(sums - rise) <= within * abs(rise)


def by_loop_over_places(counts, sums, rise, within):
    for k in range(len(counts)):
        if near(sums, rise, within)[k:].all():
            return counts[k]
    return 0


def after_the_last_gap(counts, *rest):
    """IndexError where even the last is off."""
    return counts[np.flatnonzero(~near(*rest)).max(initial=-1) + 1]


def linear_test(weights, image, baseline, steps=10, compare=np.allclose):
    def test(explain):
        found = explain(lambda points: weights + 0 * points, image, baseline, steps)
        return compare(found, (weights * (image - baseline)).sum(axis=-1))

    return test


WEIGHTS, IMAGE, BASELINE = np.random.default_rng(3).normal(size=(3, 4, 5, 1))
BLACK = 0 * IMAGE


def compare_by(compare, steps=10):
    return linear_test(WEIGHTS, IMAGE, BASELINE, steps, compare)


def mended(gradient, picture, mean, deviation, steps):
    start, end = (0 * picture - mean) / deviation, (picture - mean) / deviation
    return integrated_gradients(gradient, end, start, steps)


def by_trapezoid(from_black, mended_ends):
    """The exercise's broken function; one or both of its two mistakes may be mended."""

    def explain(gradient, picture, mean, deviation, steps):
        start, x = -mean / deviation * from_black, (picture - mean) / deviation
        weights = np.full(steps, 1 / (steps - mended_ends))
        weights[[0, -1]] /= 2
        slopes = gradient(spread(start, x - start, np.linspace(0, 1, steps)))
        return ((x - start) * np.tensordot(weights, slopes, 1)).sum(axis=-1)

    return explain


def from_zero(gradient, end, way, steps):
    return (way * gradient(spread(0, end, middle(steps))).mean(axis=0)).sum(axis=-1)


GALLERY = {
    "build_integrated_gradients": [
        (integrated_gradients, RIGHT),
        (by_loop, RIGHT),
        (at(lambda n: np.arange(n) / n), "left ends"),
        (at(lambda n: (np.arange(n) + 1) / n), "right ends"),
        (at(lambda n: np.linspace(0, 1, n)), "with both ends"),
        (lambda *given: mean_gradient(*given).sum(-1), "The way is missing"),
        (lambda *given: (given[1] * mean_gradient(*given)).sum(-1), "multiplied by the image"),
        (lambda g, x, b, n: from_zero(g, x - b, x - b, n), "add it to each"),
        (lambda g, x, b, n: integrated_gradients(g, x, 0 * b, n), "The baseline is not used"),
        (lambda g, x, b, n: integrated_gradients(g, x, b, 50), "largest difference"),
    ],
    "choose_the_steps": [
        (by_loop_over_places, RIGHT),
        (lambda n, *rest: int(enough(n, near(*rest))), RIGHT),
        (lambda n, *rest: n[near(*rest).argmax()], "may be luck"),
        (lambda n, s, r, w: enough(n, s - r <= w * r), "too small passes as near"),
        (lambda n, s, r, w: enough(n, (r - s) / r <= w), "too large passes as near"),
        (lambda n, s, r, w: enough(n, abs(s - r) <= w * r), "no gap is small enough"),
        (lambda n, s, r, w: enough(n, abs(s - r) / r <= w), "every gap passes as small"),
        (lambda n, s, r, w: enough(n, abs(s - r) <= w), "0.1 is a tenth of it"),
        (lambda n, s, r, w: enough(n, abs(s - r) <= w * abs(s)), "not of the sum"),
        (lambda n, s, r, w: enough(n, near(s, r, 0.05)), "wrong  a tolerance of 0.25"),
        (lambda n, s, r, w: enough(n, near(s, r, max(0.05, w))), "wrong  a tolerance of 0.01"),
        (lambda n, s, r, w: enough(n, abs(abs(s) - abs(r)) <= w * abs(r)), "a sum of the other sign"),
        (lambda n, *rest: enough(n, near(*rest)) or n[-1], "return 0"),
        (lambda n, *rest: enough(range(len(n)), near(*rest)), "the place in the list"),
        (after_the_last_gap, "1, 2, 1, 2, 1, 30 % of it; 5 % are near enough. Yours looks for a place"),
        (lambda n, *rest: enough(n[1:], near(*rest)[1:]), "all sums are near\n"),
        (lambda n, *rest: enough(n[:-1], near(*rest)[:-1]), "only its sum is near\n"),
    ],
    "write_a_test": [
        (linear_test(WEIGHTS, IMAGE, BASELINE), RIGHT),
        (lambda explain: int(linear_test(WEIGHTS, IMAGE, BASELINE, 3)(explain)), RIGHT),
        (lambda explain: True, "lets all ten pass"),
        (lambda explain: False, "turns all ten away"),
        (compare_by(lambda a, b: (a == b).all()), "np.allclose"),
        (linear_test(WEIGHTS, BLACK + 1.5, BLACK + 0.5), "mean gradient passes"),
        (linear_test(WEIGHTS, IMAGE, BLACK), "Take another baseline"),
        (linear_test(abs(WEIGHTS), 1 + abs(IMAGE), BLACK + 0.5), "absolute values pass"),
        (compare_by(lambda a, b: np.allclose(abs(a), abs(b))), "not with their absolute values"),
        (compare_by(lambda a, b: abs(a - b).max() < 0.1, steps=200), "compare closely"),
        (linear_test(WEIGHTS, IMAGE, BASELINE, 1), "Take more steps"),
        (compare_by(lambda a, b: np.isclose(a.sum(), b.sum())), "upside down"),
        (lambda explain: 0.5, "True or False"),
    ],
    "mend_integrated_gradients": [
        (mended, RIGHT),
        (by_trapezoid(True, True), RIGHT),
        (by_trapezoid(False, False), "Nothing is mended yet"),
        (by_trapezoid(True, False), "add up to 4/5"),
        (by_trapezoid(False, True), "not black, but grey"),
        (lambda g, x, mean, sd, n: mended(lambda z: g(z) * sd, x, mean, sd, n), "gradient in the network"),
        (lambda g, x, mean, sd, n: from_zero(g, (x - mean) / sd, x / sd, n), "begin at the grey page"),
        (lambda g, x, mean, sd, n: mended(g, x, mean, sd + 2e-4, n), "largest difference"),
    ],
    "read_the_way": [
        ("bc", RIGHT),
        ({"C", "B"}, RIGHT),
        ("abc", "could not say it"),
        ("c", "rather than a black page"),
        ("b", "each unit of brightness"),
        ("bcd", "another rise"),
        ("bce", "the same everywhere"),
    ],
}
