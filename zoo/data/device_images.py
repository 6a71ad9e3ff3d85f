"""Images by index, as tensors on the training device."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from zoo.data.pixels.prepare import Pixels

AT_ONCE = 256
"""Images read in one go while all of them are brought to the device."""


class DeviceImages:
    """Reads from the store, or from the device's own memory where all images lie there."""

    def __init__(self, pixels: Pixels, device: torch.device, *, resident: bool = False) -> None:
        self._pixels, self._device = pixels, device
        self._all = self._brought() if resident else None

    def take(self, indices: Sequence[int] | np.ndarray) -> Tensor:
        """N x 3 x height x width of 8-bit values."""
        if self._all is not None:
            chosen = torch.as_tensor(np.asarray(indices, dtype=np.int64))
            return self._all[chosen.to(self._device, non_blocking=True)].permute(0, 3, 1, 2)
        return self._moved(self._pixels.read(indices)).permute(0, 3, 1, 2)

    def _moved(self, rows: np.ndarray) -> Tensor:
        """On the device, without waiting for it to arrive there."""
        tensor = torch.from_numpy(rows)
        if self._device.type == "cuda":
            tensor = tensor.pin_memory()
        return tensor.to(self._device, non_blocking=True)

    def _brought(self) -> Tensor:
        count = len(self._pixels)
        parts = [range(start, min(start + AT_ONCE, count)) for start in range(0, count, AT_ONCE)]
        return torch.cat([self._moved(self._pixels.read(part)) for part in parts])
