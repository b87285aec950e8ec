"""Train the weights that the course ships, from the embedded digits: `make weights`."""

import os
import tempfile
from pathlib import Path

import numpy as np

import xaiteach as xt
from xaiteach.models.cnn import WEIGHTS, get_weights


def train_digits(epochs=140, seed=0):
    """The CNN of `xt.load_cnn`, trained on the 4,000 training digits alone."""
    digits = xt.load_mnist()
    model = xt.build_cnn("torch", seed=seed)
    xt.train(model, digits.x_train, digits.y_train, epochs=epochs, augment=True, weight_decay=2e-2, seed=seed)
    right = xt.wrap(model).predict(digits.x_test).argmax(axis=1) == digits.y_test
    print(f"{right.sum()} of {len(right)} unseen digits are right")
    return model


def save(path, arrays):
    """Write the arrays to a temporary file beside `path`, then move it there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".npz", delete=False) as file:
        np.savez_compressed(file, **arrays)
    Path(file.name).chmod(0o644)
    os.replace(file.name, path)


if __name__ == "__main__":
    save(WEIGHTS / "cnn.npz", get_weights(train_digits()))
