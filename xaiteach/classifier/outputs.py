"""What a model gives: which part of it, scores or probabilities, and whether they can be trusted."""

import numpy as np
from scipy.special import expit, softmax

WORDS = ("scores", "probabilities", "independent", "value")
NOT_SEEN = (
    "All that the model gives lies between 0 and 1, and no softmax or sigmoid was seen at its end: taken for "
    'probabilities. Say so, outputs="independent" (a sigmoid each) or "probabilities"; or outputs="scores".'
)
ALWAYS_1 = "A softmax over a single output is always 1: train the model with a sigmoid, or with two outputs."
CURES = {1: "out[:, None]", 3: "out.mean(1)) or, in Keras, (…, lambda out: tf.reduce_mean(out, 1)"}
CURES |= {4: "out.mean((2, 3))) or, in Keras, (…, lambda out: tf.reduce_mean(out, (1, 2))"}


class NoScores(ValueError):
    """What the model gives is not one finite number a class; the sentence says what to do."""


def as_outputs(given):
    """The word that `wrap(outputs=…)` was given, or None, and the function that takes the scores out."""
    word, take = given if isinstance(given, tuple) else (None, given) if callable(given) else (given, None)
    if word not in (None, *WORDS):
        words = ", ".join(f'"{each}"' for each in WORDS)
        raise ValueError(f"outputs={given!r}; want {words}, a function, a pair of both, or None to find out.")
    return word, take or (lambda outputs: outputs)


def ending_of(outputs, before_squash, said, is_bounded):
    """How a model ends: "scores", "independent", "value", or "probabilities" and "bounded" without scores.

    Or "squashed", by a softmax or sigmoid that was seen. Where nothing was said, rows without negatives that
    sum to 1 are probabilities. `is_bounded` asks whether all lies in [0, 1] whatever the picture.
    """
    if before_squash is not None:
        _check_squash(outputs, before_squash)
        return "squashed"
    if said not in (None, "independent"):
        return said
    within = outputs.min() >= 0 and outputs.max() <= 1
    if said is None and within and outputs.shape[1] > 1 and np.allclose(outputs.sum(axis=1), 1, atol=1e-3):
        return "probabilities"
    return "bounded" if within and is_bounded() else said or "scores"


def _check_squash(outputs, before_squash):
    """A ValueError for a softmax that makes 1 of everything."""
    by_sigmoid = np.allclose(outputs, expit(before_squash), atol=1e-2)
    if by_sigmoid or not np.allclose(outputs, 1, atol=1e-6):
        return
    if outputs.shape[1] == 1:
        raise NoScores(ALWAYS_1)
    raise ValueError("The softmax runs over the images, not the classes: give it dim=1 (axis=-1).")


def as_probabilities(outputs, ending):
    """What `predict` says of such outputs, for how the model ends."""
    if ending == "independent":
        return expit(outputs)
    if ending == "probabilities":
        check_probabilities(outputs)
    return normalise(outputs) if ending == "scores" else outputs


def normalise(scores):
    """Probabilities from scores: their softmax, or the sigmoid of a lone score."""
    return softmax(scores, axis=1) if scores.shape[1] > 1 else expit(scores)


def check_outputs(outputs, n):
    """A NoScores unless the outputs are (N, K) and finite."""
    shape = getattr(outputs, "shape", None)
    if n > 1 and shape is not None and shape[:1] == (1,):
        raise ValueError(f"The model gave one answer for {n} images.")  # it may take one at a time
    if shape is None or len(shape) != 2 or shape[0] != n:
        cure = CURES.get(len(shape or ()), "…")
        if len(shape or ()) == 1 and shape[0] != n:
            cure = f"out.reshape(-1, {shape[0]})"
        words = f"For {n} image(s) the model gave shape {shape}; want (N, K), one number a class."
        raise NoScores(f"{words} Say what is to be explained: wrap(model, outputs=lambda out: {cure}).")
    if not np.isfinite(outputs).all():
        raise NoScores("The model gave NaN or infinite values; look at its weights and its preprocessing.")


def check_probabilities(outputs):
    """A NoScores unless each row is a distribution over the classes."""
    sums = outputs.sum(axis=1)
    if outputs.min() < -1e-4 or not np.allclose(sums, 1, atol=1e-2):
        values, totals = (f"{a.min():.3g} … {a.max():.3g}" for a in (outputs, sums))
        raise NoScores(
            f"Want probabilities: not negative, each row summing to 1. The model gave values {values}, rows "
            f'summing to {totals}. Say wrap(model, outputs="scores"), or "independent" for several labels '
            'with a probability each, or "value". For one probability p return (1 − p, p).'
        )


def need_one(outputs, is_tensor, is_float):
    """A NoScores for a model that gives several outputs, or something else than a tensor of scores."""
    if is_tensor(outputs):
        if not is_float(outputs):
            raise NoScores("The model gives whole numbers, such as the class alone; want a score a class.")
        return
    kind, part = type(outputs).__name__, "…"
    if isinstance(outputs, dict):
        part = 'out["logits"]' if "logits" in outputs else f'out["{next(iter(outputs), "logits")}"]'
        kind = f"{kind} of {', '.join(map(str, outputs))}"
    elif isinstance(outputs, (list, tuple)):
        part = "out[0]"
        if outputs and isinstance(outputs[0], dict):  # a detector's, one an image
            part = 'torch.stack([each["scores"][:1] for each in out])'
        kind = f"{kind} of {len(outputs)}"
    elif hasattr(outputs, "logits"):
        part = "out.logits"
    want = "want one tensor (N, K), one number a class"
    raise NoScores(f"The model gives a {kind}; {want}: wrap(model, outputs=lambda out: {part}).")
