import numpy as np
from galleries import Gallery
from sklearn.linear_model import Ridge


def by_ridge(z, p, near):
    return Ridge(alpha=1).fit(z, p, sample_weight=near).coef_


def by_hand(z, p, near, penalty=(1, 0), base=1, class_first=True):
    columns = np.column_stack([z, np.full(len(z), base)])
    held = np.diag([penalty[0]] * z.shape[1] + [penalty[1] if base else 1])
    solution = np.linalg.solve(columns.T * near @ columns + held, columns.T * near @ p)[:-1]
    return solution.T if class_first else solution


def class_by_class(z, p, near):
    columns = np.hstack([np.ones((len(z), 1)), z])
    penalty = np.eye(z.shape[1] + 1)
    penalty[0, 0] = 0
    inverse = np.linalg.inv(columns.T @ np.diag(near) @ columns + penalty)
    return [list(inverse @ (columns.T @ (near * one)))[1:] for one in p.T]


def b_first(z, p, near, held=1, b_in=False):
    columns, penalty = np.column_stack([np.ones(len(z)), z]), np.eye(z.shape[1] + 1)
    penalty[0, 0] = held
    solution = np.linalg.solve(columns.T * near @ columns + penalty, columns.T * near @ p)
    return solution[:-1].T if b_in else solution[1:].T


def in_place(z, p, near):
    p -= p.mean(axis=0)
    return by_ridge(z, p, near)


def by_ink(z, ink):
    return 1 - np.sqrt(z @ ink / ink.sum())


def ink_by_loop(z, ink):
    return [1 - (sum(i for i, seen in zip(ink, row, strict=True) if seen) / sum(ink)) ** 0.5 for row in z]


def ink_by_cosine(z, ink):
    root = np.sqrt(ink)
    return [1 - (row * root) @ root / (np.linalg.norm(row * root) * np.linalg.norm(root) or 1) for row in z]


def shared(a, b, k):
    return len({*np.argsort(-np.abs(a))[:k]} & {*np.argsort(-np.abs(b))[:k]}) / k


def shared_as_masks(a, b, k):
    in_a, in_b = (np.abs(one) >= np.sort(np.abs(one))[-k] for one in (a, b))
    return (in_a & in_b).sum() / k


def with_signs(a, b, k):
    return len({*strongest_signed(a, k)} & {*strongest_signed(b, k)}) / k


def strongest_signed(weights, k):
    return [(i, weights[i] > 0) for i in np.argsort(-np.abs(weights))[:k]]


def either(a, b, k):
    return shared(a, b, k) / (2 - shared(a, b, k))


def nearness(z):
    return np.sqrt(np.exp(-((1 - np.sqrt(z.mean(axis=1))) ** 2) / 0.25**2))


def broken(predict, image, target, pieces, z, first=0, base=0, shift=0, channels=None, held=0):
    pictures = np.stack([image] * len(z))
    for picture, seen in zip(pictures, z, strict=True):
        picture[np.isin(pieces, np.flatnonzero(seen == 0) + first), :channels] = 0
    p = predict(pictures)[:, target]
    weights = by_hand(z, p[:, None], nearness(z), penalty=(1, held), base=base)[0]
    return np.roll(weights, shift)[pieces - 1]


def mended(predict, image, target, pieces, z):
    return broken(predict, image, target, pieces, z, first=1, base=1)


def for_drawing(*given):
    weights = mended(*given)
    return weights / largest if (largest := np.abs(weights).max()) > 1e-9 else weights


def mended_otherwise(predict, image, target, pieces, z):
    which = np.unique(pieces, return_inverse=True)[1].reshape(pieces.shape)
    p = predict(np.where(z[:, which][..., None], image, 0))
    return Ridge(alpha=1).fit(z, p, sample_weight=nearness(z)).coef_[target][which]


