"""PyTorch modules one can see through (`glass`), of every build, and with every head."""

import torch
import torch.nn.functional as F
from glass import BIASES, WEIGHTS, H, K, W
from torch import nn

NAMES = ["conv", "relu", "flatten", "linear"]


def conv():
    layer = nn.Conv2d(1, 1, 1, bias=False)
    nn.init.ones_(layer.weight)
    return layer


def linear():
    layer = nn.Linear(H * W, K)
    layer.weight.data, layer.bias.data = torch.tensor(WEIGHTS.T).contiguous(), torch.tensor(BIASES)
    return layer


def see(inplace=False):
    """The parts: a convolution and a ReLU that change nothing, and the linear layer."""
    return [conv(), nn.ReLU(inplace), nn.Flatten(), linear()]


def sequential(*end):
    return nn.Sequential(*see(), *end)


class Module(nn.Module):
    """The parts under their names, or other parts, called by a function of the module and its input."""

    def __init__(self, call, inplace=False, **parts):
        super().__init__()
        for name, part in (parts or dict(zip(NAMES, see(inplace), strict=True))).items():
            self.add_module(name, part)
        self.call = call

    def forward(self, x):
        return self.call(self, x)


def plain(m, x):
    return m.linear(m.flatten(m.relu(m.conv(x))))


def overwrites_its_maps(m, x):
    maps = m.conv(x)
    kept = maps.clone()
    maps.mul_(0)
    return m.linear(kept.flatten(1))


def viewed():
    """Two maps, each of them half of the picture, in rows by `.view`, which wants channels first."""
    model = Module(lambda m, x: m.linear(m.conv(x).view(len(x), -1)), conv=nn.Conv2d(1, 2, 1, bias=False))
    nn.init.constant_(model.conv.weight, 0.5)
    model.linear = linear()
    model.linear.weight.data = model.linear.weight.data.repeat(1, 2)
    return model


def only_buffers():
    """Weights that are no parameters, in double precision, after a whole number."""
    model = Module(lambda m, x: m.relu(x).flatten(1) @ m.weight.T + torch.tensor(BIASES), relu=nn.ReLU())
    model.register_buffer("counter", torch.zeros((), dtype=torch.long))
    model.register_buffer("weight", torch.tensor(WEIGHTS.T, dtype=torch.float64))
    return model


def squashed(squash):
    """A function at the end, not a module."""
    return Module(lambda m, x: squash(m.body(x)), body=sequential())


def noisy():
    """In train mode: it would give something else at each call, and move its running mean."""
    quiet = lambda: [nn.Dropout(0.5), nn.Dropout2d(0.5)]  # noqa: E731
    first, *rest = see()
    return nn.Sequential(*quiet(), first, nn.BatchNorm2d(1, eps=0), *quiet(), *rest).train()


def lazy():
    """Its parameters are made at the first call; hooks set them to those on paper."""
    model = nn.Sequential(nn.LazyConv2d(1, 1, bias=False), nn.ReLU(), nn.Flatten(), nn.LazyLinear(K))
    for layer, source in ((model[0], conv()), (model[3], linear())):
        layer.register_forward_pre_hook(
            lambda layer, _, source=source: layer.load_state_dict(source.state_dict()) and None
        )
    return model


BUILDS = {
    "Sequential": sequential,
    "functional ops": lambda: Module(lambda m, x: m.linear(torch.flatten(F.relu(m.conv(x)), 1))),
    "reused in-place ReLU": lambda: Module(lambda m, x: plain(m, m.relu(m.conv(m.relu(x)))), inplace=True),
    "maps overwritten by the model": lambda: Module(overwrites_its_maps),
    "train mode, with dropout and batch normalisation": noisy,
    "frozen": lambda: sequential().requires_grad_(False),
    "double precision": lambda: sequential().double(),
    "weights in buffers": only_buffers,
    "parameters made at the first call": lazy,
}

HEADS = {
    "nn.Softmax": ("softmax", lambda: sequential(nn.Softmax(dim=1))),
    "nn.LogSoftmax": ("log_softmax", lambda: sequential(nn.LogSoftmax(dim=-1))),
    "nn.Sigmoid": ("sigmoid", lambda: sequential(nn.Sigmoid())),
    "F.softmax": ("softmax", lambda: squashed(lambda x: F.softmax(x, dim=1))),
    "torch.softmax(input=)": ("softmax", lambda: squashed(lambda x: torch.softmax(input=x, dim=1))),
    "x.softmax": ("softmax", lambda: squashed(lambda x: x.softmax(-1))),
    "torch.special.softmax": ("softmax", lambda: squashed(lambda x: torch.special.softmax(x, 1))),
    "F.log_softmax": ("log_softmax", lambda: squashed(lambda x: F.log_softmax(x, dim=1))),
    "torch.sigmoid": ("sigmoid", lambda: squashed(torch.sigmoid)),
    "torch.special.expit": ("sigmoid", lambda: squashed(torch.special.expit)),
}
