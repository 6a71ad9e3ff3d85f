"""Images that are kept on the GPU are those that are read from the store."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.training.killed_trainings import Result
from zoo import train
from zoo.data.device_images import CHUNK, DeviceImages

pytestmark = pytest.mark.gpu


class _Pixels:
    """More decoded images than are copied at once."""

    def __init__(self) -> None:
        self._all = np.random.default_rng(0).integers(0, 256, (CHUNK + 40, 12, 10, 3), dtype=np.uint8)

    def __len__(self) -> int:
        return len(self._all)

    def read(self, indices: Any) -> np.ndarray:
        return np.array(self._all[np.asarray(indices)])


def test_resident_images_are_those_of_the_store(gpu_device: torch.device) -> None:
    pixels: Any = _Pixels()
    resident = DeviceImages(pixels, gpu_device, resident=True)
    streamed = DeviceImages(pixels, gpu_device)
    for indices in ([0], [CHUNK + 39, 0, CHUNK, CHUNK - 1, 0], np.arange(len(pixels))[::-1].copy()):
        one, other = resident.take(indices), streamed.take(indices)
        assert one.device.type == other.device.type == gpu_device.type
        assert torch.equal(one, other)
        assert torch.equal(one.cpu(), torch.from_numpy(pixels.read(indices)).permute(0, 3, 1, 2))


def test_training_with_resident_images_gives_the_bits_of_images_from_the_store(
    on_gpu: dict[str, Any], tmp_path: Path
) -> None:
    settings = {**on_gpu, "epochs": 1, "deterministic": True, "augment": ("symmetries", "stain"), "mixing": "cutmix"}
    runs = [train("cbam20", out=tmp_path / f"{choice}", resident=choice, **settings) for choice in ("yes", "no")]
    assert "in memory" in str(runs[0].record.resolved.computing)
    assert Result.of_run(runs[0]) == Result.of_run(runs[1])
