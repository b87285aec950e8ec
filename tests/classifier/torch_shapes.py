"""PyTorch modules of many shapes; `SHAPES` says the last with a grid that feeds the score, and its size."""

import torch
import torch.nn.functional as F
import torchvision
from torch import nn


def conv(filters=4, *, channels=3, **options):
    return nn.Conv2d(channels, filters, 3, padding=1, **options)


def head(features=4, pool=None):
    return [pool or nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(features, 3)]


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem, self.one, self.two = conv(stride=2), conv(channels=4), conv(channels=4)
        self.after, self.head = nn.ReLU(inplace=True), nn.Sequential(*head())

    def forward(self, x):
        x = self.stem(x)
        return self.head(self.after(x + self.two(F.relu(self.one(x)))))


class AuxiliaryBranch(nn.Module):
    """The branch is called last; its result is kept aside, or added where it can't be followed."""

    def __init__(self, join):
        super().__init__()
        self.trunk, self.head = conv(stride=2), nn.Sequential(*head())
        self.branch, self.branch_head, self.join = conv(channels=4), nn.Sequential(*head()), join

    def forward(self, x):
        x = self.trunk(x)
        score, aside = self.head(x), self.branch_head(self.branch(x))
        return score + aside.detach() if self.join else score


class Frozen(AuxiliaryBranch):
    """The branch can't be followed at all: nothing of it needs a gradient."""

    def __init__(self):
        super().__init__(join=False)
        self.branch.requires_grad_(False)

    def forward(self, x):
        maps = self.trunk(x)
        self.branch(maps.detach())
        return self.head(maps)


class TwoBranches(nn.Module):
    def __init__(self):
        super().__init__()
        self.left, self.right, self.shrink, self.linear = conv(), conv(), nn.MaxPool2d(2), nn.Linear(8, 3)

    def forward(self, x):
        left, right = self.left(x), self.shrink(self.right(x))
        return self.linear(torch.cat([left.mean((2, 3)), right.mean((2, 3))], dim=1))


class Reused(nn.Module):
    def __init__(self):
        super().__init__()
        self.same, self.pool, self.head = conv(3), nn.MaxPool2d(2), nn.Sequential(*head(3))

    def forward(self, x):
        return self.head(self.same(self.pool(self.same(x))))


class SqueezeAndExcite(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem, self.weight = (
            conv(),
            nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(4, 4, 1), nn.Sigmoid()),
        )
        self.head = nn.Sequential(*head())

    def forward(self, x):
        maps = self.stem(x)
        return self.head(maps * self.weight(maps))


class Split(nn.Module):
    """A layer with two results has no feature maps to speak of."""

    def forward(self, x):
        return x, 2 * x


class TwoResults(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem, self.split, self.head = conv(), Split(), nn.Sequential(*head())

    def forward(self, x):
        return self.head(sum(self.split(self.stem(x))))


def sequential(*parts):
    return lambda: nn.Sequential(*parts)


LARGE = {
    "resnet18": (lambda: torchvision.models.resnet18(weights=None, num_classes=3), "layer4", (2, 2, 512)),
}

SHAPES = {
    "convolution, GAP": (sequential(conv(), conv(5, channels=4, stride=2), *head(5)), "1", (8, 8, 5)),
    "convolution, pool, flatten, linear": (
        sequential(conv(), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(256, 3)),
        "2",
        (8, 8, 4),
    ),
    "in-place ReLU and dropout": (
        sequential(conv(), nn.ReLU(inplace=True), nn.Dropout2d(), *head()),
        "2",
        (16, 16, 4),
    ),
    "1×1 grid before the flattening": (
        sequential(conv(), nn.AdaptiveAvgPool2d(1), nn.Conv2d(4, 3, 1), nn.Flatten()),
        "0",
        (16, 16, 4),
    ),
    "nested": (
        sequential(nn.Sequential(conv(), nn.Sequential(conv(2, channels=4), nn.ReLU())), *head(2)),
        "0",
        (16, 16, 2),
    ),
    "residual": (Residual, "after", (8, 8, 4)),
    "an auxiliary branch called last": (lambda: AuxiliaryBranch(join=False), "trunk", (8, 8, 4)),
    "an auxiliary branch, detached": (lambda: AuxiliaryBranch(join=True), "trunk", (8, 8, 4)),
    "an auxiliary branch, frozen": (Frozen, "trunk", (8, 8, 4)),
    "two branches that both feed the score": (TwoBranches, "shrink", (8, 8, 4)),
    "a layer called twice": (Reused, "same", (8, 8, 3)),
    "squeeze and excite": (SqueezeAndExcite, "stem", (16, 16, 4)),
    "a layer with two results": (TwoResults, "stem", (16, 16, 4)),
    "reshaped into a grid": (
        sequential(nn.Flatten(), nn.Unflatten(1, (1, 12, 64)), nn.Flatten(), nn.Linear(768, 3)),
        "1",
        (12, 64, 1),
    ),
}
