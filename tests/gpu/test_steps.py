"""Steps of training in bfloat16 and channels_last, as a training on a GPU takes them."""

from __future__ import annotations

import math

import pytest
import torch

from tests.gpu.trained_weights import train_by_hand
from zoo.device import choose_compute

pytestmark = pytest.mark.gpu
STEPS = 20


@pytest.mark.parametrize(("name", "side"), [("resnet50", 64), ("cbam20", 64), ("dinov2_vits14", 56)])
def test_the_loss_falls_in_bfloat16_and_channels_last(name: str, side: int, gpu_device: torch.device) -> None:
    compute = choose_compute(str(gpu_device), "bfloat16", "channels_last")
    losses, weights = train_by_hand(name, compute, size=(side, side), steps=STEPS, images=8)
    assert all(math.isfinite(loss) for loss in losses)
    assert losses[-1] < 0.8 * losses[0]
    assert all(tensor.isfinite().all() for tensor in weights.values())
    assert {tensor.dtype for tensor in weights.values()} <= {torch.float32, torch.int64}


def test_a_gpu_of_today_trains_in_bfloat16_by_default(gpu_only: torch.device) -> None:
    compute = choose_compute(str(gpu_only))
    assert compute.bfloat16 == (torch.cuda.get_device_capability(gpu_only) >= (8, 0))
    assert compute.channels_last
