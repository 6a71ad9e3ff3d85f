"""A GPU whose memory is full is one clear error, and costs nothing but the steps since the last checkpoint."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from tests.installed_packages import Answer
from tests.training.killed_trainings import Result
from zoo import create_model, resume, train
from zoo.errors import GpuMemoryError
from zoo.runs import Run

TORCHS = (
    "CUDA out of memory. Tried to allocate 512.00 MiB. GPU 0 has a total capacity of 79.11 GiB of which 31.00 MiB is "
    "free. Including non-PyTorch memory, this process has 78.00 GiB memory in use."
)


class FullLinear(nn.Linear):
    """Fails as on a full GPU when it is called with a whole batch for the n-th time in training."""

    left = 1_000_000

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002
        if len(input) == 8 and self.training:
            FullLinear.left -= 1
        if FullLinear.left < 0:
            raise torch.OutOfMemoryError(TORCHS)
        return super().forward(input)


@pytest.fixture
def full_after(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Makes the memory full after so many steps."""
    monkeypatch.setattr("zoo.nn.small_resnet.nn.Linear", FullLinear)
    return lambda steps: setattr(FullLinear, "left", steps)


def test_a_full_gpu_ends_a_training_with_what_to_change_and_the_run_is_resumed_to_the_same_bits(
    quick: dict[str, Any], trained: Run, full_after: Callable[[int], None], tmp_path: Path
) -> None:
    full_after(4)
    with pytest.raises(GpuMemoryError) as caught:
        train("resnet20", out=tmp_path / "run", save_every=0, **quick)
    text = str(caught.value)
    assert "full in epoch 2, step 2 of 3 (512.00 MiB more were needed, 31.00 MiB of 79.11 GiB are free)" in text
    assert "--batch-size (now 8)" in text
    assert "now 32x32" in text
    assert f"zoo train --resume {tmp_path / 'run'}" in text
    run = Run.open(tmp_path / "run")
    assert run.record.status == "failed"
    assert run.record.error is not None
    assert "the memory of the GPU is full" in run.record.error
    full_after(1_000_000)
    assert Result.of_run(resume(run)) == Result.of_run(trained)


def test_a_gpu_that_is_full_in_the_trial_of_a_network_is_no_mistake_of_its_plugin(
    quick: dict[str, Any], full_after: Callable[[int], None], tmp_path: Path
) -> None:
    full_after(-1)
    with pytest.raises(GpuMemoryError, match="before the training, with the network and two images of 32x32"):
        train("resnet20", out=tmp_path / "run", **quick)
    assert not (tmp_path / "run").exists()


def test_a_full_gpu_in_a_prediction_says_how_large_the_batch_was(
    full_after: Callable[[int], None], tiles: Path, tmp_path: Path
) -> None:
    full_after(1_000_000)
    classifier = create_model("resnet20")
    full_after(-1)
    images = sorted(tiles.rglob("*.png"))[:5]
    with pytest.raises(
        GpuMemoryError, match=r"full with a batch of 4 images .*\n  give a smaller batch_size \(now 4\)"
    ):
        classifier.predict(images, batch_size=4)


def test_the_command_says_that_the_gpu_is_full_without_a_traceback(
    trained: Run, tiles: Path, full_after: Callable[[int], None], command: Callable[..., Answer]
) -> None:
    full_after(-1)
    answer = command("predict", trained.path, tiles / "dark", "--device", "cpu")
    assert answer.status == 1
    assert "Traceback" not in answer.err
    assert "error: the memory of the GPU is full with a batch of 20 images" in answer.err
    assert "--batch-size" in answer.err