GALLERY = {
    "build_lime": Gallery(
        right=[by_ridge, by_hand, class_by_class],
        wrong=[
            (lambda z, p, near: by_hand(z, p, near, penalty=(0, 0)), "The ridge is missing"),
            (lambda z, p, near: by_hand(z, p, near, penalty=(1, 1)), "holds b back"),
            (lambda z, p, near: by_hand(z, p, near, base=0), "There is no b"),
            (lambda z, p, near: Ridge(alpha=1, fit_intercept=False).fit(z, p, near).coef_, "There is no b"),
            (b_first, "Its number in the penalty is 0"),
            (lambda z, p, near: b_first(z, p, near, held=0, b_in=True), "b is taken for the first piece"),
            (
                lambda z, p, near: np.column_stack([by_ridge(z, p, near), np.ones(p.shape[1])]),
                "b is still in it",
            ),
            (lambda z, p, near: by_ridge(z, p[:, :10], near), "take all the columns of p"),
            (lambda z, p, near: by_ridge(z, p, near / near.max()), "divided by its largest value"),
            (lambda z, p, near: by_ridge(z, p, near / near.sum()), "divided by its sum"),
            (lambda z, p, near: Ridge(alpha=1).fit(z, p).coef_, "count the same"),
            (lambda z, p, near: by_hand(z, p, near**2), "counts twice"),
            (lambda z, p, near: by_hand(z, p, near**0.5), "root of `near`"),
            (lambda z, p, near: by_hand(z, p, near, class_first=False), "rows and columns are exchanged"),
            (lambda z, p, near: by_hand(z, p, near, penalty=(2, 0)), "largest difference"),
            (lambda z, p, near: by_hand(z, p, near)[:, ::-1], "largest difference"),
            (lambda z, p, near: 0 * by_hand(z, p, near), "largest difference"),
            (lambda z, p, near: by_hand(z, p[:, :1], near)[0], "Yours is 9"),
            (in_place, "changed in place"),
        ],
    ),
    "measure_by_ink": Gallery(
        right=[by_ink, ink_by_loop, ink_by_cosine],
        wrong=[
            (lambda z, ink: 1 - np.sqrt(z.mean(axis=1)), "counts pieces"),
            (
                lambda z, ink: 1 - np.sqrt((z @ (ink > 0)) / (ink > 0).sum()),
                "counts the pieces that hold ink",
            ),
            (lambda z, ink: 1 - z @ ink / ink.sum(), "The root is missing"),
            (lambda z, ink: np.sqrt(z @ ink / ink.sum()), "farthest away"),
            (lambda z, ink: np.sqrt(1 - z @ ink / ink.sum()), "share that is hidden"),
            (lambda z, ink: 1 - np.sqrt(z @ ink), "not a share"),
            (lambda z, ink: 1 - np.sqrt(z @ ink / (z @ ink).max() * 0.99), "largest difference"),
            (lambda z, ink: np.zeros(len(z)), "largest difference"),
            (lambda z, ink: 1 - np.sqrt(z @ ink / (z @ ink).max()), "the most ink that one picture shows"),
            (lambda z, ink: 1 - np.sqrt(z @ ink / (z @ ink)[0]), "the ink of the first picture"),
            (lambda z, ink: by_ink(z, ink) if len(z) > 1 else [0.0], "one picture at a time"),
            (lambda z, ink: by_ink(z, ink)[0], "one number"),
        ],
    ),
    "compare_networks": Gallery(
        right=[shared, shared_as_masks, lambda a, b, k: round(shared(a, b, k), 2)],
        wrong=[
            (lambda a, b, k: len({*np.argsort(a)[-k:]} & {*np.argsort(b)[-k:]}) / k, "not at the sign"),
            (lambda a, b, k: len({*np.argsort(abs(a))[:k]} & {*np.argsort(abs(b))[:k]}) / k, "weakest"),
            (either, "in either list"),
            (lambda a, b, k: shared(a, b, 5), "where k should be"),
            (lambda a, b, k: shared(a, b, 5) * 5 / k, "The five strongest are taken"),
            (lambda a, b, k: shared(a, b, k) * k / 5, "It is divided by 5"),
            (lambda a, b, k: k * shared(a, b, k), "Divide by k"),
            (lambda a, b, k: 100 * shared(a, b, k), "per cent"),
            (with_signs, "its two signs differ"),
            (lambda a, b, k: np.corrcoef(a, b)[0, 1], "largest difference"),
            (lambda a, b, k: 0.6, "largest difference"),
            (lambda a, b, k: [shared(a, b, k)] * 2, "its shape is one number"),
        ],
    ),
    "mend_lime": Gallery(
        right=[mended, mended_otherwise],
        wrong=[
            (broken, "Who else could explain the 0.5?"),
            (lambda *given: broken(*given, first=1), "Who else could explain the 0.5?"),
            (lambda *given: broken(*given, first=1, base=1, held=1), "The ridge holds b back"),
            (lambda *given: broken(*given, base=1), "on the wrong piece"),
            (lambda *given: broken(*given, first=1, base=1, shift=1), "largest difference"),
            (lambda *given: broken(*given, first=1, base=1, channels=1), "Hide all channels"),
            (lambda predict, image, target, *rest: mended(predict, image, 0, *rest), "this is class 0"),
            (lambda predict, image, target, *rest: mended(predict, image, 1, *rest), "this is class 1"),
            (lambda predict, image, target, *rest: mended(predict, image, -1, *rest), "this is class 2"),
            (lambda *given: np.abs(mended(*given)), "The sign is lost"),
            (lambda *given: np.maximum(mended(*given), 0), "The negative values are missing"),
            (lambda *given: -mended(*given), "sign is turned round"),
            (lambda *given: mended(*given) / np.abs(mended(*given)).max(), "largest difference"),
            (for_drawing, "that is for drawing"),
            (lambda *given: 0 * mended(*given), "the page of four quarters"),
        ],
    ),
    "trust_a_map": Gallery(
        right=["ce", {"E", "C"}, "e, c"],
        wrong=[
            ("ace", "chance included"),
            ("bce", "b alone is right"),
            ("cde", "grey patches"),
            ("c", "seed=1"),
            ("e", "true weight is 0"),
            ("abcde", "chance included"),
        ],
    ),
}
