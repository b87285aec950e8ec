"""What the exercises of lesson 02 are tried on, with what is right."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from xaiteach_course.check.numpy_models import PaperNetwork

# (size, stride) of the course's convolutions and poolings, up to relu5
COURSE = [(3, 1), (3, 1), (2, 2), (3, 1), (3, 1), (2, 2), (3, 1)]
STEP = 0.01


def loudest(stencil, picture):
    return np.einsum("rcij,ij->rc", sliding_window_view(picture, (3, 3)), stencil).max()


def jumps_of(layers):
    """How many pixels neighbours lie apart before the first layer, and after each, (L + 1,)."""
    return np.cumprod([1, *(stride for _, stride in layers)])


def fields_of(layers):
    """The receptive field after each of L (size, stride) pairs, (L,)."""
    sizes = np.array([size for size, _ in layers])
    return 1 + np.cumsum((sizes - 1) * jumps_of(layers)[:-1])


def draw_layers(seed):
    """Six (size, stride) pairs, with strides above 2, and above the size, among them."""
    drawn = np.random.default_rng(seed).integers((2, 1), (6, 5), (4, 2))
    return [(3, 2), (2, 3), *map(tuple, drawn.tolist())]


def maps_and_head(seed):
    """Feature maps (4, 5, 6), and a head whose scores are not linear in them; class 0 has the largest."""
    rng = np.random.default_rng(seed)
    w, v = rng.normal(size=(6, 3)), rng.normal(0, 0.3, (6, 3))
    w[0] = -2

    def head(maps):
        mean = np.asarray(maps).mean(axis=(-3, -2))
        return mean @ w + (mean @ v) ** 2 + (50, 0, 0)

    return np.maximum(rng.normal(0.5, 1, (4, 5, 6)), 0), head


def without(maps, off):
    """Maps (N, h, w, F) in which the units that are `off`, (N, F), are zero."""
    return np.where(off[:, None, None], 0, maps)


class Bent(PaperNetwork):
    """A network whose units are all awake, and whose scores s are bent a little: s + s²/16."""

    def __init__(self, image, seed):
        super().__init__(image.shape, seed=seed)
        self.b += 10
        self.c -= super()._forward(image[None])[0][0] - (1, 0, 0)

    def _forward(self, part):
        scores, _ = super()._forward(part)
        return scores + scores**2 / 16, None

    def _gradient(self, part, weights):
        return super()._gradient(part, weights * (1 + super()._forward(part)[0] / 8)[:, None])


def bent_network(seed):
    """A network, an image of black, nearly black, greys, nearly white and white, slopes (classes, 5, 7)."""
    image = np.clip(np.random.default_rng(seed).uniform(-0.5, 1.5, (5, 7, 1)), 0, 1)
    image[2, 2:4, 0] = 0.004, 0.996
    model = Bent(image, seed)
    return model, image, np.stack([model.gradient(image, k)[..., 0] for k in range(3)])


def nudged(ask, image, target):
    """The answers one step up less those one step down, and how far the two are apart, (H, W) each."""
    steps = STEP * np.eye(image.size).reshape(-1, *image.shape)
    up, down = np.clip(image + steps, 0, 1), np.clip(image - steps, 0, 1)
    changes, apart = (ask(up) - ask(down))[:, target], (up - down).sum(axis=(1, 2, 3))
    return changes.reshape(image.shape[:2]), apart.reshape(image.shape[:2])
