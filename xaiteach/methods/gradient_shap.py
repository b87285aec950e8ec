"""Gradient SHAP: how much of the score each pixel accounts for, against a whole background of images."""

from itertools import tee

import numpy as np

from xaiteach.methods.base import bar, explains
from xaiteach.methods.grad_cam import over
from xaiteach.methods.sums import Running, add_up, at_least_one, checked, explained_score


@explains
def gradient_shap(
    classifier, images, targets, *, background=None, n_samples=200, local_smoothing=0.0, layer=None,
    resize=True, seed=0, batch_size=None, progress=True,
):  # fmt: skip
    r"""Average gradient times path over random points between random background images x′ and the image x.

    .. math:: \mathop{\mathbb{E}}_{x' \sim D,\ \alpha \sim U(0, 1)}
              \bigl[(x - x')\,\nabla S_t\bigl(x' + \alpha\,(x - x')\bigr)\bigr]

    The maps estimate a sum to S(x) less the mean score of the background, with an error that falls like
    1/√samples. On a linear model with a single background image any number of samples is exact. Every image
    gets the draws that `shap.GradientExplainer` makes for one image at `rseed=seed`, so a map does not depend
    on the batch it is in. With `layer` the same is done to the feature maps of that layer; there the sum is
    right where all that the model sees goes through the layer, which the gap tells.

    Args:
        background: what the image is compared with, (M, H, W, C); 50 to 100 training images are usual.
        n_samples: random points an image.
        local_smoothing: standard deviation of normal noise on the image at each sample.
        layer: explain the feature maps of this layer in place of the pixels (its name, index, or the layer
            itself): x and x′ are what it makes of the image and of the background, channels are its units.
        per_channel: True for (N, H, W, C), of a layer with `resize=False` only.
        details: True for the maps and a namespace of `variance` (N, H, W) of each pixel's estimate (of a
            layer before it is resized), its samples' divided by their number (shap divides by the square root
            of it); and, each (N,): `classes` that are explained (of a pair the first), `expected_value` (mean
            score of the background), `difference` of the score from it, `accounts_for` (the sum of the map),
            `gap` (the sum less the difference) and its `standard_error`.

    Returns:
        (N, H, W) float32, signed, in units of the score.

    Raises:
        ValueError: without a background, for one of a wrong shape or range, or without samples.

    Source: Erion et al., Improving performance of deep learning models with axiomatic attribution priors and
        expected gradients, Nature Machine Intelligence 2021; Lundberg and Lee, NeurIPS 2017.
    """
    at_least_one(n_samples=n_samples)
    if background is None:
        raise ValueError("gradient_shap wants images to compare with, such as background=x_train[:100].")
    background = checked("background", background, images, classifier)
    ends, starts, inside = _ends(classifier, images, background, layer, batch_size)
    draws = _draw(ends, starts, n_samples, local_smoothing, seed)
    samples = _samples(classifier, draws, targets, inside, batch_size)
    values, pixels, sums = Running(), Running(), Running()
    for sample in bar(samples, n_samples, "gradient SHAP", progress):
        values.add(sample)
        pixels.add(sample.sum(axis=-1))
        sums.add(sample.sum(axis=(2, 3, 4)))

    def balance():
        expected = targets @ classifier.scores(background, batch_size=batch_size).mean(axis=0)
        difference = explained_score(classifier, images, targets, batch_size) - expected
        return add_up(values.mean, difference) | {
            "variance": pixels.variance / n_samples,
            "standard_error": np.sqrt(sums.variance / n_samples),
            "expected_value": expected,
            "classes": targets.argmax(axis=-1),
        }

    if layer is None or not resize:
        return values.mean, balance
    return over(values.mean.sum(axis=-1), classifier, images), balance


def _samples(classifier, draws, targets, inside, batch_size):
    """The gradient times the path of each draw, (N, T, H, W, C)."""
    # The classifier draws points ahead, as many as fit in a pass; the paths wait here until it answers.
    draws, again = tee(draws)
    points = (point for point, _ in draws)
    gradients = classifier.gradients(points, targets, inside=inside, batch_size=batch_size)
    for gradient, (_, path) in zip(gradients, again, strict=True):
        yield path[:, None] * gradient


def _ends(classifier, images, background, layer, batch_size):
    """Where paths end and start: pictures, or the feature maps of a layer; and inside of what call of it."""
    if layer is None:
        return images, background, None
    call = classifier.find_layer(images, layer, must_feed=True)
    ends = classifier.activations(images, layer, batch_size=batch_size)
    starts = classifier.activations(background, layer, batch_size=batch_size)
    return ends, starts, (images, call)


def _draw(ends, starts, n_samples, local_smoothing, seed):
    """Random points and the paths they lie on, both (N, H, W, C): the same draws for every image."""
    random = np.random.RandomState(seed)
    for _ in range(n_samples):
        start = starts[random.choice(len(starts))]
        alpha = random.uniform()
        noise = local_smoothing * random.randn(*ends.shape[1:]) if local_smoothing else 0
        path = (ends + noise - start).astype(np.float32)
        yield start + alpha * path, path
