"""Whether all weights are finite. On a GPU the answer is computed while training goes on, and read some steps later."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.utils import get_total_norm


class FiniteWeights:
    """The parameters and buffers of a network that are finite when training begins, and must stay so."""

    def __init__(self, network: nn.Module) -> None:
        """Watch a network's tensors, except for those that are not finite from the start, such as a mask."""
        named = [*network.named_parameters(), *network.named_buffers()]
        self._tensors = {
            name: tensor.detach() for name, tensor in named if tensor.is_floating_point() and _is_finite(tensor)
        }

    @torch.no_grad()
    def norm(self) -> Tensor:
        """Return the norm of all tensors together, on their device; it is not finite if any value is not.

        It is not finite either if the sum of squares is too large for a float, so `nonfinite` decides.
        """
        return get_total_norm(self._tensors.values()).float()

    def nonfinite(self) -> list[str]:
        """Return the names of the tensors with NaN or infinity, waiting for the device."""
        return [name for name, tensor in self._tensors.items() if not _is_finite(tensor)]


def _is_finite(tensor: Tensor) -> bool:
    """Whether all values are finite; the sum answers that ten times faster, unless it overflows."""
    return bool(torch.isfinite(tensor.sum())) or bool(torch.isfinite(tensor).all())
