"""What run.yaml says of a made-up training, and YAML that the zoo never writes."""

from __future__ import annotations

from typing import Any

from zoo.bundle.provenance import PartSizes, TrainingDataset, TrainingSplit
from zoo.config.recipe import Recipe
from zoo.config.train_config import TrainConfig
from zoo.runs.run_record import Resolved, RunRecord
from zoo.spec import Preprocessing


def run_record(model: str = "resnet20", **changes: Any) -> RunRecord:
    """Return the record of a run that has just started."""
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
        "data": TrainingDataset(
            source="folder",
            name="tiles",
            synthetic=False,
            fingerprint="a1b2",
            options={},
            images={"bright": 20, "dark": 20},
            unreadable=1,
        ),
        "split": TrainingSplit(
            unit="patient",
            seed=0,
            fractions=(0.6, 0.1, 0.3),
            folds=None,
            fold=0,
            file=False,
            images=PartSizes(train=24, val=4, test=12),
            patients=PartSizes(train=6, val=1, test=3),
            identical=None,
            leak=None,
        ),
        "split_digest": "0123",
        "unreadable": {"dark/03.png": "is not an image"},
    }
    return RunRecord(**{**facts, **changes})


BOMB = "".join(f"- &l{n} [{', '.join([f'*l{n - 1}' if n else 'x'] * 10)}]\n" for n in range(12))
"""A list that would have 10^12 texts if it were written out."""
STRANGE_YAML = (
    "status: !!timestamp x\n",
    "status: !!bool x\n",
    "status: 2024-99-99\n",
    f"status: {'9' * 5000}\n",
    f"status: {'[' * 5000}\n",
    f"format:\n{BOMB}",
    f"{BOMB}",
)
"""Documents that PyYAML reads with an error of another kind, or whose values fill the memory when they are quoted."""
