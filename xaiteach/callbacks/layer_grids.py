"""What a layer sees, and what it looks for, while a model trains."""

from math import ceil, sqrt

import numpy as np
from skimage.util import montage

from xaiteach.callbacks.watch import Watch
from xaiteach.classifier.frameworks import framework_of
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

    def __init__(self, images, layer=None, **where):
        self.images, self.single = as_batch(images)
        self.layer = layer
        super().__init__("activations" if layer is None else f"activations_of_{layer}", **where)

    def _look(self, classifier):
        maps = classifier.activations(self.images, self.layer)
        return np.moveaxis(maps, -1, 1), top_class(classifier, self.images)

    def _drawn(self, i):
        return None, np.stack([tiled(maps) for maps in self._maps[i]])


class Filters(Watch):
    """The kernels of a convolution, epoch by epoch, side by side in a grid on one scale.

    `.maps` are (E, out, in, h, w). Of several channels a row of the grid is a filter, a column a channel.

    Args:
        layer: name of the convolution.
        where: the rest as for every watcher.
    """

    def __init__(self, layer, **where):
        self.layer = layer
        super().__init__(f"filters_of_{layer}", **where)

    def _look(self, classifier):
        return _kernels(classifier, self.layer), [self.layer]

    def _drawn(self, i):
        maps = self._maps[i]
        channels = maps.shape[1]
        columns = channels if channels > 1 else None
        return None, tiled(maps.reshape(-1, *maps.shape[2:]), columns)[None]


def tiled(maps, columns=None):
    """Maps (F, h, w) in rows of `columns` (None: about a square) as one (H, W), a line of zeros between."""
    columns = columns or ceil(sqrt(len(maps)))
    rows = ceil(len(maps) / columns)
    return montage(maps, fill=0, padding_width=1, grid_shape=(rows, columns))[1:-1, 1:-1]


def _kernels(classifier, name):
    """The kernels (out, in, h, w) of a convolution, in PyTorch's order in either framework."""
    model = classifier.model
    in_torch = framework_of(model) == "torch"
    if in_torch:
        layers = model.named_modules()
    else:
        layers = [(layer.name, layer) for layer in getattr(model, "_flatten_layers", list)()]
    grids = {}
    for part, layer in layers:
        for array in classifier.weights_of(layer):
            if array.ndim == 4:
                grids.setdefault(part, array)
    if name not in grids:
        names = ", ".join(grids) or "none that can be seen"
        raise ValueError(f"No convolution is called {name!r} in this model; it has {names}.")
    return grids[name] if in_torch else grids[name].transpose(3, 2, 0, 1)
