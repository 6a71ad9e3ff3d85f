"""The paper's residual block and downsampling block (its figures 5b, 5c and 6)."""

from __future__ import annotations

from collections import OrderedDict

from torch import Tensor, nn

from zoo_lung.attention import ChannelAttention, SpatialAttention, eca_kernel
from zoo_lung.frelu import FReLU

EXPANSION = 4


def activation(channels: int) -> nn.Sequential:
    """Return batch norm and FReLU, which come before a convolution."""
    return nn.Sequential(OrderedDict(bn=nn.BatchNorm2d(channels), frelu=FReLU(channels)))


def depthwise_separable(inputs: int, outputs: int, *, between: bool) -> nn.Sequential:
    """Return a depthwise 3x3 convolution and a 1x1, if `between` is set with batch norm and FReLU between them."""
    parts: OrderedDict[str, nn.Module] = OrderedDict()
    parts["depthwise"] = nn.Conv2d(inputs, inputs, 3, padding=1, groups=inputs, bias=False)
    if between:
        parts["act"] = activation(inputs)
    parts["pointwise"] = nn.Conv2d(inputs, outputs, 1, bias=False)
    return nn.Sequential(parts)


def path_b(inputs: int, outputs: int, *, stride: int) -> nn.Sequential:
    """Return 2x2 average pooling, which rounds the size up as path A does, and a 1x1 convolution."""
    pool = nn.AvgPool2d(2, ceil_mode=True, count_include_pad=False) if stride == 2 else nn.Identity()
    return nn.Sequential(OrderedDict(pool=pool, conv=nn.Conv2d(inputs, outputs, 1, bias=False)))


class ResidualBlock(nn.Module):
    """Path A with its attention modules, plus path B if the block downsamples, or else plus the block's input."""

    def __init__(
        self,
        inputs: int,
        width: int,
        *,
        downsamples: bool,
        stride: int,
        shortcut: str,
        between: bool,
        kernel: int,
    ) -> None:
        super().__init__()
        outputs = EXPANSION * width
        self.act1 = activation(inputs)
        self.conv1 = depthwise_separable(inputs, width, between=between)
        self.act2 = activation(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride=stride, padding=1, bias=False)
        self.act3 = activation(width)
        self.conv3 = depthwise_separable(width, outputs, between=between)
        self.channels = ChannelAttention(kernel=kernel or eca_kernel(outputs))
        self.places = SpatialAttention(outputs)
        self.path_b = path_b(inputs, outputs, stride=stride) if downsamples else None
        self.shortcut = shortcut

    def forward(self, x: Tensor) -> Tensor:
        activated = self.act1(x)
        y = self.conv3(self.act3(self.conv2(self.act2(self.conv1(activated)))))
        y = self.places(self.channels(y))
        if self.path_b is not None:
            x = self.path_b(activated if self.shortcut == "activated" else x)
        summed: Tensor = x + y
        return summed
