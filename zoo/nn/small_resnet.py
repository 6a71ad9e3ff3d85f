"""The small residual network of He et al. (2016, section 4.2), with an optional attention module in every block.

Depth 6n+2: a 3x3 stem, three stages of n basic blocks with 16, 32 and 64 channels, pooling, one linear layer. Where the
shape changes, the shortcut is a 1x1 convolution with batch norm.
"""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor, nn
from torch.nn import functional as F

Attention = Callable[[int], nn.Module]
"""Called with the number of channels; returns a module that maps features to features of the same shape."""

WIDTHS = (16, 32, 64)


class BasicBlock(nn.Module):
    """Two 3x3 convolutions, the attention module, the sum with the shortcut."""

    def __init__(self, inputs: int, width: int, *, stride: int, attention: Attention) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, width, 3, stride=stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.attention = attention(width)
        self.shortcut = nn.Sequential()
        if stride != 1 or inputs != width:
            projection = nn.Conv2d(inputs, width, 1, stride=stride, bias=False)
            self.shortcut = nn.Sequential(projection, nn.BatchNorm2d(width))

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(self.bn1(self.conv1(x)), inplace=True)
        y = self.attention(self.bn2(self.conv2(y)))
        return F.relu(y + self.shortcut(x), inplace=True)


class SmallResNet(nn.Module):
    """A residual network for images of 32 to 96 pixels.

    Args:
        num_outputs: The number of logits.
        depth: The number of layers: 20, 32, 56, 110, or any other 6n+2 from 8.
        attention: A class or function that is called with a number of channels and returns a module that maps
            features to features of the same shape. The module comes after a block's second norm, before the sum with
            the shortcut.

    Examples:
        >>> network = SmallResNet(2, depth=20, attention=ChannelGate)
        >>> network(torch.empty(8, 3, 64, 64)).shape
        torch.Size([8, 2])
    """

    def __init__(self, num_outputs: int, *, depth: int, attention: Attention = lambda _: nn.Identity()) -> None:
        super().__init__()
        if depth < 8 or (depth - 2) % 6:
            raise ValueError(f"depth must be 6n+2 (8, 14, 20, 26, 32, ...), not {depth}")
        if isinstance(attention, nn.Module):
            raise ValueError("attention must be a class or function that is called with a number of channels")
        blocks = (depth - 2) // 6
        self.conv1 = nn.Conv2d(3, WIDTHS[0], 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(WIDTHS[0])
        inputs = WIDTHS[0]
        stages = []
        for width in WIDTHS:
            strides = [1 if width == WIDTHS[0] else 2] + [1] * (blocks - 1)
            stage = []
            for stride in strides:
                stage.append(BasicBlock(inputs, width, stride=stride, attention=attention))
                inputs = width
            stages.append(nn.Sequential(*stage))
        self.layer1, self.layer2, self.layer3 = stages
        self.fc = nn.Linear(WIDTHS[-1], num_outputs)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.bn1(self.conv1(x)), inplace=True)
        x = self.layer3(self.layer2(self.layer1(x)))
        logits: Tensor = self.fc(x.mean(dim=(2, 3)))
        return logits
