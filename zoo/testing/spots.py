"""Networks of which it is known where an image has the evidence for each class: spots of two colors in its corners."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

SPOT = 8
"""The height and width of a spot, and of a patch of the network with tokens."""
BRIGHT = 3.0
COLORS = (0, 2)
"""The color channel of each class: red and blue."""
CORNERS = ("top left", "top right", "bottom left", "bottom right")
CORNER_OF = (0, 1)
"""The corner of the spot of each class. No turn or reflection of the image leaves both where they are."""


class SpotNetwork(nn.Module):
    """A network of two classes: the logit of each is how much of its color an image has.

    Args:
        tokens: Whether `layer` returns a token for each patch, after one for the class, as in a transformer.
    """

    def __init__(self, *, tokens: bool) -> None:
        super().__init__()
        self.tokens = tokens
        self.conv = nn.Conv2d(3, len(COLORS), 1)
        self.relu = nn.ReLU()
        self.pool = nn.AvgPool2d(SPOT) if tokens else nn.Identity()
        self.layer = nn.Identity()
        self.fc = nn.Linear(len(COLORS), len(COLORS), bias=False)
        with torch.no_grad():
            self.conv.weight.zero_()
            for row, color in enumerate(COLORS):
                self.conv.weight[row, color] = 1
            self.conv.bias.fill_(-1)  # type: ignore[union-attr]
            self.fc.weight.copy_(torch.eye(len(COLORS)))

    def forward(self, x: Tensor) -> Tensor:
        features = self.pool(self.relu(self.conv(x)))
        if not self.tokens:
            return self.fc(self.layer(features).mean(dim=(2, 3)))  # type: ignore[no-any-return]
        patches = features.flatten(2).transpose(1, 2)
        tokens = self.layer(torch.cat([patches.new_zeros(len(x), 1, len(COLORS)), patches], dim=1))
        return self.fc(tokens[:, 1:].mean(dim=1))  # type: ignore[no-any-return]


def image_with_spots(height: int, width: int) -> Tensor:
    """Return an image of weak noise with a spot of each color, in the corners of CORNER_OF."""
    image = 0.1 * torch.randn((1, 3, height, width), generator=torch.Generator().manual_seed(1))
    for color, corner in zip(COLORS, CORNER_OF, strict=True):
        rows = slice(height - SPOT, height) if corner // 2 else slice(0, SPOT)
        columns = slice(width - SPOT, width) if corner % 2 else slice(0, SPOT)
        image[0, color, rows, columns] = BRIGHT
    return image


def brightest_corner(heat: Tensor, height: int, width: int) -> int | None:
    """Return which quarter of an image has the highest mean in its heat map; None if two are equal."""
    map_ = F.interpolate(heat[None, None].float(), (height, width), mode="bilinear")
    quarters = F.adaptive_avg_pool2d(map_, 2).flatten()
    highest = quarters.max()
    return int(quarters.argmax()) if (quarters >= highest - 1e-6).sum() == 1 else None
