"""PyTorch modules of many shapes; `SHAPES` says the last with a grid that feeds the score, and its size."""

import torchvision
from torch import nn
from torch.nn import Sequential as seq
from torch_glass import Module


def conv(filters=4, *, channels=3, **options):
    return nn.Conv2d(channels, filters, 3, padding=1, **options)


def head(features=4):
    return [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(features, 3)]


def auxiliary_branch(frozen=False):
    """Its branch is called last, and what that gives is kept aside."""

    def call(m, x):
        x = m.trunk(x)
        m.branch(x.detach() if frozen else x)
        return m.head(x)

    model = Module(call, trunk=conv(stride=2), head=seq(*head()), branch=conv(channels=4))
    model.branch.requires_grad_(not frozen)
    return model


def reused():
    call = lambda m, x: m.head(m.same(m.pool(m.same(x))))  # noqa: E731
    return Module(call, same=conv(3), pool=nn.MaxPool2d(2), head=seq(*head(3)))


def two_results():
    """A layer with two results has no feature maps to speak of."""
    split = Module(lambda m, x: (x, 2 * x), unused=nn.Identity())
    return Module(lambda m, x: m.head(sum(m.split(m.stem(x)))), stem=conv(), split=split, head=seq(*head()))


SHAPES = {
    "convolution, GAP": (lambda: seq(conv(), conv(5, channels=4, stride=2), *head(5)), "1", (8, 8, 5)),
    "ReLU and dropout": (lambda: seq(conv(), nn.ReLU(True), nn.Dropout2d(), *head()), "2", (16, 16, 4)),
    "1×1 grid at the end": (lambda: seq(conv(), nn.AdaptiveAvgPool2d(1), *head()), "0", (16, 16, 4)),
    "nested": (lambda: seq(seq(conv(), seq(conv(2, channels=4))), *head(2)), "0", (16, 16, 2)),
    "an auxiliary branch called last": (auxiliary_branch, "trunk", (8, 8, 4)),
    "an auxiliary branch, frozen": (lambda: auxiliary_branch(frozen=True), "trunk", (8, 8, 4)),
    "a layer called twice": (reused, "same", (8, 8, 3)),
    "resnet18": (lambda: torchvision.models.resnet18(num_classes=3), "layer2", (2, 2, 128)),
    "a layer with two results": (two_results, "stem", (16, 16, 4)),
}
