"""Grad-CAM: which places of a layer's feature maps raise the score."""

from functools import partial

import numpy as np
from skimage.transform import resize as resize_image

from xaiteach.methods.base import explains
from xaiteach.methods.sums import add_up, explained_score, weighted


@explains
def grad_cam(classifier, images, targets, *, layer=None, resize=True, relu=True, batch_size=None):
    r"""Weight each feature map by its mean gradient, add them up, keep what is positive.

    .. math:: \alpha_f = \frac{1}{hw} \sum_{ij} \frac{\partial S_t}{\partial A_{ijf}}, \qquad
              L_{ij} = \mathrm{ReLU}\Bigl(\sum_f \alpha_f A_{ijf}\Bigr)

    On a model that ends in global average pooling and one linear layer, the sum of the map before the ReLU and before
    it is resized is exactly the score less the bias. A map without anything positive is all zeros.

    Args:
        model: a wrapped classifier, or a bare Keras or PyTorch model.
        images: (N, H, W, C) in [0, 1], or one image.
        targets: a class, one class an image, None for the predicted class, a pair (4, 9), "all" or "top3".
        layer: name, index or the layer itself; None for the last layer that has a grid and feeds the score.
        resize: True for a map of the image's size (bilinear), False for the layer's own (N, h, w).
        relu: False keeps the negative values, the evidence against the class.
        batch_size: images a pass; bounds the memory, never changes the result. None for 32, or fewer large ones.
        details: True for the maps and a namespace of `accounts_for` (the sum of the map before ReLU and resizing),
            `difference` (the score less the score where the layer gives zeros; with a linear head that is less the
            bias) and `gap` (the first less the second), each (N,).

    Returns:
        (N, H, W) float32, not negative unless `relu=False`, in units of the score.

    Raises:
        ValueError: for a layer without height and width, naming those that would do.
        TypeError: for a model that only predicts.

    Source: Selvaraju et al., Grad-CAM: visual explanations from deep networks, ICCV 2017, equations 1 and 2.
    """
    cam, maps = cam_of(classifier, images, targets, layer, batch_size)
    balance = partial(balance_of, cam, classifier, images, targets, layer, maps, batch_size)
    return as_drawn(cam, images, relu, resize), balance


def cam_of(classifier, images, targets, layer, batch_size):
    """The map of a layer before the ReLU (N, T, h, w), and its feature maps (N, h, w, F)."""
    maps, gradient = classifier.activations(images, layer, targets, batch_size=batch_size)
    alpha = gradient.mean(axis=(2, 3))
    return np.einsum("nhwf,ntf->nthw", maps, alpha), maps


def as_drawn(cam, images, relu, resize):
    """Maps (N, T, h, w) of a layer without what is negative, in the size of the images (N, H, W, C), or as they are."""
    cam = np.maximum(cam, 0) if relu else cam
    return bilinear(cam, images.shape[1:3]) if resize else cam


def balance_of(cam, classifier, images, targets, layer, maps, batch_size):
    """How much the map accounts for of the score less that of a layer which gives zeros."""
    call = classifier.find_layer(images, layer)
    empty = classifier.scores_inside(images, np.zeros_like(maps), call, batch_size=batch_size)
    score = explained_score(classifier, images, targets, batch_size)
    return add_up(cam, score - weighted(empty, targets))


def bilinear(maps, size):
    """Maps (…, h, w) at another size (H, W): bilinear, pixel centres aligned, the border repeated."""
    last = np.moveaxis(maps, (-2, -1), (0, 1)).reshape(*maps.shape[-2:], -1)
    resized = resize_image(last, size, order=1, mode="edge", anti_aliasing=False)
    return np.moveaxis(resized, -1, 0).reshape(*maps.shape[:-2], *size)
