import numpy as np
from galleries import Gallery
from scipy.special import log_softmax, logsumexp
from sklearn.metrics import confusion_matrix


def prepared(scans):
    grey = scans.mean(axis=1)
    light, dark = grey.max(axis=(1, 2), keepdims=True), grey.min(axis=(1, 2), keepdims=True)
    return ((light - grey) / (light - dark))[..., None]


def one_by_one(scans):
    pictures = []
    for scan in np.moveaxis(scans, 1, -1).astype(np.float32):
        grey = scan @ np.full(3, 1 / 3, np.float32)
        pictures.append(1 - (grey - grey.min()) / np.ptp(grey))
    return np.expand_dims(pictures, 3)


def together(scans):
    grey = scans.mean(axis=1)
    return ((grey.max() - grey) / np.ptp(grey))[..., None]


def reshaped(scans):
    n, _, h, w = scans.shape
    return prepared(scans.reshape(n, h, w, 3).transpose(0, 3, 1, 2))


def wrapped(scans):
    return prepared(((scans[:, 0] + scans[:, 1] + scans[:, 2]) / 3)[:, None])


def only_paper(scans):
    light = scans.mean(axis=1).max(axis=(1, 2), keepdims=True)
    return (1 - scans.mean(axis=1) / light)[..., None]


def colour_by_colour(scans):
    flat = scans.reshape(-1, 1, *scans.shape[2:])
    return prepared(flat).reshape(*scans.shape, 1).mean(axis=1)


def from_the_corner(scans):
    grey = scans.mean(axis=1)
    paper, ink = grey[:, :1, :1], grey.min(axis=(1, 2), keepdims=True)
    return ((paper - grey) / np.maximum(paper - ink, 1))[..., None]


def softmax(scores, axis=1):
    e = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def of_truth(scores, labels):
    return softmax(scores)[np.arange(len(labels)), labels]


def losses(scores, labels):
    top = scores.max(axis=1)
    return top + np.log(np.exp(scores - top[:, None]).sum(axis=1)) - scores[np.arange(len(labels)), labels]


def shifted_in_place(scores, labels):
    scores -= scores.max(axis=1, keepdims=True)
    return np.log(np.exp(scores).sum(axis=1)) - scores[np.arange(len(labels)), labels]


def unstable(scores, labels):
    e = np.exp(scores)
    return -np.log(e / e.sum(axis=1, keepdims=True))[np.arange(len(labels)), labels]


def never_below_zero(scores, labels):
    top = np.maximum(scores.max(axis=1), 0)
    return top + np.log(np.exp(scores - top[:, None]).sum(axis=1)) - scores[np.arange(len(labels)), labels]


def patched(scores, labels):
    loss = unstable(scores, labels)
    return np.where(np.isfinite(loss), loss, scores.max(axis=1) - scores[np.arange(len(labels)), labels])


def by_loop(truth, answers):
    table = np.zeros((10, 10), int)
    for t, a in zip(truth, answers, strict=True):
        table[t, a] += 1
    return table


def counted_once(truth, answers):
    table = np.zeros((10, 10), int)
    table[truth, answers] += 1
    return table


def shares(truth, answers):
    return by_loop(truth, answers) / np.maximum(by_loop(truth, answers).sum(axis=1, keepdims=True), 1)


