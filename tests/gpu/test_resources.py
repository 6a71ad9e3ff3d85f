"""The energy and the memory of the GPU that a training used."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from zoo import train
from zoo.training.resources import energy_meter

pytestmark = pytest.mark.gpu
GIGABYTE = 1_000_000_000


def test_a_training_states_its_energy_and_the_memory_of_its_tensors(
    on_gpu: dict[str, Any], gpu_only: torch.device, tmp_path: Path
) -> None:
    pytest.importorskip("pynvml", reason="nvidia-ml-py is not installed")
    larger = torch.zeros(2 * GIGABYTE, dtype=torch.uint8, device=gpu_only)
    del larger  # what was used before is not of this training
    outcome = train("cbam20", out=tmp_path / "run", **on_gpu).record.outcome
    assert outcome is not None
    assert outcome.peak_memory_bytes is not None
    assert 1_000_000 < outcome.peak_memory_bytes < GIGABYTE
    assert outcome.energy_joules is not None
    assert 0 < outcome.energy_joules < 1000 * outcome.seconds + 10_000


def test_the_energy_meter_counts_what_the_gpu_uses(gpu_only: torch.device) -> None:
    pytest.importorskip("pynvml", reason="nvidia-ml-py is not installed")
    meter = energy_meter(gpu_only)
    assert meter is not None, "this GPU does not measure its energy"
    work = torch.randn(4096, 4096, device=gpu_only)
    for _ in range(100):
        work = (work @ work).tanh()
    torch.cuda.synchronize()
    used = meter()
    assert used is not None
    assert used > 1
