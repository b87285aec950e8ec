"""Where a layer's numbers are from: channels last, tokens with some set aside, attention, bare tables."""

import numpy as np
import pytest
import torch
import torchvision
from numpy.testing import assert_allclose
from torch import nn
from torch_glass import Module
from torch_vits import ViT

import xaiteach as xt


def noise(height, width):
    return np.random.default_rng(0).random((height, width, 3), np.float32)


def by_hand(model, image, layer, target):
    """A layer's output for one image and the gradient of a score to it, by hooks and autograd."""
    kept = []
    handle = layer.register_forward_hook(lambda module, inputs, output: kept.append(output))
    score = model(torch.tensor(image).permute(2, 0, 1)[None])[0, target]
    handle.remove()
    gradient = torch.autograd.grad(score, kept[-1])[0]
    return kept[-1].detach().numpy(), gradient.numpy()


VITS = {
    "class token": ((64, 64), {"aside": 1}, "blocks.1.norm"),
    "class token and 4 registers, not square": ((64, 96), {"aside": 5}, "blocks.1.norm"),
    "mean of all": ((96, 64), {"aside": 0, "of_mean": True}, "last"),
    "long patches": ((64, 64), {"aside": 1, "patch": (16, 8)}, "blocks.1.norm"),
    "class token and 8 registers": ((64, 64), {"aside": 9}, "blocks.1.norm"),
    "very long patches": ((64, 64), {"aside": 0, "of_mean": True, "patch": (16, 4)}, "last"),
    "strips": ((64, 64), {"aside": 1, "patch": (64, 4)}, "blocks.1.norm"),
    "as many features as tokens": ((64, 64), {"aside": 0, "of_mean": True, "width": 64}, "last"),
    "tokens before the batch": ((64, 64), {"aside": 1, "tokens_first": True}, "blocks.layers.0"),
}


