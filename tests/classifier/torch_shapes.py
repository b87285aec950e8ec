"""PyTorch modules of many shapes; `SHAPES` says the last with a grid that feeds the score, and its size."""

import torch
import torch.nn.functional as F
import torchvision
from torch import nn
from torch_glass import Module


def conv(filters=4, *, channels=3, **options):
    return nn.Conv2d(channels, filters, 3, padding=1, **options)


def head(features=4):
    return [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(features, 3)]


def flat(features=None):
    return [nn.Flatten()] if features is None else [nn.Flatten(), nn.Linear(features, 3)]


def seq(*parts):
    return nn.Sequential(*parts)


def residual():
    def call(m, x):
        x = m.stem(x)
        return m.head(m.after(x + m.two(F.relu(m.one(x)))))

    parts = {"stem": conv(stride=2), "one": conv(channels=4), "two": conv(channels=4)}
    return Module(call, **parts, after=nn.ReLU(inplace=True), head=seq(*head()))


def auxiliary_branch(join=False, frozen=False):
    """Its branch is called last; what that gives is kept aside, or added where it can't be followed."""

    def call(m, x):
        x = m.trunk(x)
        score, aside = m.head(x), m.branch_head(m.branch(x.detach() if frozen else x))
        return score + aside.detach() if join else score

    parts = {"trunk": conv(stride=2), "head": seq(*head()), "branch": conv(channels=4)}
    model = Module(call, **parts, branch_head=seq(*head()))
    model.branch.requires_grad_(not frozen)
    return model


def two_branches():
    def call(m, x):
        left, right = m.left(x), m.shrink(m.right(x))
        return m.linear(torch.cat([left.mean((2, 3)), right.mean((2, 3))], dim=1))

    return Module(call, left=conv(), right=conv(), shrink=nn.MaxPool2d(2), linear=nn.Linear(8, 3))


def reused():
    call = lambda m, x: m.head(m.same(m.pool(m.same(x))))  # noqa: E731
    return Module(call, same=conv(3), pool=nn.MaxPool2d(2), head=seq(*head(3)))


def squeeze_and_excite():
    def call(m, x):
        maps = m.stem(x)
        return m.head(maps * m.weight(maps))

    weight = seq(nn.AdaptiveAvgPool2d(1), nn.Conv2d(4, 4, 1), nn.Sigmoid())
    return Module(call, stem=conv(), weight=weight, head=seq(*head()))


def two_results():
    """A layer with two results has no feature maps to speak of."""
    split = Module(lambda m, x: (x, 2 * x), unused=nn.Identity())
    return Module(lambda m, x: m.head(sum(m.split(m.stem(x)))), stem=conv(), split=split, head=seq(*head()))


LARGE = {
    "resnet18": (lambda: torchvision.models.resnet18(weights=None, num_classes=3), "layer4", (2, 2, 512)),
}

SHAPES = {
    "convolution, GAP": (lambda: seq(conv(), conv(5, channels=4, stride=2), *head(5)), "1", (8, 8, 5)),
    "convolution, pool, flatten": (lambda: seq(conv(), nn.MaxPool2d(2), *flat(256)), "1", (8, 8, 4)),
    "ReLU and dropout": (lambda: seq(conv(), nn.ReLU(True), nn.Dropout2d(), *head()), "2", (16, 16, 4)),
    "1×1 grid at the end": (lambda: seq(conv(), *head()[:1], nn.Conv2d(4, 3, 1), *flat()), "0", (16, 16, 4)),
    "nested": (lambda: seq(seq(conv(), seq(conv(2, channels=4))), *head(2)), "0", (16, 16, 2)),
    "residual": (residual, "after", (8, 8, 4)),
    "an auxiliary branch called last": (auxiliary_branch, "trunk", (8, 8, 4)),
    "an auxiliary branch, detached": (lambda: auxiliary_branch(join=True), "trunk", (8, 8, 4)),
    "an auxiliary branch, frozen": (lambda: auxiliary_branch(frozen=True), "trunk", (8, 8, 4)),
    "two branches that both feed the score": (two_branches, "shrink", (8, 8, 4)),
    "a layer called twice": (reused, "same", (8, 8, 3)),
    "squeeze and excite": (squeeze_and_excite, "stem", (16, 16, 4)),
    "a layer with two results": (two_results, "stem", (16, 16, 4)),
    "made a grid": (lambda: seq(*flat(), nn.Unflatten(1, (1, 12, 64)), *flat(768)), "1", (12, 64, 1)),
}
