"""Fused Grad-CAM: the maps of several layers in one, coarse ones for what and fine ones for where."""

import numpy as np

from xaiteach.methods.base import explains
from xaiteach.methods.grad_cam import as_drawn, cam_of

MOST_SIZES = 3


@explains
def fused_cam(classifier, images, targets, *, layers=None, batch_size=None):
    r"""Divide the Grad-CAM of each layer by its largest value, and take the mean.

    .. math:: \frac{1}{|\ell|} \sum_\ell L^{(\ell)} \big/ \max_{ij} L^{(\ell)}_{ij}

    Late layers know what, early ones where; but the evidence of early layers is weaker, and dividing by its maximum
    hides that. So a fused map is finer to look at, and no longer in units of the score: it adds up to nothing.

    Args:
        model: a wrapped classifier, or a bare Keras or PyTorch model.
        images: (N, H, W, C) in [0, 1], or one image.
        targets: a class, one class an image, None for the predicted class, a pair (4, 9), "all" or "top3".
        layers: a list of names, indices or the layers themselves; None for the last layer of each of
            the three last sizes of grid.
        batch_size: images a pass; bounds the memory, never changes the result. None for 32, or fewer large ones.

    Returns:
        (N, H, W) float32 in [0, 1]. A layer whose map is all zeros adds zeros.

    Raises:
        ValueError: for no layers, or one without height and width, naming those that would do.
        TypeError: for a model that only predicts.

    Source: the fusion of Jiang et al., LayerCAM: exploring hierarchical class activation maps for localization, IEEE
    TIP 2021, section III-C, with the mean where they take the maximum.
    """
    layers = _last_of_each_size(classifier, images) if layers is None else list(layers)
    if not layers:
        raise ValueError(
            "layers is empty; give names of layers with height and width, or None for all sizes."
        )
    cams = [cam_of(classifier, images, targets, layer, batch_size)[0] for layer in layers]
    return np.mean([_to_one(as_drawn(cam, images, relu=True, resize=True)) for cam in cams], axis=0)


def _last_of_each_size(classifier, images):
    """Names of layers that feed the score, the last one of each of the smallest grids."""
    calls = [call for call in classifier.layer_calls(images) if call.has_grid and call.feeds_score]
    return list({call.shape[:2]: call.name for call in calls}.values())[-MOST_SIZES:]


def _to_one(maps):
    """Maps (N, T, H, W) with a maximum of 1; those without anything positive stay all zeros."""
    largest = maps.max(axis=(2, 3), keepdims=True)
    return np.divide(maps, largest, out=np.zeros_like(maps), where=largest > 0)
