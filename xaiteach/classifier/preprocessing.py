"""From a picture in [0, 1] to what a model wants."""

import numpy as np


def in_words(given):
    """What `wrap(preprocess=…)` was given as numbers and words that can be saved."""
    if given is None:
        return None
    return "a function" if callable(given) else [np.ravel(part).tolist() for part in given]


def as_preprocessing(given, constant):
    """A function of the framework's tensors, from what `wrap(preprocess=…)` was given.

    `constant` brings the numbers (C,) of a pair (mean, deviation) into the framework's form.
    """
    if callable(given):
        return given
    if given is None:
        return lambda inputs: inputs
    if not hasattr(given, "__len__") or len(given) != 2:
        raise ValueError(f"preprocess={given!r}; want a function, or a pair (mean, deviation).")
    mean, deviation = (np.asarray(part, np.float32).reshape(-1) for part in given)
    return lambda inputs: (inputs - constant(mean)) / constant(deviation)
