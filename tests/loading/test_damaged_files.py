"""40 damaged files of each kind: a classifier with finite numbers, or one sentence; nothing left behind."""

import random
import subprocess
import sys
import tempfile

import keras
import numpy as np
import old_keras as old
import pytest
import torch
from known import damaged
from safetensors.torch import save
from torch import nn

import xaiteach as xt
from xaiteach.files.archive import read_zip
from xaiteach.loading import hdf5

pytest.importorskip("resource", reason="Windows copies no processes")
FILES = 40
ENDS = nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(2, 2)
TORCH = nn.Sequential(nn.Conv2d(3, 2, 3), nn.ReLU(), *ENDS).eval()

COPIES = """
import os, resource, sys
import h5py
from xaiteach.loading import hdf5

while size := int.from_bytes(sys.stdin.buffer.read(8), "little"):
    data = sys.stdin.buffer.read(size)
    receiver, sender = os.pipe()
    if os.fork() == 0:
        resource.setrlimit(resource.RLIMIT_CPU, (2, 2))
        hdf5._limit_memory(size)
        with open(sender, "wb") as pipe:
            pipe.write(hdf5.answer_for(data))
        os._exit(0)
    os.close(sender)
    with open(receiver, "rb") as pipe:
        answer = pipe.read()
    answer = b"" if os.wait()[1] else answer
    sys.stdout.buffer.write(len(answer).to_bytes(8, "little") + answer)
    sys.stdout.buffer.flush()
"""


def damaged_inside(data, rng):
    """A zip that is whole, around a damaged file."""
    files = read_zip(data, "zip")
    name = rng.choice([name for name in files if len(files[name]) > 20])
    return old.zipped({**files, name: damaged(files[name], rng)})


def saved(folder, ending):
    """A small model of Keras in a file of its own, as bytes."""
    ends = [keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(2, activation="softmax")]
    path = folder / f"whole{ending}"
    keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Conv2D(2, 3), *ends]).save(path)
    return path.read_bytes()


KINDS = {
    "zip": lambda folder: old.zipped({"keras_model.h5": saved(folder, ".h5"), "labels.txt": old.LABELS}),
    "h5": lambda folder: saved(folder, ".h5"),
    "keras": lambda folder: saved(folder, ".keras"),
    "safetensors": lambda folder: save(TORCH.state_dict()),
}


@pytest.fixture(scope="module")
def ask_quickly():
    """What the program that reads HDF5 does, in copies of a process that has loaded its libraries."""

    def ask(data, seconds):
        process.stdin.write(len(data).to_bytes(8, "little") + data)
        process.stdin.flush()
        answer = process.stdout.read(int.from_bytes(process.stdout.read(8), "little"))
        return answer or None

    command, pipe = [sys.executable, "-c", COPIES], subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe) as process:
        yield ask
        process.stdin.close()


def outcome(path, image):
    """What comes of a file: "predicts", or the sentence."""
    into = nn.Sequential(*TORCH) if path.suffix == ".safetensors" else None
    try:
        classifier = xt.load_model(path, into=into)
        shape = tuple(side or 8 for side in classifier.input_shape or image.shape)
        image = np.resize(image, shape)
        if not _is_finite(classifier.model, image[None]):
            classifier.predict(image)
            raise AssertionError("NaN or infinite values and no sentence")
    except (ValueError, FileNotFoundError, TypeError) as error:
        return str(error)
    return "predicts"


def _is_finite(model, image):
    """Asked of the model itself, since compiling a graph for each file would take minutes."""
    if not isinstance(model, nn.Module):
        return np.isfinite(model(image)).all()
    with torch.no_grad():
        return bool(model(torch.from_numpy(image).permute(0, 3, 1, 2)).isfinite().all())


@pytest.mark.parametrize("kind", KINDS)
def test_a_damaged_file_predicts_or_is_refused_in_a_sentence(kind, ask_quickly, tmp_path, monkeypatch):
    whole, rng = KINDS[kind](tmp_path), random.Random(0)
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(hdf5, "_ask_child", ask_quickly)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    path, image = tmp_path / f"model.{kind}", np.full((8, 8, 3), 0.5, np.float32)
    path.write_bytes(whole)
    assert outcome(path, image) == "predicts"
    found = []
    for i in range(FILES):
        inside = i % 2 and kind in ("zip", "keras")
        path.write_bytes(damaged_inside(whole, rng) if inside else damaged(whole, rng))
        found.append(outcome(path, image))
    sentences = [words for words in found if words != "predicts"]
    assert len(sentences) >= FILES / 4
    for words in sentences:
        assert words.endswith(".") and len(words) < 400, words
        unwanted = ("\n", str(tmp_path), "Traceback", "site-packages", "Arguments received")
        assert not any(part in words for part in unwanted), words
    assert not list((tmp_path / "temporary").iterdir())