def training(axis=1, keep=False, climb=False, summed=False, last=True):
    def epoch(x, y, w, rate, size):
        gradient = np.zeros_like(w)
        for start in range(0, len(x) if last else len(x) // size * size, size):
            part, truth = x[start : start + size], np.eye(w.shape[1])[y[start : start + size]]
            new = part.T @ (softmax(part @ w, axis) - truth) / (1 if summed else len(part))
            gradient = gradient + new if keep else new
            w = w + rate * gradient if climb else w - rate * gradient
        return w

    return epoch


def divided_by_size(x, y, w, rate, size):
    for start in range(0, len(x), size):
        part, truth = x[start : start + size], np.eye(w.shape[1])[y[start : start + size]]
        w = w - rate * part.T @ (softmax(part @ w) - truth) / size
    return w


def digit_by_digit(x, y, w, rate, size):
    w, batches = w.copy(), -(-len(x) // size)
    for b in range(batches):
        step = np.zeros_like(w)
        for one, label in zip(x[b * size :][:size], y[b * size :][:size], strict=True):
            p = np.exp(one @ w) / np.exp(one @ w).sum()
            p[label] -= 1
            step += np.outer(one, p)
        w -= rate * step / len(x[b * size :][:size])
    return w


def in_place(x, y, w, rate, size):
    w += training()(x, y, w, rate, size) - w
    return w


def by_choice(origins, seed):
    names = np.unique(origins)
    chosen = np.random.default_rng(seed).choice(names, len(names) // 5, replace=False)
    return np.isin(origins, chosen)


def by_lot(origins, seed):
    names, which = np.unique(origins, return_inverse=True)
    return (np.random.RandomState(seed).permutation(len(names)) < 0.2 * len(names))[which].astype(int)


def some(origins, seed, share, names=None):
    names = np.unique(origins) if names is None else names
    chosen = np.random.default_rng(seed).choice(names, int(share * len(np.unique(origins))), replace=False)
    return np.isin(origins, chosen)


def of_the_smallest(origins, seed):
    names = np.unique(origins)
    return some(origins, seed, 0.2, names[: len(names) // 2])


def by_copies(origins, seed):
    mixed = list(dict.fromkeys(np.random.default_rng(seed).permutation(origins)))
    return np.isin(origins, mixed[: len(mixed) // 5])


def in_one_block(origins, seed):
    names = np.unique(origins)
    start = np.random.default_rng(seed).integers(len(names) * 4 // 5)
    return np.isin(origins, names[start : start + len(names) // 5])


def by_picture(origins, seed):
    return np.random.default_rng(seed).random(len(origins)) < 0.2


GALLERY = {
    "prepare_scans": Gallery(
        right=[prepared, one_by_one],
        wrong=[
            (lambda s: 1 - prepared(s), "Ink is 0 and paper is 1"),
            (lambda s: 1 - s.mean(axis=1)[..., None] / 255, "the paper is grey, not 0"),
            (only_paper, "the ink is not 1"),
            (together, "Each has its own light"),
            (reshaped, "only counts the numbers anew"),
            (wrapped, "begins again at 0 after 255"),
            (lambda s: 255 * prepared(s), "the right one times 255"),
            (lambda s: prepared(s)[..., 0], "Yours is 3×6×8"),
            (lambda s: prepared(s)[:, ::-1], "largest difference"),
            (lambda s: 0.98 * prepared(s), "the right one times 0.98"),
            (lambda s: s, "Yours is 3×3×6×8"),
            (colour_by_colour, "Each colour is stretched alone"),
            (from_the_corner, "largest difference"),
            (lambda s: prepared(s[:, 1:2]), "colour 1 alone"),
            (lambda s: prepared((s.sum(axis=1, dtype=int) // 3)[:, None]), "rounded to whole numbers"),
        ],
    ),
    "build_cross_entropy": Gallery(
        right=[
            losses,
            lambda s, y: logsumexp(s, axis=1) - np.take_along_axis(s, y[:, None], axis=1)[:, 0],
            lambda s, y: [-row[k] for row, k in zip(log_softmax(s, axis=1), y, strict=True)],
        ],
        wrong=[
            (lambda s, y: -np.log(of_truth(s, y)), "Take the largest score out of the sum"),
            (unstable, "Take the largest score out of the sum"),
            (lambda s, y: -np.log(of_truth(s, y) + 1e-12), "a hopeless answer look only bad"),
            (lambda s, y: -np.log(np.clip(of_truth(s, y), 1e-9, 1)), "a hopeless answer look only bad"),
            (lambda s, y: losses(s, y).mean(), "Yours is one number"),
            (lambda s, y: losses(s, s.argmax(axis=1)), "the class with the largest score"),
            (of_truth, "That is the probability"),
            (lambda s, y: 1 - of_truth(s, y), "That is 1 − p"),
            (lambda s, y: losses(s, y) / np.log(10), "natural logarithm"),
            (lambda s, y: -s[np.arange(len(y)), y], "only the score"),
            (lambda s, y: -losses(s, y), "sign is turned round"),
            (shifted_in_place, "changed in place"),
            (lambda s, y: losses(s, y) + 0.001, "largest difference"),
            (lambda s, y: losses(s, y) / np.log(2), "That is log2"),
            (never_below_zero, "-800, -900, -900: exp() became 0"),
            (patched, "largest difference is at 4: yours 0"),
            (lambda s, y: unstable(s.astype(np.longdouble), y), "became 0 or infinite"),
            (lambda s, y: np.log(np.exp(s).sum(axis=1))[:, None] - s[:, y], "one for each PAIR"),
        ],
    ),
    "count_confusions": Gallery(
        right=[
            by_loop,
            lambda t, a: confusion_matrix(t, a, labels=range(10)),
            lambda t, a: np.eye(10)[t].T @ np.eye(10)[a],
        ],
        wrong=[
            (lambda t, a: by_loop(a, t), "Rows and columns are exchanged"),
            (counted_once, "only once, however often"),
            (shares, "shares of each row"),
            (lambda t, a: by_loop(t, a) * (1 - np.eye(10)), "right answers are missing"),
            (lambda t, a: confusion_matrix(t, a), "Yours is 9×9"),
            (lambda t, a: by_loop(t[1:], a[1:]), "largest difference"),
            (lambda t, a: by_loop(t, t), "largest difference"),
            (lambda t, a: by_loop(t, a).astype(np.uint8), "largest difference"),
            (lambda t, a: by_loop(t, a).astype(object), "it holds object"),
        ],
    ),
    "mend_training": Gallery(
        right=[training(), digit_by_digit],
        wrong=[
            (training(axis=0, keep=True), "And the gradient of the batch before"),
            (training(axis=0), "sum to 1 over the images of the batch"),
            (training(keep=True), "The first step is right, the second is not"),
            (training(climb=True), "It climbs"),
            (training(summed=True), "it must be their mean"),
            (training(last=False), "which is smaller, is left out"),
            (lambda x, y, w, rate, size: training()(x, y, w, rate, len(x)), "where are the batches"),
            (lambda x, y, w, rate, size: w, "Nothing has changed"),
            (lambda x, y, w, rate, size: training()(x, y, w, 1.01 * rate, size), "largest difference"),
            (in_place, "Argument 3 is changed in place"),
            (divided_by_size, "divided by `size`"),
        ],
    ),
    "split_without_a_leak": Gallery(
        right=[
            by_choice,
            by_lot,
            lambda o, seed: list(np.random.default_rng(seed).random(o.max() + 1)[o] < 0.2),
        ],
        wrong=[
            (by_picture, "originals have copies on both sides"),
            (lambda o, seed: ~by_choice(o, seed), "Is True the training part"),
            (lambda o, seed: np.zeros(len(o)), "Too few"),
            (lambda o, seed: by_choice(o, 0), "The seed is not used"),
            (lambda o, seed: by_choice(o, None), "Make the generator from `seed`"),
            (lambda o, seed: o % 5 == 0, "nothing is drawn at random"),
            (lambda o, seed: np.flatnonzero(by_choice(o, seed)), "its shape is 600"),
            (lambda o, seed: by_choice(o, seed) * o, "Return a mask"),
            (lambda o, seed: (o + seed) % 5 == 0, "nothing is drawn at random"),
            (in_one_block, "neighbouring numbers"),
            (of_the_smallest, "originals came in none"),
            (by_copies, "with many copies comes more often"),
            (lambda o, seed: some(o, seed, 0.2, np.unique(o)[::2]), "originals came in none"),
            (lambda o, seed: some(o, seed, 0.2, np.unique(o)[:-1]), "1 of"),
            (lambda o, seed: some(o, seed, 0.1), "Too few"),
            (lambda o, seed: some(o, seed, 0.3), "Too many"),
        ],
    ),
    "read_confidence": Gallery(
        right=["ad", {"A", "d"}, ["d", "a"], "a, d"],
        wrong=[
            ("a", "surer, not better"),
            ("d", "A factor e⁵"),
            ("abd", "Turned ones"),
            ("acd", "stands in a column"),
            ("ade", "the softmax is saturated"),
            ("bd", "Turned ones"),
        ],
    ),
}
