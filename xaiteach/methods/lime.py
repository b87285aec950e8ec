"""LIME: hide segments at random, and see which of them the answer depends on."""

import warnings
from copy import deepcopy

import numpy as np
from scipy.ndimage import mean
from sklearn.linear_model import Ridge
from sklearn.metrics import pairwise_distances, r2_score
from sklearn.utils.validation import has_fit_parameter
from threadpoolctl import threadpool_limits

from xaiteach.methods.base import bar, explains
from xaiteach.methods.hiding import answers, replacement
from xaiteach.methods.segments import segment

FEW_SEGMENTS = 8


@explains
def lime(
    classifier, images, targets, *, segments=None, n_samples=1000, hide=0.0, seed=0, kernel_width=0.25,
    distance="cosine", regressor=None, batch_size=None, progress=True,
):  # fmt: skip
    r"""Fit a linear model to the answers near an image; each pixel gets the weight of its segment.

    .. math:: \min_{w, b} \sum_z \pi(z)\,\bigl(P_t(x_z) - b - w \cdot z\bigr)^2 + \lVert w \rVert^2, \qquad
              \pi(z) = \sqrt{\exp\bigl(-D(z, \mathbf{1})^2 / \sigma^2\bigr)}

    z says of each segment whether it is seen (1) or hidden (0), and x_z is the picture that this makes; z is
    drawn at random, but for the first, which is the image. Draws, kernel and regression are those of the
    `lime` library with `feature_selection="none"`. Identical pictures are sent to the model once; all classes
    cost as much as one. The ridge shrinks the weights, so few samples give small ones.

    Args:
        model: a wrapped classifier, a bare model, or any function from images to probabilities.
        segments: how to cut: None for about 40 superpixels, "slic", "quickshift", "felzenszwalb", "grid", n
            for n×n rectangles, (rows, columns), a function from image to labels, or labels (H, W) or (N, H,
            W), counted from wherever you like.
        n_samples: pictures looked at around an image; identical ones cost nothing.
        hide: what is seen where a segment is hidden: a number, a colour (C,), "mean" for the segment's own
            mean colour, "blur" for the image out of focus, an image (H, W, C), or one an image.
        seed: of the draws, for each image anew; None for other draws each time.
        kernel_width: σ; with a smaller one, pictures near the image count for more.
        distance: D, between z and the image: a metric of scikit-learn's `pairwise_distances`, or a function.
        regressor: a linear model of scikit-learn's that takes `sample_weight`; None for `Ridge(alpha=1)`.
        details: True adds `.weights` of the segments (N, S), NaN where an image has fewer than S;
            `.segments`, their labels (N, H, W) from 0 to S − 1; `.intercept`, `.r2` and `.prediction`, what
            the linear model says of the image itself, (N,).

    Returns:
        (N, H, W) float32, in units of the probability (or of the value, for a model wrapped with
        outputs="value"); positive where the picture speaks for the class.

    Raises:
        ValueError: for segments, colours or numbers that don't fit, in words.
        TypeError: for a regressor that can't weigh samples.

    Source: Ribeiro, Singh and Guestrin, "Why should I trust you?", KDD 2016, equation 2 and section 3.4.
    """
    _check(n_samples, kernel_width, regressor)
    labels = segment(segments, images, seed, classifier.value_range)
    _warn_of_few(labels)
    if isinstance(hide, str) and hide == "mean":
        hidden = map(_own_means, images, labels)
    else:
        hidden = replacement(hide, images, classifier.value_range, name="hide")
    fits = []
    each = zip(images, hidden, labels, targets, strict=True)
    for image, other, parts, target in bar(each, len(images), "lime", progress):
        z = _draw(n_samples, parts.max() + 1, seed)
        pi = _kernel(z, distance, kernel_width)
        pictures, which = _distinct(image, other, parts, z)
        pictures = bar(pictures, which.max() + 1, "lime", progress)
        probabilities = answers(classifier.predict, pictures, batch_size)
        p = np.array([target @ row for row in probabilities], float)
        fits.append(_fit(z, p[which], pi, regressor))

    def details():
        arrays = {name: _stack([fit[name] for fit in fits]) for name in fits[0]}
        return arrays | {"segments": np.repeat(labels[:, None], targets.shape[1], axis=1)}

    maps = [fit["weights"][:, parts] for fit, parts in zip(fits, labels, strict=True)]
    return np.stack(maps), details


