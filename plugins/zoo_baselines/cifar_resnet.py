"""The residual networks for CIFAR-10 of He et al. (2016, section 4.2): ResNet-20, -32, -56 and -110.

Guo 2024 compares attention modules with them. Departure from He et al.: where the shape changes, the shortcut is a 1x1
convolution with batch norm, not padding with zeros.
"""

from __future__ import annotations

from torch import nn

from zoo.nn import SmallResNet


def build(num_outputs: int, *, depth: int) -> nn.Module:
    """Return the network with fresh weights."""
    return SmallResNet(num_outputs, depth=depth)
