"""What each epoch brought."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Epoch:
    """One row of the history."""

    epoch: int
    train_loss: float
    val_loss: float | None
    val_accuracy: float | None
    val_balanced_accuracy: float | None
    lr: float
    images_per_second: float
    seconds: float
    best: bool
    """Whether it was the best so far, by the recipe's measure."""


def append(path: Path, epoch: Epoch) -> None:
    """One more line of JSON."""
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(epoch)) + "\n")
