"""Pooling and resampling as two matrix products, one along each side, with gradients that are deterministic on a GPU.

The gradients of torch's own functions are sums in any order there, which torch refuses with `--deterministic`.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext

import torch
from torch import Tensor
from torch.nn import functional as F


def adaptive_average(x: Tensor, size: tuple[int, int]) -> Tensor:
    """Return what `adaptive_avg_pool2d` does; features that have the size already are returned as they are.

    Args:
        x: The features, N x channels x height x width.
        size: The height and width to return.

    Examples:
        >>> adaptive_average(torch.empty(1, 512, 10, 8), (7, 7)).shape
        torch.Size([1, 512, 7, 7])
    """
    return _resized(x, size, lambda identity, one_side: F.adaptive_avg_pool2d(identity, one_side))


def resample_bicubic(x: Tensor, size: tuple[int, int]) -> Tensor:
    """Return what `interpolate` does with mode="bicubic" and antialias=True, as for the positions of a transformer.

    Args:
        x: The features, N x channels x height x width.
        size: The height and width to return.

    Examples:
        >>> resample_bicubic(torch.empty(1, 384, 37, 37), (16, 16)).shape
        torch.Size([1, 384, 16, 16])
    """
    return _resized(
        x, size, lambda identity, one_side: F.interpolate(identity, size=one_side, mode="bicubic", antialias=True)
    )


def _resized(x: Tensor, size: tuple[int, int], resize: Callable[[Tensor, tuple[int, int]], Tensor]) -> Tensor:
    """Return features resized along each side with the weights that a function gives the identity matrix."""
    if tuple(x.shape[2:]) == size:
        return x
    kind = x.device.type  # autocast would round the weights; the device "meta" has none
    with torch.autocast(kind, enabled=False) if torch.amp.is_autocast_available(kind) else nullcontext():
        down, across = (_weights(old, new, x.device, resize) for old, new in zip(x.shape[2:], size, strict=True))
        return (down @ x.float() @ across.mT).to(x.dtype)


@torch.no_grad()
def _weights(old: int, new: int, device: torch.device, resize: Callable[[Tensor, tuple[int, int]], Tensor]) -> Tensor:
    """Return how much each of `old` positions counts in each of `new` ones."""
    return resize(torch.eye(old, device=device)[None, None], (new, old))[0, 0]
