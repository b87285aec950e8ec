"""What the exercises of lesson 02 are tried on, with what is right."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from xaiteach_course.check.numpy_models import PaperNetwork

# (size, stride) of the course's convolutions and poolings, up to relu5
COURSE = [(3, 1), (3, 1), (2, 2), (3, 1), (3, 1), (2, 2), (3, 1)]


def loudest(stencil, picture):
    return np.einsum("rcij,ij->rc", sliding_window_view(picture, (3, 3)), stencil).max()


def fields_of(layers):
    """The receptive field after each of L (size, stride) pairs, (L,)."""
    sizes, strides = np.array(layers).T
    return 1 + np.cumsum((sizes - 1) * np.cumprod([1, *strides[:-1]]))


def maps_and_head(seed):
    """Feature maps (4, 5, 6), and a head whose scores are not linear in them."""
    rng = np.random.default_rng(seed)
    w, v = rng.normal(size=(6, 3)), rng.normal(0, 0.3, (6, 3))
    w[0] = -2

    def head(maps):
        mean = np.asarray(maps).mean(axis=(-3, -2))
        return mean @ w + (mean @ v) ** 2

    return np.maximum(rng.normal(0.5, 1, (4, 5, 6)), 0), head


def without(maps, off):
    """Maps (N, h, w, F) in which the units that are `off`, (N, F), are zero."""
    return np.where(off[:, None, None], 0, maps)


def linear_network(seed):
    """A network whose units are all awake and whose scores are equal, an image, slopes (classes, 5, 7).

    The image has black, nearly black, greys, nearly white and white.
    """
    image = np.clip(np.random.default_rng(seed).uniform(-0.5, 1.5, (5, 7, 1)), 0, 1)
    image[2, 2:4, 0] = 0.004, 0.996
    model = PaperNetwork(image.shape, seed=seed)
    model.b += 10
    model.c -= model.scores(image)
    return model, image, (model.W @ model.V).T.reshape(3, 5, 7)
