"""The last layer with a grid is found by its shape in models of all kinds, any by name, index or object."""

from collections import OrderedDict

import keras
import keras_shapes
import numpy as np
import pytest
import torch
import torch_shapes
from known import build
from numpy.testing import assert_array_equal
from torch import nn
from torch.nn import functional

import xaiteach as xt
from xaiteach.layers.calls import LayerCall, bottlenecks
from xaiteach.layers.grid import Grid

IMAGES = np.random.default_rng(0).random((2, 16, 16, 3)).astype(np.float32)
SHAPES = [*keras_shapes.SHAPES.items(), *torch_shapes.SHAPES.items()]


@pytest.mark.parametrize(("build", "name", "shape"), [pytest.param(*case, id=name) for name, case in SHAPES])
def test_the_last_layer_with_a_grid_that_feeds_the_score_is_found(build, name, shape):
    classifier = xt.wrap(build())
    assert classifier.find_layer(IMAGES, None).name == name
    maps, gradient = classifier.activations(IMAGES, None, [0, 2])
    assert maps.shape == gradient.shape == (2, *shape)
    assert_array_equal(maps, classifier.activations(IMAGES, name))


def small(framework):
    """Two convolutions (the first twice as large) in a container "body", GAP and a linear layer."""
    if framework == "keras":
        body = keras.Sequential([keras_shapes.conv("a"), keras_shapes.conv("b", 5, strides=2)], name="body")
        pool, last = keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(3, name="last")
        return keras.Sequential([keras.Input((16, 16, 3)), body, pool, last])
    body = {"a": torch_shapes.conv(), "b": torch_shapes.conv(5, channels=4, stride=2)}
    pool, flat, last = torch_shapes.head(5)
    parts = {"body": nn.Sequential(OrderedDict(body)), "pool": pool, "flat": flat, "last": last}
    return nn.Sequential(OrderedDict(parts))


@pytest.fixture
def model(framework):
    return small(framework)


@pytest.fixture
def prefix(framework):
    """PyTorch names a layer by its path."""
    return {"keras": "", "torch": "body."}[framework]


@pytest.fixture
def classifier(model):
    return xt.wrap(model)


def test_layers_are_listed_in_the_order_of_their_calls_once_images_were_seen(classifier, prefix):
    classifier.predict(IMAGES)
    assert classifier.layers[:3] == [f"{prefix}a", f"{prefix}b", "body"] and classifier.layers[-1] == "last"


def test_a_layer_is_given_by_name_index_or_itself(classifier, model, prefix, framework):
    """A container is the last layer in it."""
    first = model.layers[0].layers[0] if framework == "keras" else model.body.a
    negative = -len(classifier.layers) if framework == "keras" else -6
    by_name = classifier.activations(IMAGES, f"{prefix}a")
    assert by_name.shape == (2, 16, 16, 4)
    for layer in (0, np.int64(0), negative, first):
        assert_array_equal(classifier.activations(IMAGES, layer), by_name)
    container, last = (classifier.activations(IMAGES, layer) for layer in ("body", f"{prefix}b"))
    assert last.shape == (2, 8, 8, 5)
    assert_array_equal(container, last)


@pytest.mark.parametrize(
    ("layer", "words"),
    [
        ("last", r"Layer last \(3\) has no height and width.*would do: .*a \(16×16×4\), .*b \(8×8×5\), body"),
        ("conv", r"No layer 'conv' is called in this model. It has, for example, .*a \(16×16×4\)"),
        (object(), "No layer <object .* is called in this model"),
        (6, "Layer 6 is out of range; there are [56]: "),
        (-7, "Layer -7 is out of range"),
    ],
)
def test_a_layer_that_will_not_do_is_refused_and_those_that_would_are_named(classifier, layer, words):
    with pytest.raises(ValueError, match=words):
        classifier.activations(IMAGES, layer)


def test_a_model_of_dense_layers_only_is_told_what_to_try_instead(framework):
    dense = build(framework, ["flatten", (np.ones((768, 3)), np.zeros(3))], (16, 16, 3))
    with pytest.raises(ValueError, match="no layer with height and width .* Try saliency, occlusion or lime"):
        xt.wrap(dense).activations(IMAGES, None, 0)


