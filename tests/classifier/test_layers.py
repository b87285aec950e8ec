"""The last layer with a grid is found by its shape in models of all kinds, any by name, index or object."""

import keras
import keras_shapes
import numpy as np
import pytest
import torch_shapes
from torch import nn

import xaiteach as xt
from xaiteach.classifier.layers import LayerCall

IMAGES = np.random.default_rng(0).random((2, 16, 16, 3)).astype(np.float32)
LARGE_IMAGES = IMAGES.repeat(4, axis=1).repeat(4, axis=2)


def cases():
    tables = (
        (keras_shapes.SHAPES, IMAGES),
        (torch_shapes.SHAPES, IMAGES),
        (torch_shapes.LARGE, LARGE_IMAGES),
    )
    return [pytest.param(*case, images, id=name) for table, images in tables for name, case in table.items()]


@pytest.mark.parametrize(("build", "name", "shape", "images"), cases())
def test_the_last_layer_with_a_grid_that_feeds_the_score_is_found(build, name, shape, images):
    classifier = xt.wrap(build())
    assert classifier.find_layer(images, None).name == name
    maps, gradient = classifier.activations(images, None, [0, 2])
    assert maps.shape == gradient.shape == (2, *shape)
    np.testing.assert_array_equal(maps, classifier.activations(images, name))


def small(framework):
    """Two convolutions (the first twice as large) in a container "body", GAP and a linear layer."""
    if framework == "keras":
        body = keras.Sequential([keras_shapes.conv("a"), keras_shapes.conv("b", 5, strides=2)], name="body")
        return keras.Sequential(
            [
                keras.Input((16, 16, 3)),
                body,
                keras.layers.GlobalAveragePooling2D(),
                keras.layers.Dense(3, name="last"),
            ]
        )
    body = nn.Sequential()
    body.add_module("a", torch_shapes.conv())
    body.add_module("b", torch_shapes.conv(5, channels=4, stride=2))
    model = nn.Sequential()
    for name, part in (("body", body), ("pool", nn.AdaptiveAvgPool2d(1)), ("flat", nn.Flatten())):
        model.add_module(name, part)
    model.add_module("last", nn.Linear(5, 3))
    return model


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


def test_a_layer_can_be_given_by_name_index_negative_index_or_as_itself(classifier, model, prefix, framework):
    first = model.layers[0].layers[0] if framework == "keras" else model.body.a
    negative = -len(classifier.layers) if framework == "keras" else -6
    for layer in (f"{prefix}a", 0, np.int64(0), negative, first):
        np.testing.assert_array_equal(
            classifier.activations(IMAGES, layer), classifier.activations(IMAGES, f"{prefix}a")
        )
    assert classifier.activations(IMAGES, 0).shape == (2, 16, 16, 4)


def test_a_container_is_the_last_layer_in_it(classifier, prefix):
    first, last = (classifier.activations(IMAGES, f"{prefix}{name}") for name in "ab")
    assert first.shape == (2, 16, 16, 4) and last.shape == (2, 8, 8, 5)
    np.testing.assert_array_equal(classifier.activations(IMAGES, "body"), last)


def test_activations_of_one_image_have_no_batch_axis(classifier):
    maps, gradient = classifier.activations(IMAGES[0], "body", "all")
    assert maps.shape == (8, 8, 5) and gradient.shape == (3, 8, 8, 5)
    np.testing.assert_allclose(maps, classifier.activations(IMAGES, "body")[0], atol=1e-6)


@pytest.mark.parametrize("layer", ["last", -1])
def test_a_layer_without_height_and_width_is_refused_and_those_that_would_do_are_named(
    classifier, prefix, layer
):
    others = rf"{prefix}a \(16×16×4\), {prefix}b \(8×8×5\), body"
    with pytest.raises(ValueError, match=rf"Layer last \(3\) has no height and width.*would do: {others}"):
        classifier.activations(IMAGES, layer)


@pytest.mark.parametrize("layer", ["conv", object(), 3.0])
def test_an_unknown_layer_is_refused_and_the_known_are_named(classifier, prefix, layer):
    with pytest.raises(
        ValueError, match=rf"No layer .* is called in this model. Its layers: {prefix}a \(16×16×4\)"
    ):
        classifier.activations(IMAGES, layer)


@pytest.mark.parametrize("index", [6, 99, -99])
def test_an_index_out_of_range_is_refused(classifier, index):
    with pytest.raises(ValueError, match=rf"Layer {index} is out of range; there are [56]: "):
        classifier.activations(IMAGES, index)


def test_an_index_one_below_the_first_is_out_of_range(classifier):
    below = -len(classifier.layers) - 1 if classifier.input_shape else -7
    with pytest.raises(ValueError, match=f"Layer {below} is out of range"):
        classifier.activations(IMAGES, below)


def test_a_model_of_dense_layers_only_is_told_what_to_try_instead(framework):
    dense = {
        "keras": lambda: keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(3)]),
        "torch": lambda: nn.Sequential(nn.Flatten(), nn.Linear(768, 3)),
    }
    with pytest.raises(ValueError, match="no layer with height and width .* Try saliency, occlusion or lime"):
        xt.wrap(dense[framework]()).activations(IMAGES, None, 0)


def test_before_any_image_was_seen_the_layers_of_a_torch_module_are_unknown():
    with pytest.raises(ValueError, match=r"predict first, or wrap\(input_shape=\(H, W, C\)\)"):
        xt.wrap(small("torch")).layers  # noqa: B018
    assert xt.wrap(small("torch"), input_shape=(16, 16, 3)).layers[-1] == "last"


def test_a_layer_that_does_not_feed_the_score_shows_its_maps_but_has_no_gradient():
    classifier = xt.wrap(torch_shapes.AuxiliaryBranch(join=False))
    assert classifier.activations(IMAGES, "branch").shape == (2, 8, 8, 4)
    with pytest.raises(ValueError, match=r"does not depend on layer branch .* would do: trunk \(8×8×4\)"):
        classifier.activations(IMAGES, "branch", 0)


@pytest.mark.parametrize(
    ("shape", "has_grid"), [((1, 1, 8), False), ((1, 5, 8), True), ((5, 1, 8), True), ((5,), False)]
)
def test_a_single_row_or_column_is_a_grid_and_a_single_place_is_none(shape, has_grid):
    assert LayerCall("layer", None, shape, feeds_score=True).has_grid is has_grid


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
