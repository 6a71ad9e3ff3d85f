"""A GPU whose memory is really full: one clear error, and a run that can be resumed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from tests.gpu.python_process import PythonProcess
from zoo.runs import Run

pytestmark = pytest.mark.gpu
LIMIT = 1_300_000_000
"""The bytes that the training may use: enough for two images, and not for its batch."""
CODE = """
import torch
from zoo.cli import main
total = torch.cuda.get_device_properties(0).total_memory
torch.cuda.set_per_process_memory_fraction(settings["limit"] / total)
main(settings["words"])
"""


def test_a_batch_that_does_not_fit_is_one_clear_error_and_the_run_can_be_resumed(
    on_gpu: dict[str, Any], gpu_only: torch.device, python: PythonProcess, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    size = ["--height=256", "--width=256", "--batch-size=16", "--epochs=1", "--precision=float32"]
    words = ["train", "cbam20", "--data=folder", f"--root={on_gpu['root']}", f"--out={out}", "--device=cuda", *size]
    failed = python.run(CODE, {"words": words, "limit": LIMIT})
    assert failed.status == 1, failed.err
    assert "Traceback" not in failed.err
    assert "error: the memory of the GPU is full in " in failed.err, failed.err
    assert "--batch-size (now 16)" in failed.err
    assert "--precision bfloat16" in failed.err
    assert Run.open(out).record.status == "failed"
    resumed = python.command("-m", "zoo", "train", "--resume", str(out))
    assert resumed.status == 0, resumed.err
    assert Run.open(out).record.status == "finished"


def test_memory_is_free_again_after_the_error(gpu_only: torch.device) -> None:
    """In a notebook, the next attempt with a smaller batch must not fail because of the one before."""
    from zoo.errors import GpuMemoryError
    from zoo.gpu_memory import gpu_memory_errors

    def fill() -> None:
        half = torch.empty(torch.cuda.mem_get_info(gpu_only)[0] // 8, dtype=torch.uint8, device=gpu_only)
        torch.empty(2 * torch.cuda.get_device_properties(gpu_only).total_memory, dtype=torch.uint8, device=gpu_only)
        half.zero_()

    before = torch.cuda.memory_allocated(gpu_only)
    with pytest.raises(GpuMemoryError, match="more were needed"), gpu_memory_errors("in a test"):
        fill()
    assert torch.cuda.memory_allocated(gpu_only) == before
