import numpy as np
from galleries import RIGHT
from sklearn.linear_model import Ridge


def by_ridge(z, p, near):
    return Ridge(alpha=1).fit(z, p, sample_weight=near).coef_


def by_hand(z, p, near, ridge=1, b=0, ones=1):
    """The ridge of the pieces, and that of b."""
    columns = np.column_stack([z, np.full(len(z), ones)])
    penalty = np.diag([ridge] * z.shape[1] + [b])
    return np.linalg.solve(columns.T * near @ columns + penalty, columns.T * near @ p)[:-1].T


def with_b(z, p, near):
    line = Ridge(alpha=1).fit(z, p, sample_weight=near)
    return np.column_stack([line.coef_, line.intercept_])


def by_ink(z, ink):
    return 1 - np.sqrt(z @ ink / ink.sum())


def shared(a, b, k):
    return len({*np.argsort(-np.abs(a))[:k]} & {*np.argsort(-np.abs(b))[:k]}) / k


def nearness(z):
    return np.sqrt(np.exp(-((1 - np.sqrt(z.mean(axis=1))) ** 2) / 0.25**2))


def broken(predict, image, target, pieces, z, counted_from=0, **penalty):
    pictures = np.stack([image] * len(z))
    for picture, seen in zip(pictures, z, strict=True):
        picture[np.isin(pieces, np.flatnonzero(seen == 0) + counted_from)] = 0
    p = predict(pictures)[:, [target]]
    return by_hand(z, p, nearness(z), **(penalty or {"ones": 0, "b": 1}))[0][pieces - 1]


def mended(*given, b=0):
    return broken(*given, counted_from=1, b=b)


def mended_otherwise(predict, image, target, pieces, z):
    p = predict(np.where(z[:, pieces - 1][..., None], image, 0))
    return by_ridge(z, p, nearness(z))[target][pieces - 1]


GALLERY = {
    "build_lime": [
        (by_ridge, RIGHT),
        (by_hand, RIGHT),
        (lambda *given: by_hand(*given, ridge=0), "The ridge is missing"),
        (lambda *given: by_hand(*given, b=1), "holds b back"),
        (lambda z, p, near: Ridge(alpha=1, fit_intercept=False).fit(z, p, near).coef_, "There is no b"),
        (lambda z, p, near: Ridge(alpha=1).fit(z, p).coef_, "count the same"),
        (with_b, "it belongs to no piece"),
        (lambda *given: with_b(*given).T, "And a row is a class"),
        (lambda *given: by_hand(*given, ridge=1.1), "largest difference"),
    ],
    "measure_by_ink": [
        (by_ink, RIGHT),
        (lambda z, ink: [1 - (sum(ink[row > 0]) / sum(ink)) ** 0.5 for row in z], RIGHT),
        (lambda z, ink: 1 - np.sqrt(z.mean(axis=1)), "counts pieces"),
        (lambda z, ink: 1 - z @ ink / ink.sum(), "The root is missing"),
        (lambda z, ink: np.sqrt(z @ ink / ink.sum()), "farthest away"),
        (lambda z, ink: 1 - np.sqrt(z @ ink), "not a share"),
        (lambda z, ink: by_ink(z, ink + 0.001), "largest difference"),
        (lambda z, ink: by_ink(z, ink) if len(z) > 1 else [0.0], "one picture at a time"),
        (lambda z, ink: np.maximum(by_ink(z, ink), 0.001), "as near as can be"),
    ],
    "compare_networks": [
        (shared, RIGHT),
        (lambda *given: round(shared(*given), 2), RIGHT),
        (lambda a, b, k: len({*np.argsort(a)[-k:]} & {*np.argsort(b)[-k:]}) / k, "look at the size"),
        (lambda a, b, k: len({*np.argsort(abs(a))[:k]} & {*np.argsort(abs(b))[:k]}) / k, "weakest"),
        (lambda a, b, k: k * shared(a, b, k), "This is how many"),
        (lambda a, b, k: shared(a, b, 5), "where k should be"),
        (lambda a, b, k: 0.6, "largest difference"),
    ],
    "mend_lime": [
        (mended, RIGHT),
        (mended_otherwise, RIGHT),
        (broken, "Who else could explain the 0.5?"),
        (lambda *given: mended(*given, b=1), "The ridge holds b back"),
        (lambda *given: broken(*given, b=0), "on the wrong piece"),
        (lambda predict, image, target, *rest: mended(predict, image, -1, *rest), "largest difference"),
        (lambda *given: mended(*given) + 0.0002, "largest difference"),
        (lambda *given: 0 * mended(*given), "the page of four quarters"),
    ],
    "trust_a_map": [
        ("ce", RIGHT),
        ({"E", "C"}, RIGHT),
        ("ace", "chance included"),
        ("cde", "grey patches"),
        ("c", "seed=1"),
        ("e", "true weight is 0"),
    ],
}
