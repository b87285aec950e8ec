"""Classifiers of NumPy, what checkers try an answer on: there at once, whichever framework a learner uses."""

import numpy as np

from xaiteach.classifier.base import Classifier
from xaiteach.models.cnn import EPSILON, FILTERS, POOL_AFTER, WEIGHTS, read_arrays


def of_images(ask):
    """The same function of images (N, H, W, C), that takes lists too, and refuses other shapes."""

    def asked(images):
        images = np.asarray(images)
        if images.ndim != 4:
            given = f"the model was asked with shape {images.shape}"
            raise ValueError(f"{given}; want (N, H, W, C). For one image: `image[None]`.")
        return ask(images)

    return asked


class PaperNetwork(Classifier):
    """Scores V·ReLU(W·x + b) + c of one image of `shape`, weights drawn by `seed`: all is known on paper.

    Attributes:
        W, b, V, c: (pixels, units), (units,), (units, K), (K,).
    """

    def __init__(self, shape=(6, 6, 1), units=12, classes=3, seed=0):
        super().__init__(self, input_shape=shape, outputs="scores")
        draw = np.random.default_rng(seed).normal
        pixels = int(np.prod(shape))
        self.W, self.b = draw(size=(pixels, units)) / np.sqrt(pixels), draw(size=units) / 4
        self.V, self.c = draw(size=(units, classes)), draw(size=classes) / 4

    def _hidden(self, part):
        return part.reshape(len(part), -1) @ self.W + self.b

    def _forward(self, part):
        return (np.maximum(self._hidden(part), 0) @ self.V + self.c).astype(np.float32), None

    def _gradient(self, part, weights):
        passed = (self._hidden(part) > 0)[:, None] * (weights @ self.V.T)
        return (passed @ self.W.T).reshape(*weights.shape[:2], *part.shape[1:]).astype(np.float32)


class PaperCNN(Classifier):
    """The course's trained CNN: "cnn" for digits, "photos" for the eight photos.

    Attributes:
        W, b: (units, K) and (K,), the linear layer at its end.
    """

    def __init__(self, name="cnn"):
        super().__init__(self, outputs="scores")
        arrays = read_arrays(WEIGHTS / f"{name}.npz")
        self.W, self.b = arrays["scores.weight"].T, arrays["scores.bias"]
        self._layers = []
        for i in range(1, len(FILTERS) + 1):  # a convolution with its batch normalisation is a convolution
            scale = arrays[f"norm{i}.weight"] / np.sqrt(arrays[f"norm{i}.running_var"] + EPSILON)
            kernel = arrays[f"conv{i}.weight"].transpose(2, 3, 1, 0) * scale
            self._layers.append((kernel, arrays[f"norm{i}.bias"] - arrays[f"norm{i}.running_mean"] * scale))

    def feature_maps(self, images):
        """What the last ReLU gives, (N, H/4, W/4, units)."""
        for i, (kernel, bias) in enumerate(self._layers):
            images = np.maximum(_convolve(images, kernel) + bias, 0)
            if i in POOL_AFTER:
                images = _halve(images)
        return images

    def _forward(self, part):
        return (self.feature_maps(part).mean(axis=(1, 2)) @ self.W + self.b).astype(np.float32), None


def _convolve(images, kernel):
    """A 3×3 convolution with zeros around, (N, H, W, in) → (N, H, W, out)."""
    padded = np.pad(images, [(0, 0), (1, 1), (1, 1), (0, 0)])
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(1, 2))
    return np.tensordot(windows, kernel.transpose(2, 0, 1, 3), 3)


def _halve(maps):
    """The mean of each block of 2×2; a last odd row or column is left out."""
    n, h, w, f = maps.shape
    return maps[:, : h // 2 * 2, : w // 2 * 2].reshape(n, h // 2, 2, w // 2, 2, f).mean(axis=(2, 4))
