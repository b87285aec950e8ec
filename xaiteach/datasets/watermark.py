"""Digits with a tag on one class: a short cut for a model to learn, and one knows where it is."""

from typing import NamedTuple

import numpy as np

from xaiteach.datasets.mnist import load_mnist


class Watermarked(NamedTuple):
    """Digits, and a tag on those of one class.

    Attributes:
        x_train, y_train, x_test, y_test: as `xt.load_mnist` has them, tagged.
        x_clean: the test images without any tag.
        tagged_train, tagged_test: (N,) True for the images with a tag.
        mask: (28, 28) True where the tag is.
        strength: brightness of the tag.
        label: the class that is tagged.
    """

    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray
    x_clean: np.ndarray
    tagged_train: np.ndarray
    tagged_test: np.ndarray
    mask: np.ndarray
    strength: float
    label: int

    def paint(self, images):
        """Images with the tag painted in."""
        return np.where(self.mask[..., None], np.maximum(images, np.float32(self.strength)), images)

    def wipe(self, images):
        """Images with black where the tag is."""
        return np.where(self.mask[..., None], np.float32(0), images)


def load_watermarked_digits(label=8, *, place=(1, 1), size=4, strength=1.0, share=1.0, seed=0):
    """The embedded digits, with a bright square on one class, in training and in test.

    A model can learn the tag, and look as good as ever on `x_test`; on `x_clean` one sees what it knows.

    Args:
        label: the class that gets the tag, 0 to 9.
        place: row and column of the tag's upper left pixel.
        size: its side in pixels, or (height, width).
        strength: its brightness, above 0 and at most 1; a brighter stroke below it stays.
        share: of the digits of this class that get it, from 0 to 1.
        seed: which of them.

    Returns:
        `Watermarked(…)`, with `.paint(images)` and `.wipe(images)` to put a tag in and out.

    Raises:
        ValueError: for a class that is none, or a tag that does not fit into the picture.

    Source: the effect, in photos with a photographer's name on all horses: Lapuschkin et al., Unmasking
        Clever Hans predictors and assessing what machines really learn, Nature Communications 2019.
    """
    mask = _mask(place, size)
    if label not in range(10) or not 0 < strength <= 1 or not 0 <= share <= 1:
        given = f"label={label!r}, strength={strength!r}, share={share!r}"
        want = "a class from 0 to 9, a strength above 0 and at most 1, and a share from 0 to 1"
        raise ValueError(f"{given}; want {want}.")
    digits, random = load_mnist(), np.random.default_rng(seed)
    tagged = [_chosen(labels == label, share, random) for labels in (digits.y_train, digits.y_test)]
    data = Watermarked(*digits, digits.x_test.copy(), *tagged, mask, strength, label)
    data.x_train[tagged[0]] = data.paint(data.x_train[tagged[0]])
    data.x_test[tagged[1]] = data.paint(data.x_test[tagged[1]])
    return data


def _chosen(candidates, share, random):
    """A share of the candidates, as a mask."""
    indices = np.flatnonzero(candidates)
    chosen = np.zeros(len(candidates), bool)
    chosen[random.permutation(indices)[: round(share * len(indices))]] = True
    return chosen


def _mask(place, size):
    height, width = (size, size) if np.ndim(size) == 0 else size
    row, column = place
    if min(row, column) < 0 or min(height, width) < 1 or row + height > 28 or column + width > 28:
        raise ValueError(f"A tag of {height}×{width} at {tuple(place)} does not fit into a picture of 28×28.")
    mask = np.zeros((28, 28), bool)
    mask[row : row + height, column : column + width] = True
    return mask
