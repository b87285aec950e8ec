"""PyTorch modules one can see through (`glass`), of every build, and with every head."""

from collections import OrderedDict

import torch
import torch.nn.functional as F
from glass import BIASES, WEIGHTS, H, K, W
from torch import nn


def conv(weight=1.0):
    layer = nn.Conv2d(1, 1, 1, bias=False)
    nn.init.constant_(layer.weight, weight)
    return layer


def linear():
    layer = nn.Linear(H * W, K)
    layer.weight.data, layer.bias.data = torch.tensor(WEIGHTS.T).contiguous(), torch.tensor(BIASES)
    return layer


def see(relu=None):
    """The parts: a convolution and a ReLU that change nothing, and the linear layer."""
    return [conv(), relu or nn.ReLU(), nn.Flatten(), linear()]


def sequential(*end):
    return nn.Sequential(*see(), *end)


class Module(nn.Module):
    """The parts under the names conv, relu, flatten, linear; subclasses call them in their own way."""

    def __init__(self, relu=None):
        super().__init__()
        self.conv, self.relu, self.flatten, self.linear = see(relu)

    def forward(self, x):
        return self.linear(self.flatten(self.relu(self.conv(x))))


class Functional(Module):
    def forward(self, x):
        return self.linear(torch.flatten(F.relu(self.conv(x)), 1))


class Reused(Module):
    def forward(self, x):
        return self.linear(self.flatten(self.relu(self.conv(self.relu(self.conv(self.relu(x)))))))


class OverwritesItsMaps(Module):
    def forward(self, x):
        maps = self.conv(x)
        kept = maps.clone()
        maps.mul_(0)
        return self.linear(kept.flatten(1))


class Residual(Module):
    """Half by the block, half past it."""

    def forward(self, x):
        return self.linear(self.flatten(self.relu(0.5 * self.conv(x) + 0.5 * x)))


class Viewed(nn.Module):
    """Two maps, each of them half of the picture, in rows by `.view`, which wants channels first."""

    def __init__(self):
        super().__init__()
        self.conv, self.linear = nn.Conv2d(1, 2, 1, bias=False), nn.Linear(2 * H * W, K)
        nn.init.constant_(self.conv.weight, 0.5)
        self.linear.weight.data, self.linear.bias.data = (
            linear().weight.data.repeat(1, 2),
            torch.tensor(BIASES),
        )

    def forward(self, x):
        return self.linear(self.conv(x).view(len(x), -1))


class InList(nn.Module):
    def __init__(self):
        super().__init__()
        self.parts = nn.ModuleList(see())

    def forward(self, x):
        for part in self.parts:
            x = part(x)
        return x


class InDict(nn.Module):
    def __init__(self):
        super().__init__()
        self.parts = nn.ModuleDict(zip(["conv", "relu", "flatten", "linear"], see(), strict=True))

    def forward(self, x):
        for part in self.parts.values():
            x = part(x)
        return x


class OnlyBuffers(nn.Module):
    """Weights that are no parameters, in double precision, after a whole number."""

    def __init__(self):
        super().__init__()
        self.relu = nn.ReLU()
        self.register_buffer("counter", torch.zeros((), dtype=torch.long))
        self.register_buffer("weight", torch.tensor(WEIGHTS.T, dtype=torch.float64))

    def forward(self, x):
        return self.relu(x).flatten(1) @ self.weight.T + torch.tensor(BIASES)


class Mean(nn.Module):
    """No parameters at all: the mean of the picture, and its negative."""

    def forward(self, x):
        mean = x.mean(dim=(1, 2, 3))
        return torch.stack([mean, -mean], dim=1)


class Squashed(nn.Module):
    """A function at the end, not a module."""

    def __init__(self, squash):
        super().__init__()
        self.body, self.squash = sequential(), squash

    def forward(self, x):
        return self.squash(self.body(x))


def noisy():
    """In train mode: it would give something else at each call, and move its running mean."""
    quiet = lambda: [nn.Dropout(0.5), nn.Dropout2d(0.5)]  # noqa: E731
    first, *rest = see()
    return nn.Sequential(*quiet(), first, nn.BatchNorm2d(1, eps=0), *quiet(), *rest).train()


def lazy():
    """Its parameters are made at the first call; hooks set them to those on paper."""
    model = nn.Sequential(nn.LazyConv2d(1, 1), nn.ReLU(), nn.Flatten(), nn.LazyLinear(K))
    for layer, source in ((model[0], conv()), (model[3], linear())):
        layer.register_forward_pre_hook(lambda layer, _, source=source: _copy(layer, source))
    return model


def _copy(layer, source):
    with torch.no_grad():
        layer.weight.copy_(source.weight)
        layer.bias.copy_(torch.zeros(1) if source.bias is None else source.bias)


BUILDS = {
    "anonymous layers": sequential,
    "named layers": lambda: nn.Sequential(OrderedDict(zip("abcd", see(), strict=True))),
    "Sequential in Sequential": lambda: nn.Sequential(nn.Sequential(*see()[:2]), nn.Sequential(*see()[2:])),
    "subclassed": Module,
    "functional ops": Functional,
    "in-place ReLU": lambda: Module(nn.ReLU(inplace=True)),
    "reused ReLU": Reused,
    "reused in-place ReLU": lambda: Reused(nn.ReLU(inplace=True)),
    "maps overwritten by the model": OverwritesItsMaps,
    "residual": Residual,
    "layers in a list": InList,
    "layers in a dict": InDict,
    "channels last in memory": lambda: sequential().to(memory_format=torch.channels_last),
    "train mode, with dropout and batch normalisation": noisy,
    "frozen": lambda: sequential().requires_grad_(False),
    "double precision": lambda: sequential().double(),
    "weights in buffers": OnlyBuffers,
    "parameters made at the first call": lazy,
}

HEADS = {
    "nn.Softmax": ("softmax", lambda: sequential(nn.Softmax(dim=1))),
    "nn.LogSoftmax": ("log_softmax", lambda: sequential(nn.LogSoftmax(dim=-1))),
    "nn.Sigmoid": ("sigmoid", lambda: sequential(nn.Sigmoid())),
    "F.softmax": ("softmax", lambda: Squashed(lambda x: F.softmax(x, dim=1))),
    "F.softmax(input=)": ("softmax", lambda: Squashed(lambda x: F.softmax(input=x, dim=1))),
    "torch.softmax(input=)": ("softmax", lambda: Squashed(lambda x: torch.softmax(input=x, dim=1))),
    "x.softmax": ("softmax", lambda: Squashed(lambda x: x.softmax(-1))),
    "torch.special.softmax": ("softmax", lambda: Squashed(lambda x: torch.special.softmax(x, 1))),
    "F.log_softmax": ("log_softmax", lambda: Squashed(lambda x: F.log_softmax(x, dim=1))),
    "torch.sigmoid": ("sigmoid", lambda: Squashed(torch.sigmoid)),
    "torch.special.expit": ("sigmoid", lambda: Squashed(torch.special.expit)),
}
