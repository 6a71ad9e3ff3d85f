"""Whether the weights of a network are still those that it began with."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

import torch
from torch import Tensor

PRECISIONS = (torch.bfloat16, torch.float16)
"""The precisions that people convert a network to; afterwards it has rounded weights, also if it is converted back."""


def same_weights(now: Mapping[str, Tensor], before: Mapping[str, Tensor]) -> bool:
    """Return whether all parameters and buffers are the same, wherever they are and in whatever precision.

    Args:
        now: The weights of a network.
        before: The weights that it began with.
    """
    return now.keys() == before.keys() and all(_same(now[name].detach().cpu(), before[name]) for name in now)


def precisions_of(tensor: Tensor) -> tuple[torch.dtype, ...]:
    """Return the precision of a tensor, and those that people convert it to."""
    return tuple(dict.fromkeys((tensor.dtype, *(PRECISIONS if tensor.is_floating_point() else ()))))


def _same(now: Tensor, before: Tensor) -> bool:
    """Return whether a tensor is another one, or what is left of that after it was converted once or twice."""
    if now.shape != before.shape:
        return False
    rounded = (
        before.to(first).to(second).to(now.dtype)
        for first, second in product(precisions_of(before), precisions_of(before))
    )
    return any(torch.allclose(now, one, rtol=0, atol=0, equal_nan=True) for one in rounded)
