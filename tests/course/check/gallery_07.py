import numpy as np
from galleries import Gallery


def integrated_gradients(gradient, image, baseline, steps):
    alphas = (np.arange(steps) + 0.5) / steps
    points = baseline + alphas[:, None, None, None] * (image - baseline)
    return ((image - baseline) * gradient(points).mean(axis=0)).sum(axis=-1)


def by_loop(gradient, image, baseline, steps):
    total = np.zeros_like(image)
    for k in range(steps):
        alpha = (2 * k + 1) / (2 * steps)
        total += gradient((1 - alpha) * baseline + alpha * image) / steps
    return np.einsum("hwc,hwc->hw", image - baseline, total)


def at(alphas_of, share=lambda image, way, slope: way * slope):
    def explain(gradient, image, baseline, steps):
        points = baseline + alphas_of(steps)[:, None, None, None] * (image - baseline)
        return share(image, image - baseline, gradient(points).mean(axis=0)).sum(axis=-1)

    return explain


def middle(n):
    return (np.arange(n) + 0.5) / n


def in_place(gradient, image, baseline, steps):
    found = integrated_gradients(gradient, image, baseline, steps)
    image -= baseline
    return found


def enough(counts, sums, rise, within):
    near = np.abs(sums - rise) <= within * abs(rise)
    return next((counts[k] for k in range(len(counts)) if near[k:].all()), 0)


def enough_from_behind(counts, sums, rise, within):
    found = 0
    for count, total in zip(counts[::-1], sums[::-1], strict=True):
        if abs(total / rise - 1) > within:
            break
        found = int(count)
    return found


def from_last_bad(counts, sums, rise, within):
    bad = np.flatnonzero(np.abs(sums - rise) > within * abs(rise))
    return counts[0] if not len(bad) else counts[bad[-1] + 1] if bad[-1] + 1 < len(counts) else 0


def near(sums, rise, within):
    return np.abs(sums - rise) <= within * abs(rise)


def first_hit(counts, sums, rise, within):
    found = near(sums, rise, within)
    return counts[found.argmax()] if found.any() else 0


def where(found, counts):
    """The count from which on all is True."""
    return next((counts[k] for k in range(len(counts)) if found[k:].all()), 0)


def last_bad(counts, sums, rise, within, more=1):
    bad = np.flatnonzero(~near(sums, rise, within))[-1]
    return counts[bad + more] if bad + more < len(counts) else 0


def past_the_end(counts, *rest):
    return counts[np.flatnonzero(~near(*rest)).max(initial=-1) + 1]


def two_in_a_row(counts, sums, rise, within):
    found = near(sums, rise, within)
    return next((counts[k] for k in range(len(counts)) if found[k : k + 2].all()), 0)


def one_place(counts, sums, rise, within, step):
    found = near(sums, rise, within)
    return next(
        (counts[np.clip(k + step, 0, len(counts) - 1)] for k in range(len(counts)) if found[k:].all()), 0
    )


def place(counts, *rest):
    return list(counts).index(enough(counts, *rest))


def place_or_0(counts, sums, rise, within):
    return where(near(sums, rise, within), range(len(counts)))


def from_the_second(counts, sums, rise, within):
    return where(near(sums, rise, within)[1:], counts[1:])


def never_none(counts, sums, rise, within):
    return enough(counts, sums, rise, within) or counts[-1]


def linear_test(weights, image, baseline, steps=10, compare=np.allclose):
    def test(explain):
        found = explain(lambda points: weights + 0 * points, image, baseline, steps)
        return compare(found, (weights * (image - baseline)).sum(axis=-1))

    return test


class Counter:
    """A test that looks at nothing and lets the first n of ten pass."""

    def __init__(self, n):
        self.n, self.calls = n, 0

    def __call__(self, explain):
        self.calls += 1
        return (self.calls - 1) % 10 < self.n


RANDOM = np.random.default_rng(3)
WEIGHTS, IMAGE, BASELINE = RANDOM.normal(size=(3, 4, 5, 1))
BLACK = 0 * IMAGE


def one_pixel_at_a_time(explain):
    wrong = 0
    for k in range(6):
        weights = np.zeros((2, 3, 2))
        weights.flat[2 * k : 2 * k + 2] = (-1) ** k * 3
        found = explain(
            lambda points, weights=weights: weights, np.full((2, 3, 2), 0.9), np.full((2, 3, 2), 0.2), 4
        )
        wrong += not np.allclose(found, weights.sum(axis=-1) * 0.7)
    return wrong == 0


def mended(gradient, picture, mean, deviation, steps):
    start, end = (0 * picture - mean) / deviation, (picture - mean) / deviation
    return integrated_gradients(gradient, end, start, steps)


