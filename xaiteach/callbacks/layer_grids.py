"""What a layer sees, and what it looks for, while a model trains."""

from math import ceil, sqrt
from numbers import Integral

import numpy as np

from xaiteach.callbacks.watch import Watch
from xaiteach.classifier.frameworks import framework_of
from xaiteach.classifier.wrap import as_classifier
from xaiteach.figures.words import top_class
from xaiteach.images.batch import as_batch


class Activations(Watch):
    """The feature maps of a layer for a few fixed images, epoch by epoch, side by side in a grid.

    `.maps` are (E, N, F, h, w), of one image without N. Beside each grid stands the predicted class.

    Args:
        images: (N, H, W, C) in [0, 1], or one image.
        layer: name or index; None for the last layer that has a grid and feeds the score.
        where: the rest as for every watcher.
    """

    __doc__ += f"\n{Watch.__doc__.partition(chr(10))[2]}"

    def __init__(self, images, layer=None, **where):
        self.images, self.single = as_batch(images)
        self.layer = _as_name(layer, (str, Integral, type(None)), "a name, an index or None")
        super().__init__("activations" if layer is None else f"activations_of_{layer}", **where)

    def _look(self, classifier):
        maps = classifier.activations(self.images, self.layer)
        return np.moveaxis(maps, -1, 1), top_class(classifier, self.images)

    def _drawn(self, i):
        return None, np.stack([tiled(maps) for maps in self._maps[i]])


class Filters(Watch):
    """The kernels of a convolution, epoch by epoch, side by side in a grid on one scale.

    One scale, so that a kernel of almost nothing looks like that. `.maps` are (E, out, in, h, w). Where there
    are several channels in, a row of the grid is a filter and a column a channel.

    Args:
        layer: name of the convolution.
        where: the rest as for every watcher.
    """

    __doc__ += f"\n{Watch.__doc__.partition(chr(10))[2]}"

    def __init__(self, layer, **where):
        self.layer = _as_name(layer, str, "a name")
        super().__init__(f"filters_of_{layer}", **where)

    def _look(self, classifier):
        return kernels(classifier, self.layer), [self.layer]

    def _drawn(self, i):
        maps = self._maps[i]
        channels = maps.shape[1]
        grid = tiled(maps.reshape(-1, *maps.shape[2:]), channels if channels > 1 else None)
        return None, grid[None]


def tiled(maps, columns=None):
    """Maps (F, h, w) in rows of `columns` (None: about a square) as one (H, W), a line of zeros between."""
    n, height, width = maps.shape
    columns = columns or ceil(sqrt(n))
    rows = ceil(n / columns)
    tiles = np.zeros((rows * columns, height + 1, width + 1), np.float32)
    tiles[:n, :-1, :-1] = maps
    grid = tiles.reshape(rows, columns, height + 1, width + 1).swapaxes(1, 2)
    return grid.reshape(rows * (height + 1), -1)[:-1, :-1]


def kernels(model, name):
    """The kernels (out, in, h, w) of a convolution, in PyTorch's order in either framework.

    Raises:
        ValueError: where no convolution is called like this, naming those that are there.
    """
    classifier = as_classifier(model)
    framework = framework_of(classifier.model)
    grids = {}
    for part, layer in _layers(classifier.model, framework):
        for array in classifier.weights_of(layer):
            if array.ndim == 4:
                grids.setdefault(part, array)
    if name not in grids:
        names = ", ".join(grids) or "none that can be seen"
        raise ValueError(f"No convolution is called {name!r} in this model; it has {names}.")
    return grids[name] if framework == "torch" else grids[name].transpose(3, 2, 0, 1)


def _layers(model, framework):
    """Pairs of a name and a layer."""
    if framework == "torch":
        return model.named_modules()
    return [(layer.name, layer) for layer in model._flatten_layers()] if framework == "keras" else []


def _as_name(layer, kinds, wanted):
    if not isinstance(layer, kinds) or isinstance(layer, bool):
        raise TypeError(
            f"The layer {layer!r} is a {type(layer).__name__}; want {wanted}, see xt.wrap(model).layers."
        )
    return layer
