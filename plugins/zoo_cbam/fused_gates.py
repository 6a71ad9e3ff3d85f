"""The operations of CBAM as autograd functions: fewer passes over the features, and one memory layout.

x are the features, a (N, C) the channel gate, s (N, 1, H, W) the spatial gate. On a CPU, broadcasting over 16-bit
numbers is ten times slower in the channels_last layout with few channels. There a broadcast is written as a matrix
product, C channels by P positions, which also puts the channels first for their maximum. The result is the same.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F


def image_pools(x: Tensor) -> tuple[Tensor, Tensor]:
    """Return the maximum and the mean of every channel over the image: (N, C) each."""
    with _no_autocast(x):
        largest, mean, _ = _ImagePools.apply(x)
    return largest, mean


def channel_pools(x: Tensor, a: Tensor) -> Tensor:
    """Return the maximum and the mean over the channels of a x: (N, 2, H, W)."""
    with _no_autocast(x):
        pools, _ = _ChannelPools.apply(x, a.to(x.dtype))
    return pools  # type: ignore[no-any-return]


def gated(x: Tensor, a: Tensor, s: Tensor) -> Tensor:
    """Return the features scaled by both gates, a s x."""
    with _no_autocast(x):
        return _Gated.apply(x, a.to(x.dtype), s.to(x.dtype))  # type: ignore[no-any-return]


def _no_autocast(x: Tensor) -> AbstractContextManager[object]:
    """Return a context without autocast, which would change the dtype of matrix products; here it stays that of x."""
    kind = x.device.type
    return torch.autocast(kind, enabled=False) if torch.is_autocast_enabled(kind) else nullcontext()


def _as_matrices(x: Tensor) -> bool:
    """Return whether broadcasts are written as matrix products."""
    return x.device.type == "cpu" and x.dtype.itemsize == 2 and x.stride(1) == 1


def _times_both(x: Tensor, a: Tensor, s: Tensor) -> Tensor:
    if _as_matrices(x):
        return (s.flatten(2).mT @ a[:, None]).mT.reshape(x.shape).mul_(x)
    return (x * a[:, :, None, None]).mul_(s)


class _ImagePools(torch.autograd.Function):
    """Maximum and mean over positions; the gradient of the maximum is that of the first position that has it."""

    generate_vmap_rule = True

    @staticmethod
    def forward(x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        largest, place = F.adaptive_max_pool2d(x, 1, return_indices=True)
        if _as_matrices(x):
            ones = x.new_ones(1, 1, x.shape[2] * x.shape[3]).expand(x.shape[0], -1, -1)
            mean = (ones @ x.flatten(2).mT)[:, 0] / ones.shape[2]
        else:
            mean = x.mean(dim=(2, 3))
        return largest.flatten(1), mean, place.flatten(1)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor], output: tuple[Tensor, Tensor, Tensor]) -> None:
        ctx.mark_non_differentiable(output[2])
        ctx.save_for_backward(*inputs, output[2])

    @staticmethod
    def backward(ctx: Any, of_largest: Tensor, of_mean: Tensor, _: Tensor) -> Tensor:
        x, place = ctx.saved_tensors
        images, channels, height, width = x.shape
        gradient = torch.empty_like(x).copy_((of_mean / (height * width))[:, :, None, None])
        image, channel = torch.arange(images, device=x.device)[:, None], torch.arange(channels, device=x.device)
        return gradient.index_put_((image, channel, place // width, place % width), of_largest, accumulate=True)


class _ChannelPools(torch.autograd.Function):
    """Maximum and mean over the channels of y = a x; the channels that have the maximum share its gradient."""

    generate_vmap_rule = True

    @staticmethod
    def forward(x: Tensor, a: Tensor) -> tuple[Tensor, Tensor]:
        y = torch.diag_embed(a) @ x.flatten(2) if _as_matrices(x) else (x * a[:, :, None, None]).flatten(2)
        largest = y.amax(dim=1, keepdim=True)
        mean = a[:, None] @ x.flatten(2) / x.shape[1]
        pools = torch.cat([largest, mean], dim=1).reshape(x.shape[0], 2, *x.shape[2:])
        return pools, y.eq_(largest)  # ones and zeros in the dtype of x: multiplying by a boolean mask is slow

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, Tensor], output: tuple[Tensor, Tensor]) -> None:
        ctx.set_materialize_grads(False)  # the second output's gradient would be zeros as large as x
        ctx.mark_non_differentiable(output[1])
        ctx.save_for_backward(*inputs, output[1])

    @staticmethod
    def backward(ctx: Any, of_pools: Tensor | None, _: None) -> tuple[Tensor | None, Tensor | None]:
        if of_pools is None:
            return None, None
        x, a, is_largest = ctx.saved_tensors
        of_largest, of_mean = of_pools.flatten(2).chunk(2, dim=1)
        sharing = torch.ones_like(a)[:, None] @ is_largest
        of_y = (is_largest * (of_largest / sharing)).add_(of_mean / x.shape[1])
        if _as_matrices(x):
            of_a = (of_y @ x.flatten(2).mT).diagonal(dim1=1, dim2=2)
            return (of_y.mT @ torch.diag_embed(a)).mT.reshape(x.shape), of_a
        of_y = of_y.reshape(x.shape)
        return of_y * a[:, :, None, None], (of_y * x).sum(dim=(2, 3))


class _Gated(torch.autograd.Function):
    """y = a s x. With g the gradient of y: dx = a s g; da sums s g x over positions, ds sums a g x over channels."""

    generate_vmap_rule = True

    @staticmethod
    def forward(x: Tensor, a: Tensor, s: Tensor) -> Tensor:
        return _times_both(x, a, s)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, Tensor, Tensor], output: Tensor) -> None:  # noqa: ARG004
        ctx.save_for_backward(*inputs)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        x, a, s = ctx.saved_tensors
        product = (gradient * x).flatten(2)
        of_a = (s.flatten(2) @ product.mT)[:, 0]
        of_s = (a[:, None] @ product).reshape(s.shape)
        return _times_both(gradient, a, s), of_a, of_s
