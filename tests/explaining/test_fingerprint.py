"""What an answer depends on: weights with their shapes, how a model was wrapped, versions."""

import keras
import torch
from torch import nn

import xaiteach as xt
from xaiteach.explaining.fingerprint import fingerprint, settings, versions


def zeros(ins, outs):
    layer = nn.Linear(ins, outs, bias=False)
    nn.init.zeros_(layer.weight)
    return layer


def test_weights_of_other_shapes_or_values_have_another_fingerprint():
    first, second, third = zeros(2, 3), zeros(3, 2), zeros(2, 3)
    assert fingerprint(xt.wrap(first)) == fingerprint(xt.wrap(third)) != fingerprint(xt.wrap(second))
    with torch.no_grad():
        third.weight[0, 0] = 1e-7
    assert fingerprint(xt.wrap(first)) != fingerprint(xt.wrap(third))
    assert fingerprint(xt.wrap(lambda images: images)) is None


def test_settings_say_how_the_model_was_wrapped_in_numbers_and_words():
    for preprocess, words in ((None, None), ((0.1, [0.2, 0.3]), [[0.1], [0.2, 0.3]]), (abs, "a function")):
        classifier = xt.wrap(nn.Flatten(), preprocess=preprocess, outputs="scores")
        assert settings(classifier) == {"classes": None, "preprocess": words, "outputs": "scores"}


def test_versions_are_of_the_framework_that_answered():
    assert list(versions(xt.wrap(nn.Flatten()))) == ["xaiteach", "numpy", "torch"]
    assert versions(xt.wrap(keras.layers.Flatten()))["keras"] == keras.__version__
    assert list(versions(xt.wrap(lambda images: images))) == ["xaiteach", "numpy"]


def test_versions_are_told_where_the_package_was_never_installed(monkeypatch):
    """As in the course's own environment, which only knows the folder."""
    installed = {"numpy": "2.0", "torch": "2.15"}
    monkeypatch.setattr("xaiteach.explaining.fingerprint.version", installed.__getitem__)
    found = versions(xt.wrap(xt.build_cnn("torch")))
    assert found == {"xaiteach": xt.__version__, "numpy": "2.0", "torch": "2.15"}