def _draw(n_samples, n_segments, seed):
    """Which segments are seen in each picture, (n_samples, S); in the first all are."""
    random = np.random.RandomState(seed)
    z = random.randint(0, 2, (n_samples, n_segments))
    z[0] = 1
    return z


def _kernel(z, distance, width):
    """How much each picture counts."""
    d = pairwise_distances(z, z[:1], metric=distance).ravel()
    pi = np.sqrt(np.exp(-(d**2) / width**2))
    if pi[1:].max() < 1e-6:
        warnings.warn(
            f"With kernel_width={width:g} no picture but the image itself counts, the next is "
            f"{d[1:].min():.2g} away. Take a larger kernel_width for this distance.",
            stacklevel=4,
        )
    return pi


def _distinct(image, other, parts, z):
    """The distinct pictures that z makes, lazily, and which of them each z makes.

    Two are the same where they hide the same of those segments that hiding changes: to hide black behind
    black makes no new picture.
    """
    changed = (image != other).any(axis=-1)
    matter = np.unique(parts[changed])
    _, first, which = np.unique(z[:, matter], axis=0, return_index=True, return_inverse=True)
    pictures = (np.where(seen[parts][..., None], image, other) for seen in z[first])
    return pictures, which.ravel()


@threadpool_limits.wrap(limits=1, user_api="blas")  # on matrices this small threads only wait for each other
def _fit(z, p, pi, regressor):
    """The weighted regression of p (n_samples, T) on z, for each of the T targets."""
    weights, intercept = _solve(z, p, pi, regressor)
    predicted = z @ weights.T + intercept
    r2 = r2_score(p, predicted, sample_weight=pi, multioutput="raw_values")
    return {"weights": weights, "intercept": intercept, "r2": r2, "prediction": predicted[0]}


def _solve(z, p, pi, regressor):
    """Weights (T, S) and intercepts (T,): by default in one go, by a regressor of one's own one by one."""
    if regressor is None:
        ridge = Ridge(alpha=1).fit(z, p, sample_weight=pi)
        return np.atleast_2d(ridge.coef_), np.atleast_1d(ridge.intercept_)
    weights, intercepts = [], []
    for column in p.T:
        model = deepcopy(regressor)  # the caller's own is not fitted
        model.fit(z, column, sample_weight=pi)
        weights.append(model.coef_)
        intercepts.append(model.intercept_)
    return np.stack(weights), np.stack(intercepts)


def _own_means(image, parts):
    """The image with each segment in its own mean colour."""
    indices = np.arange(parts.max() + 1)
    means = [mean(channel, parts, indices) for channel in np.moveaxis(image, -1, 0)]
    return np.stack(means, axis=-1)[parts].astype(np.float32)


def _stack(arrays):
    """Arrays that differ in their last axis at most, filled up with NaN."""
    longest = max(array.shape[-1] for array in arrays)
    stacked = np.full((len(arrays), *arrays[0].shape[:-1], longest), np.nan)
    for row, array in zip(stacked, arrays, strict=True):
        row[..., : array.shape[-1]] = array
    return stacked


def _check(n_samples, kernel_width, regressor):
    if not isinstance(n_samples, (int, np.integer)) or n_samples < 2:
        raise ValueError(f"n_samples={n_samples!r}; want a whole number from 2, better hundreds.")
    if not kernel_width > 0:
        raise ValueError(f"kernel_width={kernel_width!r}; want more than 0, such as 0.25.")
    if regressor is None:
        return
    is_model = hasattr(regressor, "fit") and not isinstance(regressor, type)
    if not is_model or not has_fit_parameter(regressor, "sample_weight"):
        words = "want a linear model whose fit takes sample_weight, such as Ridge()"
        raise TypeError(f"regressor={regressor!r}; {words}.")


def _warn_of_few(labels):
    fewest = labels.max(axis=(1, 2)).min() + 1
    if fewest < FEW_SEGMENTS:
        warnings.warn(
            f"Only {fewest} segment(s) in an image: its map can tell {fewest} place(s) apart at most. "
            'Leave segments=None for about 40, or say segments="grid".',
            stacklevel=4,
        )