def mended_in_place(gradient, picture, mean, deviation, steps):
    found = mended(gradient, picture, mean, deviation, steps)
    picture -= mean
    return found


def with_a_trapezoid(gradient, picture, mean, deviation, steps):
    alphas, weights = np.linspace(0, 1, steps), np.full(steps, 1 / (steps - 1))
    weights[[0, -1]] /= 2
    slope = sum(w * gradient((a * picture - mean) / deviation) for a, w in zip(alphas, weights, strict=True))
    return (picture * slope / deviation).sum(axis=-1)


def broken(gradient, picture, mean, deviation, steps, black=0, good=False):
    x = (picture - mean) / deviation
    alphas, weights = np.linspace(0, 1, steps), np.full(steps, 1 / (steps - good))
    weights[[0, -1]] /= 2
    slope = sum(w * gradient(black + a * (x - black)) for a, w in zip(alphas, weights, strict=True))
    return ((x - black) * slope).sum(axis=-1)


def short(gradient, picture, mean, deviation, steps):
    return broken(gradient, picture, mean, deviation, steps, black=-mean / deviation)


def from_grey(gradient, picture, mean, deviation, steps):
    return broken(gradient, picture, mean, deviation, steps, good=True)


def way_in_the_picture(gradient, picture, mean, deviation, steps):
    return mended(lambda points: gradient(points) * deviation, picture, mean, deviation, steps)


def points_from_grey(gradient, picture, mean, deviation, steps):
    points = middle(steps)[:, None, None, None] * (picture - mean) / deviation
    return (picture / deviation * gradient(points).mean(axis=0)).sum(axis=-1)


def points_not_normalised(gradient, picture, mean, deviation, steps):
    points = middle(steps)[:, None, None, None] * picture
    return (picture / deviation * gradient(points).mean(axis=0)).sum(axis=-1)


