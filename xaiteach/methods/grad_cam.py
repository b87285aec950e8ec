"""Grad-CAM: which places of a layer's feature maps raise the score."""

from functools import partial

import numpy as np
from skimage.transform import resize as resize_image

from xaiteach.layers.frame import BENT
from xaiteach.methods.base import explains
from xaiteach.methods.sums import add_up, explained_score, weighted


@explains
def grad_cam(classifier, images, targets, *, layer=None, resize=True, relu=True, batch_size=None):
    r"""Weight each feature map by its mean gradient, add them up, keep what is positive.

    .. math:: \alpha_f = \frac{1}{hw} \sum_{ij} \frac{\partial S_t}{\partial A_{ijf}}, \qquad
              L_{ij} = \mathrm{ReLU}\Bigl(\sum_f \alpha_f A_{ijf}\Bigr)

    On a model that ends in global average pooling and one linear layer, the sum of the map before the ReLU
    and before it is resized is exactly the score less the bias. A map without anything positive is all zeros.

    Args:
        details: True for the maps and a namespace of `accounts_for` (the sum of the map before ReLU and
            resizing), `difference` (the score less the score where the layer gives zeros; with a linear head
            that is less the bias) and `gap` (the first less the second), each (N,).

    Returns:
        (N, H, W) float32, not negative unless `relu=False`, in units of the score.

    Raises:
        ValueError: for a layer without height and width, naming those that would do.

    Source: Selvaraju et al., Grad-CAM: visual explanations from deep networks, ICCV 2017, equations 1 and 2.
    """
    cam, activations = cam_of(classifier, images, targets, layer, batch_size)
    balance = partial(balance_of, cam, classifier, images, targets, layer, activations, batch_size)
    return as_drawn(cam, classifier, images, relu, resize), balance


def cam_of(classifier, images, targets, layer, batch_size):
    """The map of a layer before the ReLU (N, T, h, w), and its feature maps (N, h, w, F)."""
    activations, gradient = classifier.activations(images, layer, targets, batch_size=batch_size)
    alpha = gradient.mean(axis=(2, 3))
    return np.einsum("nhwf,ntf->nthw", activations, alpha), activations


def as_drawn(cam, classifier, images, relu, resize):
    """Maps (N, T, h, w) of a layer, without what is negative, over the images, or as they are."""
    cam = np.maximum(cam, 0) if relu else cam
    return over(cam, classifier, images) if resize else cam


def balance_of(cam, classifier, images, targets, layer, activations, batch_size):
    """How much the map accounts for of the score less that of a layer which gives zeros."""
    call = classifier.find_layer(images, layer)
    zeros = np.zeros_like(activations)
    score = explained_score(classifier, images, targets, batch_size)
    scores_of_zeros = classifier.scores_inside(images, zeros, call, batch_size=batch_size)
    return add_up(cam, score - weighted(scores_of_zeros, targets))


def over(maps, classifier, images):
    """Maps (…, h, w) of a layer in the size of the images, each place where the model has it from.

    What its preprocessing cuts off gets 0; what it adds is left out; what it mirrors is mirrored back.
    """
    frame, size = classifier.frame(images), np.array(images.shape[1:3])
    if None in frame:
        raise ValueError(BENT)
    ends = np.round(size[:, None] * (frame.rows, frame.columns)).astype(int)
    starts, stops = ends.min(axis=1), ends.max(axis=1)
    resized = bilinear(maps, np.maximum(stops - starts, 1))
    mirrored = tuple(np.flatnonzero(ends[:, 0] > ends[:, 1]) - 2)
    inside = np.ix_(*map(np.arange, np.maximum(starts, 0), np.minimum(stops, size)))
    placed = np.zeros((*maps.shape[:-2], *size))
    there = inside[0] - starts[0], inside[1] - starts[1]
    placed[(..., *inside)] = np.flip(resized, mirrored)[(..., *there)]
    return placed


def bilinear(maps, size):
    """Maps (…, h, w) at another size (H, W): bilinear, pixel centres aligned, the border repeated."""
    *others, height, width = maps.shape
    # One stack (h, w, maps), whose last axis `resize_image` leaves alone: one call for all maps.
    stack = maps.reshape(-1, height, width).transpose(1, 2, 0)
    resized = resize_image(stack, size, order=1, mode="edge", anti_aliasing=False)
    return resized.transpose(2, 0, 1).reshape(*others, *size)
