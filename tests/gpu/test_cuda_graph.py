"""Steps replayed as a CUDA graph compute what they compute otherwise."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.gpu.trained_weights import differing, weights_of
from tests.training.killed_trainings import Killer, Result
from zoo import train
from zoo.runs import Run

pytestmark = pytest.mark.gpu
Settings = dict[str, Any]
MODELS: list[tuple[str, Settings]] = [
    ("cbam20", {"mixing": "mixup", "averaging": 0.9, "class_weights": "balanced"}),
    ("vit", {"model_options": {"dropout": 0.3}, "loss": "focal"}),
    ("lung_frelu", {"label_smoothing": 0.1, "batch_norm": "train"}),
]


@pytest.fixture
def settings(on_gpu: Settings, gpu_only: torch.device) -> Settings:
    """Long enough for steps to be captured, with deterministic operations: only then do two trainings agree."""
    return {**on_gpu, "deterministic": True, "epochs": 6}


def losses(run: Run) -> list[float]:
    lines = (run.path / "history.jsonl").read_text().splitlines()
    return [json.loads(line)["train_loss"] for line in lines]


@pytest.mark.parametrize(("name", "changes"), MODELS, ids=[name for name, _ in MODELS])
def test_a_training_with_a_cuda_graph_gives_the_same_bits_as_one_without(
    name: str, changes: Settings, settings: Settings, tmp_path: Path
) -> None:
    plain, replayed = (
        train(name, out=tmp_path / choice, cuda_graph=choice, **{**settings, **changes}) for choice in ("no", "yes")
    )
    assert losses(plain) == losses(replayed)
    assert not differing(weights_of(plain), weights_of(replayed))


def test_a_replayed_training_that_is_killed_and_resumed_gives_the_same_bits(
    settings: Settings, cache: Path, tmp_path: Path
) -> None:
    settings = {**settings, "cuda_graph": "yes"}
    whole = train("cbam20", out=tmp_path / "whole", **settings)
    killer = Killer("cbam20", settings, cache, tmp_path / "log")
    assert Result.of_run(killer.run(tmp_path / "run", most=1)) == Result.of_run(whole)


def test_a_training_without_deterministic_operations_is_replayed_and_learns(
    on_gpu: Settings, gpu_only: torch.device, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = train("cbam20", out=tmp_path / "run", **{**on_gpu, "epochs": 8, "progress": True})
    said = capsys.readouterr()
    assert "steps replayed as a CUDA graph" in said.out + said.err
    assert "not replayed" not in said.out + said.err
    found = losses(run)
    assert found[-1] < found[0]
