"""Heat maps of a few fixed images while a model trains."""

from inspect import signature

import numpy as np

from xaiteach.callbacks.watch import Watch
from xaiteach.figures.panels import arrange
from xaiteach.figures.show import STYLES, check_choice
from xaiteach.figures.words import class_in_words
from xaiteach.images.batch import as_batch
from xaiteach.methods import find_method


class HeatMaps(Watch):
    """What a method says of a few fixed images, epoch by epoch.

    Beside each map stand the class it explains and its probability at that epoch, "4 (98 %)". The predicted
    class may be another one in the next epoch: give `targets` where the maps are to be compared.

    Args:
        images: (N, H, W, C) in [0, 1], or one image.
        method: a name such as "grad_cam", a method such as `xt.lime`, or any function (model, images,
            targets, …) that gives maps (N, H, W) and leaves the global random numbers alone.
        targets: a class, one class an image, None for the predicted class, a pair (4, 9); or "all" or "top3"
            for several maps an image.
        style: of `xt.show`.
        options: of the method; the rest as for every watcher.

    Raises:
        ValueError: in a sentence, for images, a method, an option or a style that does not fit.
    """

    def __init__(
        self, images, method="grad_cam", targets=None, *, every=1, folder=None, tensorboard=None,
        style="overlay", scale=None, **options,
    ):  # fmt: skip
        self.images, self.single = as_batch(images)
        self.method, self.targets = find_method(method), targets
        self.style = check_choice("style", style, STYLES)
        name = getattr(self.method, "__name__", type(self.method).__name__)
        self.options = _quiet(self.method, name, options)
        super().__init__(name, every=every, folder=folder, tensorboard=tensorboard, scale=scale)

    def _look(self, classifier):
        maps = np.asarray(self.method(classifier, self.images, self.targets, **self.options))
        arrange(self.images, maps)  # an error where they do not fit
        return maps, _captions(classifier, self.images, self.targets)

    def _drawn(self, i):
        maps = self._maps[i].reshape(-1, *self.images.shape[1:3])
        maps_an_image = len(maps) // len(self.images)
        return np.repeat(self.images, maps_an_image, axis=0), maps


def _quiet(method, name, options):
    """The options, checked, without a bar in between those of the training."""
    if not {"details", "per_channel"}.isdisjoint(options):
        raise ValueError("A heat map is one number a pixel; leave details and per_channel out.")
    try:
        signature(method).bind(None, None, None, **options)
    except TypeError as error:
        raise ValueError(f"{name} can't be called like this: {error}.") from None
    silent = {"progress": False} if "progress" in signature(method).parameters else {}
    return silent | options


def _captions(classifier, images, targets):
    """The class that each map explains with its probability: "4 (98 %)"; of a pair "4, not 9"."""
    probabilities = classifier.predict(images)
    weights, _ = classifier.target_weights(images, targets)
    names = classifier.class_names or list(map(str, range(classifier.n_classes)))
    captions, outputs = [], classifier.settings["outputs"]
    for targets_of_image, row in zip(weights, probabilities, strict=True):
        captions += [_caption(target, row, names, outputs) for target in targets_of_image]
    return captions


def _caption(target, probabilities, names, outputs):
    most, least = target.argmax(), target.argmin()
    if target[least] < 0:
        return f"{names[most]}, not {names[least]}"
    return class_in_words(names[most], probabilities[most], outputs)
