"""Every recipe of the page "Your model is a …" runs, on models that stand in for the reader's."""

import re
import sys
from importlib.machinery import ModuleSpec
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image
from test_notebooks import ROOT
from torch import nn

import xaiteach as xt

PAGE = (ROOT / "notebooks" / "your_model_is_a.md").read_text("utf-8")
SECTIONS = PAGE.split("\n## ")[1:]
RECIPES = {part.partition("\n")[0]: re.findall("```python\n(.+?)```", part, re.S) for part in SECTIONS}
LAST = "None of them"
NOT_FETCHED = [("weights=weights", "weights=None"), ('weights="imagenet"', "weights=None")]
NOT_FETCHED += [('weights="DEFAULT"', "weights=None, weights_backbone=None")]


def cnn(channels=3, n_classes=3, *last):
    torch.manual_seed(0)
    layers = [nn.Conv2d(channels, 8, 3, 2), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten()]
    return nn.Sequential(*layers, nn.Linear(8, n_classes), *last)


class WithLogits(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = cnn()
        self.config = SimpleNamespace(id2label={0: "cat", 1: "dog", 2: "rain"})

    def forward(self, images):
        return SimpleNamespace(logits=self.net(images))


class WithAge(nn.Module):
    def __init__(self):
        super().__init__()
        self.net, self.head = cnn(n_classes=8), nn.Linear(10, 3)

    def forward(self, images, numbers):
        return self.head(torch.cat([self.net(images), numbers], dim=1))


MODELS = {
    "A model that gives an object with logits": WithLogits,
    "One sigmoid: yes or no": lambda: cnn(3, 1, nn.Sigmoid()),
    "Several labels at once": lambda: cnn(3, 3, nn.Sigmoid()),
    "Two inputs: a picture and a few numbers": WithAge,
    "Regression": lambda: cnn(n_classes=1),
    "Grey pictures of 16 bits": lambda: cnn(1),
    "Twelve channels": lambda: cnn(12),
}


class Session:
    """What onnxruntime's looks like, with a small network inside."""

    def __init__(self, path):
        self.net = cnn()

    def get_inputs(self):
        return [SimpleNamespace(name="pixels")]

    def run(self, _, inputs):
        with torch.no_grad():
            return [self.net(torch.tensor(inputs["pixels"])).numpy()]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with the files that the recipes read."""
    rng = np.random.default_rng(0)
    Image.fromarray(np.uint8(255 * xt.load_photo("cat", size=224))).save(tmp_path / "photo.jpg")
    Image.fromarray(rng.integers(0, 4096, (64, 64), np.uint16)).save(tmp_path / "scan.png")
    np.save(tmp_path / "satellite.npy", rng.integers(0, 10_000, (64, 64, 12)))
    stand_in = ModuleType("onnxruntime")
    stand_in.InferenceSession, stand_in.__spec__ = Session, ModuleSpec("onnxruntime", None)
    monkeypatch.setitem(sys.modules, "onnxruntime", stand_in)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(nn.init, "zeros_", nn.init.normal_)  # as a transformer's head begins


def test_there_is_a_recipe_of_at_most_ten_lines_for_each_kind():
    assert len(RECIPES) == 14 and RECIPES.pop(LAST) == []
    for (recipe,) in RECIPES.values():
        assert len([line for line in recipe.splitlines() if line]) <= 10
    assert MODELS.keys() <= RECIPES.keys()


@pytest.mark.parametrize("heading", [heading for heading in RECIPES if RECIPES[heading]])
def test_a_recipe_runs_and_its_maps_are_numbers(heading, folder):
    (code,) = RECIPES[heading]
    for fetched, empty in NOT_FETCHED:
        code = code.replace(fetched, empty)
    names = {"model": MODELS[heading]()} if heading in MODELS else {}
    exec(code, names)
    maps = names["why"].maps if "why" in names else {"map": names.get("map", names.get("cam"))}
    for map in maps.values():
        assert np.isfinite(map).all() and map.shape[-2:] in [
            (224, 224),
            (128, 128),
            (96, 96),
            (64, 64),
            (8, 8),
        ]
    if "share" in names:
        assert names["share"].shape == (12,)
