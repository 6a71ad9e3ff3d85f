"""Images as tensors on the training device, read from the store or from the device's own memory."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from zoo.data.pixels.prepare import Pixels

CHUNK = 256
"""How many images are read at once while all of them are copied to the device."""


class DeviceImages:
    """The images of a data set as tensors on a device.

    Args:
        pixels: The decoded images.
        device: The device.
        resident: Copy all images to the memory of the device, and not only those that are taken.
    """

    def __init__(self, pixels: Pixels, device: torch.device, *, resident: bool = False) -> None:
        self._pixels, self._device = pixels, device
        self._all = self._copy_all() if resident else None

    def take(self, indices: Sequence[int] | np.ndarray) -> Tensor:
        """Return the images with these indices as N x 3 x height x width of 8-bit values."""
        if self._all is not None:
            selection = torch.as_tensor(np.asarray(indices, dtype=np.int64))
            return self._all[selection.to(self._device, non_blocking=True)].permute(0, 3, 1, 2)
        return self._to_device(self._pixels.read(indices)).permute(0, 3, 1, 2)

    def _to_device(self, rows: np.ndarray) -> Tensor:
        """Copy rows to the device without waiting for the copy to finish."""
        tensor = torch.from_numpy(rows)
        if self._device.type == "cuda":
            tensor = tensor.pin_memory()
        return tensor.to(self._device, non_blocking=True)

    def _copy_all(self) -> Tensor:
        """Return all images on the device."""
        count = len(self._pixels)
        parts = [range(start, min(start + CHUNK, count)) for start in range(0, count, CHUNK)]
        return torch.cat([self._to_device(self._pixels.read(part)) for part in parts])
