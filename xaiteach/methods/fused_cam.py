"""Fused Grad-CAM: the maps of several layers in one, coarse ones for what and fine ones for where."""

import numpy as np

from xaiteach.methods.base import explains
from xaiteach.methods.grad_cam import as_drawn, cam_of

MOST_SIZES = 3


@explains
def fused_cam(classifier, images, targets, *, layers=None, batch_size=None):
    r"""Divide the Grad-CAM of each layer by its largest value, and take the mean.

    .. math:: \frac{1}{|\ell|} \sum_\ell L^{(\ell)} \big/ \max_{ij} L^{(\ell)}_{ij}

    Late layers know what, early ones where; but the evidence of early layers is weaker, and dividing by its
    maximum hides that. A fused map is finer to look at, but not in units of the score: it adds up to nothing.

    Args:
        layers: a list of names, indices or the layers themselves; None for the last layer of each of the
            three last sizes of grid.

    Returns:
        (N, H, W) float32 in [0, 1]. A layer whose map is all zeros adds zeros.

    Raises:
        ValueError: for no layers, or one without height and width, naming those that would do.

    Source: the fusion of Jiang et al., LayerCAM, IEEE TIP 2021, III-C, with the mean for their maximum.
    """
    layers = _last_of_each_size(classifier, images) if layers is None else list(layers)
    if not layers:
        raise ValueError("layers is empty; give layers with height and width, or None for all sizes.")
    maps = []
    for layer in layers:
        cam, _ = cam_of(classifier, images, targets, layer, batch_size)
        drawn = as_drawn(cam, classifier, images, relu=True, resize=True)
        largest = drawn.max(axis=(2, 3), keepdims=True)
        maps.append(drawn / np.where(largest > 0, largest, 1))
    return np.mean(maps, axis=0)


def _last_of_each_size(classifier, images):
    """Calls of layers that feed the score, the last one of each of the smallest grids."""
    last = {}
    for call in classifier.layer_calls(images):
        if call.has_grid and call.feeds_score and not call.inside:
            last[call.shape[:2]] = call
    return list(last.values())[-MOST_SIZES:]
