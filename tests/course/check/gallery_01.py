import numpy as np
from galleries import RIGHT
from scipy.special import log_softmax, logsumexp, softmax
from sklearn.metrics import confusion_matrix


def scaled(grey, axis=(1, 2)):
    light, dark = grey.max(axis=axis, keepdims=True), grey.min(axis=axis, keepdims=True)
    return ((light - grey) / (light - dark))[..., None]


def grey(scans):
    return scans.mean(axis=1)


def prepared(scans):
    return scaled(grey(scans))


def of_truth(scores, labels):
    return softmax(scores, axis=1)[np.arange(len(labels)), labels]


def losses(scores, labels):
    return logsumexp(scores, axis=1) - scores[np.arange(len(labels)), labels]


def unstable(scores, labels):
    e = np.exp(scores)
    return -np.log(e / e.sum(axis=1, keepdims=True))[np.arange(len(labels)), labels]


def by_loop(truth, answers):
    table = np.zeros((10, 10), int)
    for t, a in zip(truth, answers, strict=True):
        table[t, a] += 1
    return table


def trained(x, y, w, rate, size, axis=1, keep=0):
    gradient = 0
    for start in range(0, len(x), size):
        part, truth = x[start : start + size], np.eye(w.shape[1])[y[start : start + size]]
        gradient = keep * gradient + part.T @ (softmax(part @ w, axis) - truth) / len(part)
        w = w - rate * gradient
    return w


def some(origins, seed, share=0.2):
    names = np.unique(origins)
    chosen = np.random.default_rng(seed).choice(names, int(share * len(names)), replace=False)
    return np.isin(origins, chosen)


GALLERY = {
    "prepare_scans": [
        (prepared, RIGHT),
        (lambda s: scaled(s.sum(axis=1, dtype=np.float32)), RIGHT),
        (lambda s: 1 - prepared(s), "Ink is 0 and paper is 1"),
        (lambda s: 1 - grey(s)[..., None] / 255, "the paper is grey, not 0"),
        (lambda s: (1 - grey(s) / grey(s).max((1, 2), keepdims=True))[..., None], "the ink is not 1"),
        (lambda s: scaled(grey(s), axis=None), "Each has its own light"),
        (lambda s: scaled(s.reshape(-1, 6, 8, 3).mean(axis=-1)), "only counts the numbers anew"),
        (lambda s: scaled((s[:, 0] + s[:, 1] + s[:, 2]) / 3), "begins again at 0 after 255"),
        (lambda s: scaled(s.sum(axis=1, dtype=int) // 3), "largest difference"),
    ],
    "build_cross_entropy": [
        (losses, RIGHT),
        (lambda s, y: [-row[k] for row, k in zip(log_softmax(s, axis=1), y, strict=True)], RIGHT),
        (unstable, "Take the largest score out of the sum"),
        (lambda s, y: -np.log(of_truth(s, y)), "The scores 0, 800, 0: exp() became 0"),
        (lambda s, y: -np.log(of_truth(s, y) + 1e-12), "a hopeless answer look only bad"),
        (lambda s, y: losses(s, s.argmax(axis=1)), "the class with the largest score"),
        (of_truth, "That is the probability"),
        (lambda s, y: -s[np.arange(len(y)), y], "only −score"),
        (lambda s, y: losses(s, y) + 0.001, "largest difference"),
    ],
    "count_confusions": [
        (by_loop, RIGHT),
        (lambda t, a: confusion_matrix(t, a, labels=range(10)), RIGHT),
        (lambda t, a: by_loop(a, t), "rows and columns are exchanged"),
        (lambda t, a: by_loop(*np.unique([t, a], axis=1)), "only once, however often"),
        (lambda t, a: confusion_matrix(t, a), "Yours is 9×9"),
        (lambda t, a: by_loop(t, a).astype(np.uint8), "largest difference"),
    ],
    "mend_training": [
        (trained, RIGHT),
        (lambda x, *given: trained(x.astype(np.float32), *given), RIGHT),
        (lambda *given: trained(*given, axis=0, keep=1), "Which axis holds the classes"),
        (lambda *given: trained(*given, keep=1), "The first step is right, the second is not"),
        (lambda x, y, w, rate, size: trained(x, y, w, 1.01 * rate, size), "largest difference"),
        (lambda x, y, w, *given: np.add(w, trained(x, y, w, *given) - w, out=w), "Argument 3 is changed"),
    ],
    "split_without_a_leak": [
        (some, RIGHT),
        (lambda o, seed: list(np.random.default_rng(seed).random(o.max() + 1)[o] < 0.2), RIGHT),
        (lambda o, seed: np.random.default_rng(seed).random(len(o)) < 0.2, "copies on both sides"),
        (lambda o, seed: ~some(o, seed), "Yours is 0.8"),
        (lambda o, seed: some(o, seed, 0.1), "Yours is 0.1"),
        (lambda o, seed: some(o, 0), "The seed is not used"),
        (lambda o, seed: some(o, None), "Make the generator from `seed`"),
        (lambda o, seed: (o + seed) % 5 == 0, "nothing is drawn at random"),
        (lambda o, seed: some(o, seed) * o, "Return a mask"),
        (lambda o, seed: np.isin(o, np.random.default_rng(seed).permutation(o)[:42]), "comes more often"),
    ],
    "read_confidence": [
        ("ad", RIGHT),
        ({"A", "d"}, RIGHT),
        ("a", "surer, not better"),
        ("d", "A factor e⁵"),
        ("acd", "stands in a column"),
        ("ade", "the softmax is saturated"),
    ],
}
