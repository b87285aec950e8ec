"""Hiding parts of a picture: what is seen in their place, and what the classifier says to such pictures."""

import numpy as np
from scipy.ndimage import gaussian_filter

from xaiteach.classifier.batches import in_groups, pass_size


def replacement(fill, images, value_range=None, name="fill"):
    """What is seen where images (N, H, W, C) are hidden.

    Args:
        fill: as `occlusion` takes it; "blur" is a Gaussian of an eighth of the shorter side.
        value_range: lowest and highest value allowed; None for any.
        name: what the option is called, for the errors.

    Returns:
        (N, H, W, C) float32; a ValueError in words, for what does not fit.
    """
    if isinstance(fill, str):
        return np.broadcast_to(_named(fill, images, name), images.shape)
    other = np.asarray(fill)
    colour = images.shape[-1:]
    image = images.shape[1:]
    is_number = other.dtype.kind in "biuf"
    if not is_number or other.shape not in ((), colour, image, images.shape):
        raise ValueError(
            f"{name} is of type {other.dtype} and shape {other.shape}; want a number, a colour of "
            f'{colour[0]} value(s), "mean", "blur", or an image of shape {image}.'
        )
    _check_values(other, value_range, name)
    return np.broadcast_to(other.astype(np.float32), images.shape)


def question(classifier, of):
    """What is asked of a classifier: its probabilities, or its scores."""
    if of not in ("probability", "score"):
        raise ValueError(f'of={of!r}; want "probability" or "score".')
    return classifier.predict if of == "probability" else classifier.scores


def answers(ask, pictures, batch_size):
    """What the classifier says to each of many pictures, of which a batch is held at a time.

    Args:
        ask: `classifier.predict` or `classifier.scores`.
        pictures: an iterable of (H, W, C).

    Yields:
        For each picture its answer (K,).
    """
    for group in in_groups(pictures, lambda picture: pass_size(batch_size, (1, *picture.shape))):
        yield from ask(np.stack(group), batch_size=batch_size)


def _named(word, images, name):
    if word == "mean":
        return images.mean(axis=(1, 2), keepdims=True)
    if word == "blur":
        sigma = min(images.shape[1:3]) / 8
        return gaussian_filter(images, (0, sigma, sigma, 0), mode="nearest")
    raise ValueError(f'{name}={word!r} is not known; want "mean", "blur", a number, a colour or an image.')


def _check_values(other, value_range, name):
    low, high = value_range or (-np.inf, np.inf)
    lowest, highest = other.min(), other.max()
    if np.isfinite(other).all() and low <= lowest and highest <= high:
        return
    advice = " Divide by 255?" if (low, high) == (0, 1) and 1 < highest <= 255 else ""
    raise ValueError(f"{name} has values from {lowest:g} to {highest:g}; want {low:g} to {high:g}.{advice}")