GALLERY = {
    "build_integrated_gradients": Gallery(
        right=[integrated_gradients, by_loop],
        wrong=[
            (at(lambda n: np.arange(n) / n), "left end"),
            (at(lambda n: (np.arange(n) + 1) / n), "right end"),
            (at(lambda n: np.linspace(0, 1, n)), "with both ends"),
            (at(middle, lambda image, way, slope: slope), "The way is missing"),
            (at(middle, lambda image, way, slope: image * slope), "multiplied by the image"),
            (
                lambda g, x, b, n: (x - b).__mul__(by_loop(g, x, 0 * b, n)[..., None] / x).sum(-1),
                "largest difference",
            ),
            (lambda g, x, b, n: integrated_gradients(g, x, 0 * b, n), "The baseline is not used"),
            (
                lambda g, x, b, n: ((x - b) * g(middle(n)[:, None, None, None] * x).mean(0)).sum(-1),
                "begin at black",
            ),
            (at(lambda n: np.linspace(0, 1, n + 1)), "steps + 1 points"),
            (
                lambda g, x, b, n: ((x - b) * g(middle(n)[:, None, None, None] * (x - b)).mean(0)).sum(-1),
                "add it to each",
            ),
            (
                lambda g, x, b, n: ((x - b) * g(b + middle(n)[:, None, None, None] * x).mean(0)).sum(-1),
                "Go along the way",
            ),
            (at(middle, lambda image, way, slope: (way * slope)[..., :1]), "Only the first channel"),
            (lambda g, x, b, n: ((x - b) * g(x)).sum(-1), "at the image only"),
            (lambda *given: integrated_gradients(*given) / 3, "means over the channels"),
            (lambda *given: integrated_gradients(*given) * given[3], "the right one times"),
            (lambda g, x, b, n: -integrated_gradients(g, x, b, n), "turned round"),
            (lambda *given: np.abs(integrated_gradients(*given)), "absolute values"),
            (lambda *given: integrated_gradients(*given).T, "rows and columns"),
            (lambda g, x, b, n: integrated_gradients(g, x, b, 50), "largest difference"),
            (lambda g, x, b, n: (x - b) * g(x), "the last axis"),
            (in_place, "changed in place"),
        ],
    ),
    "choose_the_steps": Gallery(
        right=[enough, enough_from_behind, from_last_bad],
        wrong=[
            (first_hit, "may be luck"),
            (two_in_a_row, "Two near sums in a row"),
            (lambda n, s, r, w: enough(n, np.maximum(s, r), r, w), "too small passes as near"),
            (lambda n, s, r, w: where(s - r <= w * r, n), "The gap may have both signs"),
            (lambda n, s, r, w: where(r - s <= w * abs(r), n), "too large passes as near"),
            (lambda n, s, r, w: where((r - s) / r <= w, n), "too large passes as near"),
            (lambda n, s, r, w: where(abs(s - r) <= w * r, n), "no gap is small enough"),
            (lambda n, s, r, w: where(abs(s - r) / r <= w, n), "every gap passes as small"),
            (lambda n, s, r, w: where(abs(s - r) <= w, n), "compared with `within` itself"),
            (lambda n, s, r, w: where(abs(s - r) <= w * abs(s), n), "a share of the sum"),
            (lambda n, s, r, w: where(abs(abs(s) - abs(r)) <= w * abs(r), n), "The sizes are compared"),
            (lambda n, s, r, w: enough(n, s, r, 0.05), "always 0.05"),
            (never_none, "return 0"),
            (last_bad, "all sums are near\n       → The sums miss the rise by 2, −1, 1, 0 % of it"),
            (last_bad, "raised IndexError"),
            (lambda *given: last_bad(*given, more=0), "last count whose sum is NOT near"),
            (past_the_end, "5 % are near enough. There yours raised IndexError"),
            (lambda *given: one_place(*given, step=1), "one count too late"),
            (lambda *given: one_place(*given, step=-1), "one count too early"),
            (from_the_second, "The first count is never looked at"),
            (place, "the place in the list"),
            (place_or_0, "the place in the list"),
            (lambda counts, *rest: counts[-1], "the last count"),
            (lambda counts, *rest: counts[0], "the first count"),
            (lambda counts, *rest: 4 * 2 ** place_or_0(counts, *rest), "wanted"),
            (lambda counts, sums, *rest: enough(counts[:5], sums[:5], *rest), "wanted"),
            (lambda *given: 2 * enough(*given), "wanted"),
            (lambda *given: 32, "Yours is 32"),
            (lambda counts, *rest: counts.__imul__(1).__iadd__(1)[0], "changed in place"),
        ],
    ),
    "write_a_test": Gallery(
        right=[
            linear_test(WEIGHTS, IMAGE, BASELINE),
            lambda explain: int(linear_test(WEIGHTS, IMAGE, BASELINE, 3)(explain)),
            one_pixel_at_a_time,
        ],
        wrong=[
            (Counter(3), "turned away"),
            (Counter(5), "turned away"),
            (lambda explain: True, "lets all ten pass"),
            (lambda explain: False, "turns all ten away"),
            (linear_test(WEIGHTS, IMAGE, BLACK), "Take another baseline"),
            (linear_test(WEIGHTS, BLACK + 1.5, BLACK + 0.5), "mean gradient pass"),
            (linear_test(abs(WEIGHTS), 1 + abs(IMAGE), BLACK + 0.5), "absolute values pass"),
            (linear_test(WEIGHTS, IMAGE, BASELINE, 1), "Take more steps"),
            (
                linear_test(WEIGHTS, IMAGE, BASELINE, 200, lambda a, b: abs(a - b).max() < 0.1),
                "compare closely",
            ),
            (
                linear_test(WEIGHTS, IMAGE, BASELINE, 10, lambda a, b: np.isclose(a.sum(), b.sum())),
                "upside down",
            ),
            (linear_test(WEIGHTS[:1, :1], IMAGE[:1, :1], BASELINE[:1, :1]), "upside down"),
            (
                linear_test(WEIGHTS, IMAGE, BASELINE, 10, lambda a, b: np.allclose(abs(a), abs(b))),
                "absolute values",
            ),
            (linear_test(WEIGHTS, IMAGE, BASELINE, 10, lambda a, b: (a == b).all()), "np.allclose"),
            (lambda explain: 0.5, "True or False"),
            (lambda explain: explain(lambda points: WEIGHTS, IMAGE, BASELINE, 10), "Yours is 4×5"),
        ],
    ),
    "mend_integrated_gradients": Gallery(
        right=[mended, with_a_trapezoid],
        wrong=[
            (broken, "Nothing is mended yet"),
            (short, "add up to 4/5"),
            (from_grey, "not black, it is the mean"),
            (way_in_the_picture, "take both in one"),
            (points_from_grey, "the points begin at 0"),
            (points_not_normalised, "not normalised"),
            (mended_in_place, "changed in place"),
            (lambda *given: -mended(*given), "turned round"),
            (lambda *given: np.abs(mended(*given)), "absolute values"),
            (lambda *given: 1.02 * mended(*given), "the right one times 1.02"),
            (lambda g, x, mean, sd, n: mended(g, x, mean, sd + 2e-4, n), "largest difference"),
            (lambda *given: mended(*given) + 0.01, "largest difference"),
        ],
    ),
    "read_the_way": Gallery(
        right=["bc", {"C", "B"}, ["c", "b"], "b, c"],
        wrong=[
            ("abc", "could not say it"),
            ("c", "rather than a black page"),
            ("b", "each unit of brightness"),
            ("bcd", "another rise"),
            ("bce", "the same everywhere"),
            ("a", "could not say it"),
        ],
    ),
}
