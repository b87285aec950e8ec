"""SmoothGrad: the gradient, averaged over noisy copies of the image."""

import numpy as np

from xaiteach.methods.base import bar, explains
from xaiteach.methods.sums import Running, at_least_one

KINDS = {"mean": "mean", "squared": "mean_of_squares", "variance": "variance"}


@explains
def smooth_grad(
    classifier,
    images,
    targets,
    *,
    noise=0.15,
    n_samples=50,
    kind="mean",
    seed=0,
    batch_size=None,
    progress=True,
):
    r"""Average the gradient g over copies of the image with normal noise: what jumps about cancels out.

    .. math:: \mathbb{E}[g], \qquad \mathbb{E}[g^2] \qquad \text{or} \qquad \mathbb{E}[g^2] - \mathbb{E}[g]^2,
              \qquad g = \nabla S_t(x + \varepsilon), \quad \varepsilon \sim N(0, \sigma^2)

    Noisy copies are not cut off at the borders of the value range. Every image gets the same noise, so a map
    does not depend on the batch it is in.

    Args:
        noise: σ as a fraction of the classifier's value range (where it has none, of each image's own).
        n_samples: noisy copies of each image.
        kind: "mean", "squared" or "variance" of the gradients (captum: smoothgrad, smoothgrad_sq, vargrad).

    Returns:
        (N, H, W) float32, in units of the score a unit of brightness ("mean", signed), or that squared.

    Raises:
        ValueError: for an unknown kind, negative noise or no samples.

    Source: Smilkov et al., SmoothGrad: removing noise by adding noise, 2017, section 3; the other kinds:
        Hooker et al., A benchmark for interpretability methods, NeurIPS 2019, and Adebayo et al., 2018.
    """
    at_least_one(n_samples=n_samples)
    if kind not in KINDS:
        raise ValueError(f"kind={kind!r}; want one of {', '.join(KINDS)}.")
    if noise < 0:
        raise ValueError(f"noise is {noise}; want a fraction of the value range, 0 or more, such as 0.15.")
    low, high = classifier.value_range or (0, np.ptp(images, axis=(1, 2, 3), keepdims=True))
    sigma = noise * (high - low)
    random = np.random.default_rng(seed)
    shape = images.shape[1:]
    copies = (images + sigma * random.standard_normal(shape, np.float32) for _ in range(n_samples))
    gradients = classifier.gradients(copies, targets, batch_size=batch_size)
    moments = Running()
    for gradient in bar(gradients, n_samples, "SmoothGrad", progress):
        moments.add(gradient)
    return getattr(moments, KINDS[kind])
