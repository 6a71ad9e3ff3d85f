"""The history of a training: one row for each epoch, in history.jsonl."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from zoo.config.plain import from_plain, plain
from zoo.files import write_text


@dataclass(frozen=True, kw_only=True)
class Epoch:
    """One epoch. All fields but the times depend on data, recipe and seed alone."""

    epoch: int
    """The number of this epoch, counted from 1."""
    epochs: int
    """The number of epochs in the recipe."""
    step: int
    """Steps since training began."""
    images: int
    """Images seen since training began; an image counts each time."""
    train_loss: float
    """The mean loss of the epoch's steps."""
    val_loss: float | None
    val_accuracy: float | None
    val_balanced_accuracy: float | None
    lr: float
    """The learning rate of the epoch's last step."""
    best: bool | None
    """Whether this epoch is the best so far by the recipe's measure; None where the last epoch is kept in any case."""
    images_per_second: float
    """The speed of training, without validation."""
    seconds: float
    """The duration of the epoch, with validation."""
    elapsed: float
    """Seconds since training began, without time that was lost to interruptions."""

    @property
    def line(self) -> str:
        """The line that `zoo train` prints for this epoch; the lines of a training are aligned in columns."""
        of = str(self.epochs)
        parts = [f"epoch {self.epoch:{len(of)}}/{of}", f"train loss {self.train_loss:.3f}"]
        if self.val_loss is not None:
            parts.append(f"val loss {self.val_loss:.3f}")
        if self.val_balanced_accuracy is not None:
            parts.append(f"balanced accuracy {self.val_balanced_accuracy:.3f}")
        return "  ".join([*parts, "best"] if self.best else parts)


def kept_epoch(epochs: Sequence[Epoch]) -> Epoch:
    """Return the epoch whose weights are kept: the best one, or the last where the recipe keeps that."""
    return next((epoch for epoch in reversed(epochs) if epoch.best), epochs[-1])


def read_history(path: Path) -> list[Epoch]:
    """Return the epochs in a history file; a ValueError says what cannot be read."""
    return [from_plain(Epoch, json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]


def append_epoch(path: Path, epoch: Epoch) -> None:
    """Append an epoch to a history file, as a line of JSON."""
    with path.open("a", encoding="utf-8") as file:
        file.write(_line(epoch))


def write_history(path: Path, epochs: Sequence[Epoch]) -> None:
    """Write a history file with these epochs, in the place of any that is there."""
    write_text(path, "".join(map(_line, epochs)))


def _line(epoch: Epoch) -> str:
    """Return an epoch as a line of JSON, which has no NaN: training stops before there is one in the history."""
    return json.dumps(plain(epoch), allow_nan=False) + "\n"
