"""The ViT that Liu 2023 compares with: 51,375,106 parameters.

That is neither ViT-B nor ViT-L but a plain pre-norm transformer for 224 pixels: patches of 16, one linear projection
without norms, a class token, 197 learned positions, width 1024, depth 6, 16 heads of 64, an MLP of 2048, no bias in
query, key and value, a last norm, Linear(1024 -> 2). No public weights have this shape.

Readings: width, depth, heads and MLP are those of the example in the README of lucidrains/vit-pytorch, so its dropout
of 0.1 is used as well (option `dropout`). For images of another size the position embedding is resampled.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from zoo.nn import check_image_size, resample_bicubic

PATCH = 16
GRID = 14
WIDTH = 1024
DEPTH = 6
HEADS = 16
MLP = 2048


class Attention(nn.Module):
    """Multi-head self-attention."""

    def __init__(self) -> None:
        super().__init__()
        self.qkv = nn.Linear(WIDTH, 3 * WIDTH, bias=False)
        self.out = nn.Linear(WIDTH, WIDTH)

    def forward(self, x: Tensor) -> Tensor:
        images, tokens, _ = x.shape
        query, key, value = self.qkv(x).reshape(images, tokens, 3, HEADS, -1).permute(2, 0, 3, 1, 4)
        attended = F.scaled_dot_product_attention(query, key, value)
        out: Tensor = self.out(attended.transpose(1, 2).flatten(2))
        return out


class Block(nn.Module):
    """A pre-norm transformer block: attention and an MLP, each added to its input."""

    def __init__(self, *, dropout: float) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(WIDTH)
        self.attention = Attention()
        self.norm2 = nn.LayerNorm(WIDTH)
        self.mlp = nn.Sequential(nn.Linear(WIDTH, MLP), nn.GELU(), nn.Dropout(dropout), nn.Linear(MLP, WIDTH))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.dropout(self.attention(self.norm1(x)))
        y: Tensor = x + self.dropout(self.mlp(self.norm2(x)))
        return y


def resample_positions(positions: Tensor, rows: int, columns: int) -> Tensor:
    """Return the position embedding of the class token and of another grid of patches."""
    if (rows, columns) == (GRID, GRID):
        return positions
    grid = positions[:, 1:].transpose(1, 2).reshape(1, WIDTH, GRID, GRID)
    grid = resample_bicubic(grid, (rows, columns))
    return torch.cat([positions[:, :1], grid.flatten(2).transpose(1, 2)], dim=1)


class ViT(nn.Module):
    """Patches with a class token and positions, six blocks, the last norm of the class token, one linear layer."""

    def __init__(self, num_outputs: int, *, dropout: float) -> None:
        super().__init__()
        self.project = nn.Linear(3 * PATCH * PATCH, WIDTH)
        self.token = nn.Parameter(torch.zeros(1, 1, WIDTH))
        self.positions = nn.Parameter(torch.zeros(1, 1 + GRID * GRID, WIDTH))
        self.dropout = nn.Dropout(dropout)
        self.blocks = nn.Sequential(*(Block(dropout=dropout) for _ in range(DEPTH)))
        self.norm = nn.LayerNorm(WIDTH)
        self.fc = nn.Linear(WIDTH, num_outputs)
        nn.init.trunc_normal_(self.token, std=0.02)
        nn.init.trunc_normal_(self.positions, std=0.02)

    def no_weight_decay(self) -> set[str]:
        """Return the names of parameters without weight decay although they have several dimensions, as in timm."""
        return {"token", "positions"}

    def forward(self, x: Tensor) -> Tensor:
        check_image_size(x, multiple_of=PATCH)
        rows, columns = x.shape[2] // PATCH, x.shape[3] // PATCH
        patches = self.project(F.pixel_unshuffle(x, PATCH).flatten(2).transpose(1, 2))
        tokens = torch.cat([self.token.expand(x.shape[0], -1, -1), patches], dim=1)
        tokens = self.blocks(self.dropout(tokens + resample_positions(self.positions, rows, columns)))
        logits: Tensor = self.fc(self.norm(tokens[:, 0]))
        return logits


def build(num_outputs: int, *, dropout: float) -> nn.Module:
    """Return the network with fresh weights."""
    return ViT(num_outputs, dropout=dropout)
