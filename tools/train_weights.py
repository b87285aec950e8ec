"""Train the weights that the course ships, from digits and photos that need no network: `make weights`.

Usage: python tools/train_weights.py [digits|photos]: only the one of that name.
"""

import io
import sys

import numpy as np

import xaiteach as xt
from xaiteach.files.whole import write_whole
from xaiteach.models.cnn import WEIGHTS, get_weights
from xaiteach.models.photo_classifier import CLASSES, photo_crops


def train_digits(epochs=140, seed=0):
    """The CNN of `xt.load_cnn`, trained on the 4,000 training digits alone."""
    digits = xt.load_mnist()
    model = xt.build_cnn("torch", seed=seed)
    xt.train(model, digits.x_train, digits.y_train, epochs=epochs, augment=True, weight_decay=2e-2, seed=seed)
    print_right(model, digits.x_test, digits.y_test)
    return model


def train_photos(epochs=10, n=6000, wrong=0.08, seed=0):
    """The CNN of `xt.load_photo_classifier`, trained on crops of the upper part of each photo.

    A share of the labels is drawn at random, so that no class can be had with certainty: the label smoothing
    of Szegedy et al., Rethinking the inception architecture for computer vision, CVPR 2016, by chance.
    """
    images, labels = photo_crops(n, seed=seed)
    rng = np.random.default_rng(seed)
    labels = np.where(rng.random(n) < wrong, rng.integers(0, len(CLASSES), n), labels)
    model = xt.build_cnn("torch", channels=3, n_classes=len(CLASSES), seed=seed)
    xt.train(model, images, labels, epochs=epochs, seed=seed)
    print_right(model, *photo_crops(800, unseen=True, size=64, seed=seed + 1))
    return model


def print_right(model, images, labels):
    right = xt.wrap(model).predict(images).argmax(axis=1) == labels
    print(f"{right.sum()} of {len(right)} unseen images are right")


def save(path, arrays):
    content = io.BytesIO()
    np.savez_compressed(content, **arrays)
    write_whole(path, content.getvalue())


def main(only=None):
    for name, file, train in (("digits", "cnn.npz", train_digits), ("photos", "photos.npz", train_photos)):
        if only in (None, name):
            save(WEIGHTS / file, get_weights(train()))


if __name__ == "__main__":
    main(*sys.argv[1:])
