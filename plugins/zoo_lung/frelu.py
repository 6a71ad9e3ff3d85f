"""FReLU (Ma, Zhang and Sun 2020): max(x, T(x)), T a depthwise 3x3 convolution with batch norm.

The maximum is a separate autograd function. If both values are equal, torch.maximum divides the gradient between them,
which takes many passes over the features (benchmarks/blocks.py measures the cost); this function assigns it to x.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn


class _Maximum(torch.autograd.Function):
    """torch.maximum that saves one boolean for each value: which of the two was larger."""

    generate_vmap_rule = True

    @staticmethod
    def forward(x: Tensor, condition: Tensor) -> Tensor:
        return torch.maximum(x, condition)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, Tensor], output: Tensor) -> None:  # noqa: ARG004
        x, condition = inputs
        ctx.save_for_backward(condition > x)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor]:
        (larger,) = ctx.saved_tensors
        of_condition = gradient * larger
        return gradient - of_condition, of_condition


class FReLU(nn.Module):
    """A ReLU whose threshold is not zero but computed from the neighborhood."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, padding=1, groups=channels, bias=False)
        self.bn = nn.BatchNorm2d(channels)

    def forward(self, x: Tensor) -> Tensor:
        condition: Tensor = self.bn(self.conv(x))
        if torch.is_grad_enabled():
            return _Maximum.apply(x, condition)  # type: ignore[no-any-return]
        return torch.maximum(x, condition)
