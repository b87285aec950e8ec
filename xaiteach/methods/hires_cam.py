"""HiResCAM: what each place of a layer's feature maps adds to the score."""

from functools import partial

import numpy as np

from xaiteach.methods.base import explains
from xaiteach.methods.grad_cam import as_drawn, balance_of


@explains
def hires_cam(classifier, images, targets, *, layer=None, resize=True, relu=True, batch_size=None):
    r"""Multiply each value of the feature maps by its own gradient, add up the maps, keep what is positive.

    .. math:: L_{ij} = \mathrm{ReLU}\Bigl(\sum_f \frac{\partial S_t}{\partial A_{ijf}}\, A_{ijf}\Bigr)

    Grad-CAM averages the gradients over the places first, and so can light up places the score never used.
    With a linear head behind the layer (Flatten or global average pooling) the sum of this map before the
    ReLU is exactly the score less the bias; after averaging both maps are the same.

    Args:
        details: True for the maps and, as `grad_cam` has them, `accounts_for`, `difference` and `gap`.

    Returns:
        (N, H, W) float32, not negative unless `relu=False`, in units of the score.

    Raises:
        ValueError: for a layer without height and width, naming those that would do.

    Source: Draelos and Carin, Use HiResCAM instead of Grad-CAM for faithful explanations, 2020, section 3.
    """
    activations, gradient = classifier.activations(images, layer, targets, batch_size=batch_size)
    cam = np.einsum("nhwf,nthwf->nthw", activations, gradient)
    balance = partial(balance_of, cam, classifier, images, targets, layer, activations, batch_size)
    return as_drawn(cam, classifier, images, relu, resize), balance