@pytest.mark.parametrize(("size", "options", "layer"), VITS.values(), ids=VITS)
def test_tokens_are_put_back_into_their_grid_and_grad_cam_is_that_by_hand(size, options, layer):
    """In the last layer whose tokens still feed the score."""
    torch.manual_seed(0)
    patch = np.broadcast_to(options.get("patch", 8), 2)
    grid = tuple(int(side) for side in size // patch)
    model, image = ViT(grid[0] * grid[1], **options).eval(), noise(*size)
    found = xt.wrap(model).find_layer(image[None], None)
    assert found.name == layer and found.shape == (*grid, options.get("width", 16))
    output, gradient = by_hand(model, image, model.get_submodule(layer), 1)
    if options.get("tokens_first"):
        output, gradient = output.swapaxes(0, 1), gradient.swapaxes(0, 1)
    aside = options["aside"]
    assert not aside or abs(gradient[0, aside:]).max() > 0
    cam = output[0, aside:] @ gradient[0, aside:].mean(axis=0)
    assert_allclose(
        xt.grad_cam(model, image, 1, relu=False, resize=False), cam.reshape(grid), atol=1e-5, rtol=1e-4
    )


def test_layers_inside_of_attention_are_not_taken_though_they_have_a_grid():
    """The query, key and value of the last block are called after its norm, and feed the score."""
    classifier = xt.wrap(ViT(64, aside=1))
    calls = {call.name: call for call in classifier.layer_calls(noise(64, 64)[None])}
    assert calls["blocks.1.mix.qkv"].inside and calls["blocks.1.mix.qkv"].feeds_score
    assert not calls["blocks.1.mix"].inside and not calls["blocks.1.norm"].inside
    assert not calls["blocks.1"].feeds_score, "its class token does alone"


def test_what_replaces_the_grid_leaves_the_tokens_aside_as_they_are():
    torch.manual_seed(0)
    model, image = ViT(64, aside=5).eval(), noise(64, 64)
    classifier = xt.wrap(model)
    call = classifier.find_layer(image[None], "patches")
    call_of_tokens = classifier.find_layer(image[None], "blocks.0")
    for each in (call, call_of_tokens):
        maps = classifier.activations(image[None], each.name)
        assert_allclose(
            classifier.scores_inside(image[None], maps, each), classifier.scores(image[None]), atol=1e-5
        )
        assert (
            abs(classifier.scores_inside(image[None], 0 * maps, each) - classifier.scores(image[None])).max()
            > 1e-3
        )


def test_a_layer_with_its_channels_last_is_read_so_and_channels_first_if_it_is_not():
    """A convolution, then the same with axes moved and normed: the same map."""
    torch.manual_seed(0)
    call = lambda m, x: m.head(m.norm(m.conv(x).permute(0, 2, 3, 1)).mean((1, 2)))  # noqa: E731
    model = Module(call, conv=nn.Conv2d(3, 8, 4, 4), norm=nn.LayerNorm(8), head=nn.Linear(8, 3)).eval()
    image = noise(32, 32)
    image[:8] = 0
    output, gradient = by_hand(model, image, model.norm, 0)
    cam = output[0] @ gradient[0].mean(axis=(0, 1))
    assert_allclose(xt.grad_cam(model, image, 0, relu=False, resize=False), cam, atol=1e-6)
    maps = xt.activation_maps(model, image, "conv")
    assert_allclose(maps, by_hand(model, image, model.conv, 0)[0][0].transpose(1, 2, 0), atol=1e-6)


def test_a_layer_whose_columns_come_first_is_turned_back():
    torch.manual_seed(0)
    call = lambda m, x: m.head(m.turned(m.conv(x).transpose(2, 3)).mean((2, 3)))  # noqa: E731
    model = Module(call, conv=nn.Conv2d(3, 6, 4, 4), turned=nn.Identity(), head=nn.Linear(6, 3)).eval()
    conv, turned = (xt.activation_maps(model, noise(32, 64), layer) for layer in ("conv", "turned"))
    assert_allclose(turned, conv)


def test_as_many_features_as_tokens_are_not_taken_for_them():
    torch.manual_seed(0)
    call = lambda m, x: m.head(m.turned(m.conv(x).flatten(2)).mean(2))  # noqa: E731
    model = Module(call, conv=nn.Conv2d(3, 64, 8, 8), turned=nn.Identity(), head=nn.Linear(64, 3)).eval()
    conv, turned = (xt.activation_maps(model, noise(64, 64), layer) for layer in ("conv", "turned"))
    assert_allclose(turned, conv)


@pytest.mark.parametrize("layer", ["features.7", "norm", "permute"])
def test_the_last_layers_of_swin_are_2_by_2_whichever_axis_their_channels_are(layer):
    maps = xt.activation_maps(torchvision.models.swin_t(weights=None), noise(64, 64), layer)
    assert maps.shape == (2, 2, 768)


def test_what_makes_weights_is_no_layer():
    """A table made by a module, the same for each picture, and a parametrised kernel."""

    def call(m, x):
        bias = m.table(torch.ones(1, 3, 6, 6)).mean()
        return m.head(m.conv(x).mean((2, 3))) + bias

    parts = {"table": nn.Conv2d(3, 3, 1), "conv": nn.Conv2d(3, 4, 3), "head": nn.Linear(4, 2)}
    model = Module(call, **parts).eval()
    nn.utils.parametrizations.weight_norm(model.conv)
    classifier = xt.wrap(model, input_shape=(16, 16, 3))
    assert classifier.layers == ["conv", "head"]


def test_a_model_that_takes_one_image_only_shows_its_layers():
    torch.manual_seed(0)
    call = lambda m, x: m.head(m.conv(x).reshape(1, -1))  # noqa: E731
    model = Module(call, conv=nn.Conv2d(3, 4, 3, 2), head=nn.Linear(4 * 49, 3)).eval()
    images = np.stack([noise(16, 16), noise(16, 16) / 2])
    maps = xt.grad_cam(model, images, 0, relu=False, resize=False)
    for image, cam in zip(images, maps, strict=True):
        output, gradient = by_hand(model, image, model.conv, 0)
        assert_allclose(cam, np.einsum("fhw,f->hw", output[0], gradient[0].mean((1, 2))), atol=1e-6)


def test_a_head_that_was_zero_when_it_was_first_asked_is_looked_at_again():
    model, image = ViT(64, aside=1).eval(), noise(64, 64)
    nn.init.zeros_(model.head.weight)
    classifier = xt.wrap(model)
    classifier.find_layer(image[None], None)
    nn.init.normal_(model.head.weight)
    assert classifier.find_layer(image[None], None).name == "blocks.1.norm"


def module(call, **parts):
    torch.manual_seed(0)
    return Module(
        call, conv=nn.Conv2d(3, 8, 8, 8), norm=nn.LayerNorm(8), head=nn.Linear(8, 3), **parts
    ).eval()


def tokens(x):
    return x.flatten(2).transpose(1, 2)


def test_tokens_set_aside_may_stand_at_both_ends():
    def call(m, x):
        x = m.norm(nn.functional.pad(tokens(m.conv(x)), (0, 0, 2, 1)))
        return m.head(x.mean(1))

    grid = xt.wrap(module(call)).find_layer(noise(64, 64)[None], "norm").grid
    assert grid == ((0, 1), (8, 8), 2)


UNTOLD = {
    "columns of tokens": lambda m, x: m.head(m.norm(tokens(m.conv(x).transpose(2, 3))).mean(1)),
    "mirrored": lambda m, x: m.head((m.conv(x).relu() + m.conv(x.flip(3)).relu()).mean((2, 3))),
    "cut out": lambda m, x: m.head(m.last(m.conv(x)[:, :, :, 2:]).mean((2, 3))),
}


@pytest.mark.parametrize("call", UNTOLD.values(), ids=list(UNTOLD))
def test_where_late_layers_see_is_not_made_up(call):
    model = module(call, last=nn.Conv2d(8, 8, 1))
    with pytest.raises(ValueError, match="can't be told. Say an earlier layer, layer= one of conv"):
        xt.grad_cam(model, noise(64, 64), 0)


def test_a_grid_that_is_fine_one_way_only_is_the_framework_s():
    model = nn.Sequential(nn.Conv2d(1, 32, (64, 4), 4), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    assert xt.grad_cam(model.eval(), noise(64, 64)[..., :1], 1, resize=False).shape == (1, 16)


GATES = {
    "one map": lambda m, x: (m.gate(x).sigmoid() * x).sum(1),
    "weights that sum to 1": lambda m, x: (m.gates(x).softmax(1).mean(2, keepdim=True) * x).sum(1),
}


@pytest.mark.parametrize("pool", GATES.values(), ids=list(GATES))
def test_what_only_weighs_other_maps_is_not_taken(pool):
    def call(m, x):
        return m.head(pool(m, m.norm(tokens(m.conv(x)))))

    model = module(call, gate=nn.Linear(8, 1), gates=nn.Linear(8, 2))
    assert xt.wrap(model).find_layer(noise(64, 64)[None], None).name == "norm"
