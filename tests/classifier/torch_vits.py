"""Vision transformers as people write them, small."""

import torch
from torch import nn


class SelfAttention(nn.Module):
    """Written out, under a name that does not tell."""

    def __init__(self, width):
        super().__init__()
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)

    def forward(self, x):
        query, key, value = self.qkv(x).chunk(3, dim=-1)
        weights = (query @ key.transpose(1, 2) / 4).softmax(-1)
        return self.out(weights @ value)


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.mix = SelfAttention(width)
        self.mlp = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, 24), nn.GELU(), nn.Linear(24, width))

    def forward(self, x):
        x = x + self.mix(self.norm(x))
        return x + self.mlp(x)


class ViT(nn.Module):
    """Tokens of patches behind some that stand for no place; the score is of the first, or of the mean."""

    def __init__(self, tokens, *, aside, patch=8, of_mean=False, tokens_first=False, width=16):
        super().__init__()
        self.of_mean, self.aside, self.tokens_first = of_mean, aside, tokens_first
        self.patches = nn.Conv2d(3, width, patch, patch)
        self.extra = nn.Parameter(torch.randn(1, aside, width))
        self.places = nn.Parameter(torch.randn(1, aside + tokens, width) / 10)
        if tokens_first:
            layer = nn.TransformerEncoderLayer(width, 2, 24, batch_first=False)
            self.blocks = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        else:
            self.blocks = nn.Sequential(Block(width), Block(width))
        self.last = nn.LayerNorm(width)
        self.head = nn.Linear(width, 3)

    def forward(self, images):
        x = self.patches(images).flatten(2).transpose(1, 2)
        x = torch.cat([self.extra.expand(len(x), -1, -1), x], dim=1) + self.places
        x = x.transpose(0, 1) if self.tokens_first else x
        x = self.last(self.blocks(x))
        x = x.transpose(0, 1) if self.tokens_first else x
        return self.head(x[:, self.aside :].mean(1) if self.of_mean else x[:, 0])
