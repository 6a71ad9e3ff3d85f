"""Losses that are read some steps late are those that are read at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from tests.training.killed_trainings import Result
from zoo import train
from zoo.distributed.world import World
from zoo.training import loss_queue
from zoo.training.loss_queue import LossQueue

pytestmark = pytest.mark.gpu
STEPS = 50


def test_each_loss_is_the_one_of_its_step_although_the_gpu_is_behind(gpu_device: torch.device) -> None:
    size = 2048 if gpu_device.type == "cuda" else 64
    queue = LossQueue(gpu_device, World(), lambda _step, _loss: None)
    work = torch.randn(size, size, device=gpu_device)
    values = torch.arange(STEPS, dtype=torch.float32, device=gpu_device)
    read = []
    for step in range(STEPS):
        work = (work @ work).tanh()  # the loss of this step is computed after all of it
        loss = values[step] + 0 * work.sum()
        queue.push(step, loss, norm=torch.ones((), device=gpu_device), stop=False)
        read.append(queue.read())
    late = len(queue)
    rest = queue.read(wait_for_all=True)
    assert late == (loss_queue.DELAY if gpu_device.type == "cuda" else 0)
    assert read[late:] == list(range(STEPS - late))
    assert sum(read) + rest == sum(range(STEPS))


def test_the_history_has_the_losses_that_are_read_at_once(
    on_gpu: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = {**on_gpu, "deterministic": True, "save_every": 0}
    late = train("resnet20", out=tmp_path / "late", **settings)
    monkeypatch.setattr(loss_queue, "DELAY", 0)
    at_once = train("resnet20", out=tmp_path / "at-once", **settings)
    assert Result.of_run(late) == Result.of_run(at_once)
