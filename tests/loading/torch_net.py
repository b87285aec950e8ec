"""A small PyTorch network, and a pickle that does something when it is opened."""

from pathlib import Path

import torch
from torch import nn

SIDE = 12


class Evil:
    """What a pickle does when it is opened."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (Path(self.path),)


class Net(nn.Module):
    """A residual step, a join, operations that change their input in place, and a softmax at the end."""

    def __init__(self):
        super().__init__()
        self.conv, self.more = nn.Conv2d(3, 4, 3, padding=1), nn.Conv2d(4, 4, 3, padding=1, groups=2)
        self.norm, self.relu = nn.BatchNorm2d(4), nn.ReLU(inplace=True)
        self.drop, self.linear = nn.Dropout(), nn.Linear(8, 3)

    def forward(self, x):
        x = self.relu(self.norm(self.conv(x)))
        x = torch.cat([*(x + self.more(x)).chunk(2, 1), x], 1)
        return self.linear(self.drop(x.mean((2, 3)))).softmax(1)


def trained():
    """The network with running means that matter, in eval mode."""
    torch.manual_seed(0)
    net = Net()
    net.norm.running_mean.uniform_()
    net.norm.running_var.uniform_(0.5, 2)
    return net.eval()
