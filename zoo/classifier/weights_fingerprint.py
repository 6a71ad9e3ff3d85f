"""A fingerprint of the weights of a network, which takes no memory: whether they are still the same later."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor
from torch.nn import functional as F

from zoo.classifier.same_weights import precisions_of

PART = 65_536
"""How many numbers are converted and added at once, so that this takes little time and memory."""


class WeightsFingerprint:
    """What tells whether weights have changed: for each tensor its shape, and a sum of the bits of its numbers.

    A change of one number changes that sum, and so does another order. For a network that is converted, there is a sum
    for each precision.

    Args:
        weights: The parameters and buffers of a network.
    """

    def __init__(self, weights: Mapping[str, Tensor]) -> None:
        self._tensors = {
            name: (tensor.shape, {precision: _sum_of_bits(tensor, precision) for precision in precisions_of(tensor)})
            for name, tensor in weights.items()
        }

    def is_of(self, weights: Mapping[str, Tensor]) -> bool:
        """Return whether these are the same weights, wherever they are and in whatever precision."""
        return weights.keys() == self._tensors.keys() and all(map(self._is_of, weights, weights.values()))

    def _is_of(self, name: str, tensor: Tensor) -> bool:
        """Return whether a tensor is the one of this name, or what is left of that in a lower precision."""
        shape, sums = self._tensors[name]
        return tensor.shape == shape and any(
            _fits(tensor, precision) and _sum_of_bits(tensor, precision) == found for precision, found in sums.items()
        )


def _fits(tensor: Tensor, precision: torch.dtype) -> bool:
    """Return whether no number of a tensor is rounded in a precision."""
    return tensor.dtype == precision or torch.allclose(
        tensor.to(precision).to(tensor.dtype), tensor, rtol=0, atol=0, equal_nan=True
    )


def _sum_of_bits(tensor: Tensor, precision: torch.dtype) -> int:
    """Return a sum of the bits of a tensor, as whole numbers of 64 bits with odd weights; 0 if it has no memory."""
    if tensor.is_meta:
        return 0
    total = torch.zeros((), dtype=torch.int64, device=tensor.device)
    odd = torch.arange(1, 2 * min(PART, max(1, tensor.numel())), 2, device=tensor.device)
    for part in torch.split(tensor.detach().flatten(), PART):
        octets = part.to(precision).view(torch.uint8)
        bits = F.pad(octets, (0, -len(octets) % 8)).view(torch.int64)
        total = 31 * total + (bits * odd[: len(bits)]).sum()
    return int(total)