def test_before_any_image_was_seen_the_layers_of_a_torch_module_are_unknown():
    with pytest.raises(ValueError, match=r"predict first, or wrap\(input_shape=\(H, W, C\)\)"):
        xt.wrap(small("torch")).layers  # noqa: B018
    assert xt.wrap(small("torch"), input_shape=(16, 16, 3)).layers[-1] == "last"


def test_a_layer_that_does_not_feed_the_score_shows_its_maps_but_has_no_gradient():
    classifier = xt.wrap(torch_shapes.auxiliary_branch())
    assert classifier.activations(IMAGES, "branch").shape == (2, 8, 8, 4)
    with pytest.raises(ValueError, match=r"does not depend on layer branch .*It does on trunk \(8×8×4\)"):
        classifier.activations(IMAGES, "branch", 0)


@pytest.mark.parametrize(("size", "has_grid"), [((1, 1), False), ((1, 5), True), ((5, 1), True)])
def test_a_single_row_or_column_is_a_grid_and_a_single_place_is_none(size, has_grid):
    grid = Grid((0, 2, 3, 1), size)
    assert LayerCall("layer", None, (*size, 8), grid, feeds_score=True).has_grid is has_grid
    assert not LayerCall("layer", None, (5,), None, feeds_score=True).has_grid


def test_two_layers_of_one_name_are_not_mixed_up():
    parts = [keras.Sequential([keras_shapes.conv("twin", n)]) for n in (2, 5)]
    classifier = xt.wrap(keras_shapes.sequential(*parts, *keras_shapes.head()))
    with pytest.raises(ValueError, match="Several layers are called 'twin'; give the layer itself"):
        classifier.activations(IMAGES, "twin")
    assert classifier.activations(IMAGES, parts[0].layers[0]).shape[-1] == 2


def test_the_grid_follows_the_size_of_the_image(framework):
    """One classifier, two sizes: what was learnt of the first is not used for the second."""
    build = {"keras": lambda: keras.Sequential([keras_shapes.conv("a", strides=2), *keras_shapes.head()])}
    build["torch"] = torch_shapes.SHAPES["convolution, GAP"][0]
    classifier = xt.wrap(build[framework]())
    for side in (8, 16, 12):
        images = IMAGES[:, :side, :side]
        assert classifier.activations(images).shape[1] == side // 2
        assert classifier.find_layer(images, None).shape[:2] == (side // 2, side // 2)


class Branches(nn.Module):
    """A stem, and what two convolutions see of it: added to it, or side by side at the end."""

    def __init__(self, added):
        super().__init__()
        self.stem, self.added = nn.Conv2d(3, 4, 3, padding=1), added
        self.first, self.second = nn.Conv2d(4, 4, 1), nn.Conv2d(4, 4, 1)
        self.head = nn.Linear(4 if added else 8, 2)

    def forward(self, x):
        x = self.stem(x)
        if self.added:
            return self.head((x + self.second(self.first(x).relu())).mean((2, 3)))
        x = functional.max_pool2d(x, 2)
        return self.head(torch.cat([self.first(x).mean((2, 3)), self.second(x).mean((2, 3))], dim=1))


def test_what_comes_past_a_layer_is_not_left_out_where_one_of_its_size_has_all():
    image = np.random.default_rng(0).random((1, 16, 16, 3), np.float32)
    assert xt.wrap(Branches(added=True)).find_layer(image, None).name == "stem"


def test_a_branch_of_several_is_said_to_be_one():
    image = np.random.default_rng(0).random((16, 16, 3), np.float32)
    with pytest.warns(UserWarning, match=r"second \(8×8×4\) is a branch of several"):
        xt.grad_cam(Branches(added=False), image, 0)


def test_bottlenecks_are_the_nodes_that_no_way_leads_past():
    """0 is computed from 1, that from 2 and 3, both of these from 4, and that from the start, 5."""
    sources = {0: [1], 1: [2, 3], 2: [4], 3: [4, 6], 4: [5], 5: [], 6: []}
    assert bottlenecks(0, 5, sources.get) == [5, 4, 1, 0]
    assert bottlenecks(0, 7, sources.get) == []
