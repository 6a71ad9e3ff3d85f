"""What run.yaml says of a made-up training."""

from __future__ import annotations

from typing import Any

from zoo.config.recipe import Recipe
from zoo.config.train_config import TrainConfig
from zoo.runs.run_record import Resolved, RunRecord
from zoo.spec import Preprocessing


def run_record(model: str = "resnet20", **changes: Any) -> RunRecord:
    """The record of a run that has just begun."""
    resolved = Resolved(
        recipe=Recipe(name="modern", summary=""),
        model_options={"depth": 20},
        data_options={},
        preprocessing=Preprocessing(height=32, width=32),
        device="cpu",
        precision="float32",
        layout="channels_last",
        computing="on the CPU",
        processes=1,
    )
    facts: dict[str, Any] = {
        "status": "running",
        "started": "2026-01-01T00:00:00+00:00",
        "config": TrainConfig.from_keywords(model, {"data": "folder", "root": "Größe: 5 µm"}),
        "resolved": resolved,
        "code": {"histozoo": "0.1.0"},
        "data": {"name": "tiles", "fingerprint": "a1b2"},
        "split": {"unit": "patient"},
        "split_digest": "0123",
        "unreadable": {"dark/03.png": "is not an image"},
    }
    return RunRecord(**{**facts, **changes})
