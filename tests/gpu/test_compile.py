"""A training whose network is compiled."""

from __future__ import annotations

import json
from typing import Any

import pytest
import torch

from tests.gpu.python_process import PythonProcess

pytestmark = pytest.mark.gpu
PRECISION = 2e-2
"""The largest relative difference of a loss: a few units in the last of bfloat16's eight bits."""
CODE = """
import zoo
losses = []
for choice in ("no", "yes"):
    run = zoo.train("resnet20", out=choice, compile=choice, model_options={"depth": 8}, progress=False, **settings)
    rows = [json.loads(line) for line in (run.path / "history.jsonl").read_text().splitlines()]
    losses.append([row["train_loss"] for row in rows])
print(json.dumps(losses))
"""


@pytest.mark.slow
def test_a_compiled_training_has_the_losses_of_one_that_is_not_compiled(
    on_gpu: dict[str, Any], python: PythonProcess
) -> None:
    answer = python.run(CODE, {**on_gpu, "precision": "bfloat16"})
    assert answer.status == 0, answer.err
    plain, compiled = json.loads(answer.out.splitlines()[-1])
    assert len(plain) == on_gpu["epochs"]
    assert compiled == pytest.approx(plain, rel=PRECISION)


def test_a_network_that_is_trained_for_seconds_is_not_compiled(
    on_gpu: dict[str, Any], gpu_only: torch.device, python: PythonProcess
) -> None:
    """However long the first steps take, in which kernels are loaded and chosen."""
    words = ["train", "cbam20", "--data=folder", f"--root={on_gpu['root']}", "--device=cuda"]
    answer = python.command("-m", "zoo", *words, "--height=32", "--width=32", "--batch-size=8", "--epochs=8")
    assert answer.status == 0, answer.err
    assert "not compiling the network: that saves" in answer.err
