"""Which score is explained: a class, one class an image, a pair of classes, or all of them."""

import re

import numpy as np


def as_weights(targets, n, n_classes, scores):
    """Targets as one weight a score: the explained score is Σₖ weight · scoreₖ.

    Args:
        targets: a class; a tuple of two (the first score less the second); a list of N such; None for the
            class that scores highest; "all"; "top3" for the best three in order; or weights (N, T, K).
        scores: a function that gives the scores (N, K), called where they decide.

    Returns:
        (N, T, K) float32, and whether T stands for a single target and is to be dropped from the answer.
    """
    if isinstance(targets, str):
        return _several_classes(targets, n, n_classes, scores), False
    if targets is None:
        targets = scores().argmax(axis=1)
    if isinstance(targets, np.ndarray) and targets.ndim == 3:
        if targets.shape[::2] != (n, n_classes):
            wanted = f"(N, T, K) with N = {n} and K = {n_classes}"
            raise ValueError(f"Weights of shape {targets.shape}; want {wanted}.")
        return targets.astype(np.float32), False
    is_list = not isinstance(targets, tuple) and (isinstance(targets, list) or np.ndim(targets) > 0)
    each = list(targets) if is_list else [targets] * n
    if len(each) != n:
        raise ValueError(f"{len(each)} targets for {n} image(s); give one class, or one an image.")
    weights = np.stack([_weights_of(target, n_classes) for target in each])
    return weights[:, None], True


def _several_classes(word, n, n_classes, scores):
    if word == "all":
        return np.broadcast_to(np.eye(n_classes, dtype=np.float32), (n, n_classes, n_classes))
    top = re.fullmatch(r"top(\d+)", word)
    if top is None:
        raise ValueError(f'The target {word!r} is not known; want a class, a pair (4, 9), "all" or "top3".')
    wanted = int(top[1])
    if not 1 <= wanted <= n_classes:
        raise ValueError(f'"{word}" of a model with {n_classes} classes; want "top1" to "top{n_classes}".')
    order = np.argsort(-scores(), axis=1, kind="stable")[:, :wanted]
    weights = np.zeros((n, wanted, n_classes), np.float32)
    np.put_along_axis(weights, order[..., None], 1, axis=2)
    return weights


def _weights_of(target, n_classes):
    """One weight a score (K,), of a class or of a pair."""
    weights = np.zeros(n_classes, np.float32)
    if not isinstance(target, tuple):
        weights[class_index(target, n_classes)] = 1
        return weights
    if len(target) != 2:
        raise ValueError(f"A tuple of {len(target)} targets; want a pair (4, 9), or a list of one an image.")
    first, second = target
    weights[class_index(first, n_classes)] += 1
    weights[class_index(second, n_classes)] -= 1
    return weights


def class_index(target, n_classes):
    """A class number as an int; a ValueError in words for anything else."""
    number = np.asarray(target)
    if number.ndim or number.dtype.kind not in "iu":
        raise ValueError(f"The target {target!r} is not a class number; want one from 0 to {n_classes - 1}.")
    if n_classes == 1 and number:
        raise ValueError(
            f"Class {target} of a model that gives one number: want 0, whose map is negative against it."
        )
    if not 0 <= number < n_classes:
        last = n_classes - 1
        raise ValueError(f"Class {target} is out of range; this model has {n_classes} classes, 0 to {last}.")
    return int(number)


def as_names(names):
    """Class names as a list of strings; None for none."""
    if names is None:
        return None
    if isinstance(names, (str, dict)):
        raise ValueError(
            f"class_names is a {type(names).__name__}; want a list in the order of the classes, such as "
            '["cat", "dog"] (of a dictionary: [names[k] for k in range(len(names))]).'
        )
    return [str(name) for name in names]
