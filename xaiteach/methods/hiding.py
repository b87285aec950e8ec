"""Hiding parts of a picture: what is seen in their place, and what the classifier says to such pictures."""

import numpy as np
from scipy.ndimage import gaussian_filter

from xaiteach.classifier.batches import in_groups, pass_size


def replacement(fill, images, value_range=None, name="fill"):
    """What is seen where images (N, H, W, C) are hidden, of their shape; `fill` is as `occlusion` takes it.

    "blur" is a Gaussian of an eighth of the shorter side. `name` is what errors call the option.
    """
    if isinstance(fill, str):
        if fill == "mean":
            return np.broadcast_to(images.mean(axis=(1, 2), keepdims=True), images.shape)
        if fill == "blur":
            sigma = min(images.shape[1:3]) / 8
            return gaussian_filter(images, (0, sigma, sigma, 0), mode="nearest")
        raise ValueError(f'{name}={fill!r} is not known; want "mean", "blur", a number, colour or image.')
    other = np.asarray(fill)
    image, colour = images.shape[1:], images.shape[-1:]
    if other.dtype.kind not in "biuf" or other.shape not in ((), colour, image, images.shape):
        raise ValueError(
            f"{name} is of type {other.dtype} and shape {other.shape}; want a number, a colour of "
            f'{colour[0]} value(s), "mean", "blur", or an image of shape {image}.'
        )
    low, high = value_range or (-np.inf, np.inf)
    lowest, highest = other.min(), other.max()
    if not (np.isfinite(other).all() and low <= lowest and highest <= high):
        advice = " Divide by 255?" if (low, high) == (0, 1) and 1 < highest <= 255 else ""
        values = f"{name} has values from {lowest:g} to {highest:g}"
        raise ValueError(f"{values}; want {low:g} to {high:g}.{advice}")
    return np.broadcast_to(other.astype(np.float32), images.shape)


def question(classifier, of):
    """What is asked of a classifier: its probabilities, or its scores."""
    if of not in ("probability", "score"):
        raise ValueError(f'of={of!r}; want "probability" or "score".')
    return classifier.predict if of == "probability" else classifier.scores


def answers(ask, pictures, batch_size):
    """What the classifier says (K,) to each of many pictures (H, W, C), a batch of them held at a time."""
    for group in in_groups(pictures, lambda picture: pass_size(batch_size, (1, *picture.shape))):
        yield from ask(np.stack(group), batch_size=batch_size)
