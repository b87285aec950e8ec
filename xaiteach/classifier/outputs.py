"""What a model gives: scores or probabilities, and whether they can be trusted."""

import numpy as np
from scipy.special import expit, softmax

ENDINGS = ("scores", "probabilities")


def ending_of(outputs, before_squash, said=None):
    """How a model ends: "scores", "probabilities", or "squashed" (by a softmax or sigmoid that was seen).

    Where nothing was said, rows without negatives that sum to 1 are probabilities; a lone output is a score.
    """
    sums = outputs.sum(axis=1)
    if before_squash is not None:
        by_sigmoid = np.allclose(outputs, expit(before_squash), atol=1e-2)
        if not by_sigmoid and not np.allclose(sums, 1, atol=1e-2):
            raise ValueError("The softmax runs over the images, not the classes: give it dim=1 (axis=-1).")
        return "squashed"
    if said is not None:
        return said
    sum_to_one = np.allclose(sums, 1, atol=1e-3)
    several = outputs.shape[1] > 1
    return "probabilities" if several and sum_to_one and outputs.min() >= 0 else "scores"


def normalise(scores):
    """Probabilities from scores: their softmax, or the sigmoid of a lone score."""
    return softmax(scores, axis=1) if scores.shape[1] > 1 else expit(scores)


def check_outputs(outputs, n):
    """A ValueError unless the outputs are (N, K) finite numbers."""
    shape = getattr(outputs, "shape", None)
    if shape is None or len(shape) != 2 or shape[0] != n:
        raise ValueError(f"For {n} image(s) the model gave shape {shape}; want (N, K), one number a class.")
    if not np.isfinite(outputs).all():
        raise ValueError("The model gave NaN or infinite values; look at its weights and its preprocessing.")


def check_probabilities(outputs):
    """A ValueError unless each row is a distribution over the classes."""
    sums = outputs.sum(axis=1)
    if outputs.min() < -1e-4 or not np.allclose(sums, 1, atol=1e-2):
        values, totals = (f"{a.min():.3g} … {a.max():.3g}" for a in (outputs, sums))
        raise ValueError(
            f"Want probabilities: not negative, each row summing to 1. The model gave values {values}, rows "
            f"summing to {totals}. Put a softmax behind it, or say "
            'wrap(model, outputs="scores"). For one probability p return (1 − p, p).'
        )


def need_one(outputs, is_tensor):
    """A TypeError for a model that gives several outputs or something else than a tensor."""
    if not is_tensor(outputs):
        raise TypeError(f"it gives a {type(outputs).__name__}; want one tensor (N, K): wrap that part.")
