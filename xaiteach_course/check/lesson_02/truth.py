"""What the exercises of lesson 02 are tried on, with what is right and what the usual mistakes give."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from xaiteach_course.check.numpy_models import PaperNetwork

COURSE = [
    (3, 1),
    (3, 1),
    (2, 2),
    (3, 1),
    (3, 1),
    (2, 2),
    (3, 1),
]  # its convolutions and poolings, up to relu5
STEP = 0.01


def loudest(stencil, picture):
    return np.einsum("rcij,ij->rc", sliding_window_view(picture, (3, 3)), stencil).max()


def fields_of(layers, *, jumps=True, early=False, last=False, less=1):
    """The receptive field after each of the (size, stride) pairs; with mistakes, if asked for."""
    fields, jump = [1], 1
    for size, stride in layers:
        fields.append(fields[-1] + (size - less) * (jump * stride if early else jump))
        jump = stride if last else jump * (stride if jumps else 1)
    return fields[1:]


def draw_layers(seed):
    """Six (size, stride) pairs, with strides above 2, and above the size, among them."""
    rng = np.random.default_rng(seed)
    return [
        (3, 2),
        (2, 3),
        *((int(size), int(stride)) for size, stride in rng.integers((2, 1), (6, 5), (4, 2))),
    ]


def maps_and_head(seed):
    """Feature maps (4, 5, 6), and a head whose scores are not linear in them; class 0 has the largest."""
    rng = np.random.default_rng(seed)
    w, v = rng.normal(size=(6, 3)), rng.normal(0, 0.3, (6, 3))
    w[0] = -2

    def head(maps):
        mean = np.asarray(maps).mean(axis=(-3, -2))
        return mean @ w + (mean @ v) ** 2 + (50, 0, 0)

    return np.maximum(rng.normal(0.5, 1, (4, 5, 6)), 0), head


def without(maps, units):
    return np.where(np.isin(np.arange(maps.shape[-1]), units), 0, maps)


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
    """The network, an image of black, nearly black, grey, nearly white and white, and the slopes (classes, 5, 7)."""
    image = np.clip(np.random.default_rng(seed).uniform(-0.5, 1.5, (5, 7, 1)), 0, 1)
    image[2, 2:4, 0] = 0.004, 0.996
    model = Bent(image, seed)
    return model, image, np.stack([model.gradient(image, k)[..., 0] for k in range(3)])


def nudged_slopes(ask, image, target, far):
    """By nudging as in the lesson; `far(up, down)` is what the difference is divided by."""
    slopes = np.zeros(image.shape[:2])
    for place in np.ndindex(slopes.shape):
        nudge = np.zeros_like(image)
        nudge[place] = STEP
        up, down = np.clip(image + nudge, 0, 1), np.clip(image - nudge, 0, 1)
        after, before = ask([up, down])[:, target]
        slopes[place] = (after - before) / far(up, down)
    return slopes


def field_mistakes(layers):
    """What the usual mistakes make of a list of layers."""
    sizes, strides = np.array(layers).T
    return {
        "The stride is not used: after a pooling, neighbours in the map lie further apart in the picture.": (
            fields_of(layers, jumps=False)
        ),
        "Only the last stride is used. The strides of all layers before multiply.": fields_of(
            layers, last=True
        ),
        "A filter of size k widens the field by k − 1 steps, not by k.": fields_of(layers, less=0),
        "The stride of a layer counts too early: it moves apart the places of the NEXT layer.": (
            fields_of(layers, early=True)
        ),
        "These are the sizes multiplied. A second 3×3 filter adds one pixel on each side; it does not see 9×9.": (
            np.cumprod(sizes)
        ),
        "The strides multiplied say how far apart neighbours are, not how much they see.": np.cumprod(
            strides
        ),
        "These are the sizes added up. A filter of size 3 widens the field by 2, not by 3.": np.cumsum(sizes),
        "This is how much each layer adds. A unit sees all that the layers before it see, too.": (
            np.diff(fields_of(layers), prepend=1)
        ),
        "It begins at 0. Before the first layer a place sees one pixel, itself.": np.array(fields_of(layers))
        - 1,
    }
