"""Runs that are stopped after some epochs, and what their history says should be logged."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.listening import Listener
from zoo import train
from zoo.errors import Interrupted
from zoo.runs import Run

NAMES = ("train_loss", "val_loss", "val_accuracy", "val_balanced_accuracy", "lr", "images_per_second")


def history(run: Run) -> list[dict[str, Any]]:
    """Return the rows of history.jsonl."""
    return [json.loads(line) for line in (run.path / "history.jsonl").read_text().splitlines()]


def expected(run: Run, name: str) -> list[tuple[int, float]]:
    """Return the epochs of the history that have a value of this name, with the value."""
    return [(row["epoch"], pytest.approx(row[name])) for row in history(run) if row[name] is not None]


def stopped_run(out: Path, settings: dict[str, Any], *, after: int = 2, **changes: Any) -> Run:
    """Return a run that was interrupted after some epochs."""
    with pytest.raises(Interrupted):
        train("resnet20", out=out, progress=_Stopper(f"epoch {after}/"), **{**settings, **changes})
    return Run.open(out)


class _Stopper(Listener):
    """Sends SIGTERM to this process when a message begins with certain words."""

    def __init__(self, words: str) -> None:
        super().__init__()
        self.words = words

    def say(self, message: str) -> None:
        super().say(message)
        if message.startswith(self.words):
            signal.raise_signal(signal.SIGTERM)
