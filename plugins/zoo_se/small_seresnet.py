"""The SE-ResNet of Guo 2024, depth 20 to 110: squeeze-and-excitation on the residual branch, before the sum.

Readings, as the paper gives neither: reduction 8, and biases in both layers, as in the widely used Keras
implementations.
"""

from __future__ import annotations

from functools import partial

from torch import nn

from zoo.nn import SmallResNet
from zoo_se.squeeze_excitation import SqueezeExcitation


def build(num_outputs: int, *, depth: int, reduction: int) -> nn.Module:
    """Return the network with fresh weights."""
    attention = partial(SqueezeExcitation, reduction=reduction, bias=True)
    return SmallResNet(num_outputs, depth=depth, attention=attention)
