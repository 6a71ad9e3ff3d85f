"""What each epoch brought."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from zoo.config.plain import plain
from zoo.files import write_text


@dataclass(frozen=True, kw_only=True)
class Epoch:
    """One row of the history. All but the times depends on data, recipe and seed alone."""

    epoch: int
    epochs: int
    """Of how many."""
    step: int
    """Steps done in all."""
    images: int
    """Seen in all, counted each time."""
    train_loss: float
    val_loss: float | None
    val_accuracy: float | None
    val_balanced_accuracy: float | None
    lr: float
    """Of the epoch's last step."""
    best: bool | None
    """Whether it was the best so far, by the recipe's measure; None where the last is kept, however good."""
    images_per_second: float
    """Of training, without validation."""
    seconds: float
    """Of the epoch, with validation."""
    elapsed: float
    """Seconds since training began, without what was lost to interruptions."""

    @property
    def line(self) -> str:
        """What is said of it; all lines of a training stand in columns."""
        of = str(self.epochs)
        parts = [f"epoch {self.epoch:{len(of)}}/{of}", f"train loss {self.train_loss:.3f}"]
        if self.val_loss is not None:
            parts.append(f"val loss {self.val_loss:.3f}")
        if self.val_balanced_accuracy is not None:
            parts.append(f"balanced accuracy {self.val_balanced_accuracy:.3f}")
        return "  ".join([*parts, "best"] if self.best else parts)


TIMES = ("images_per_second", "seconds", "elapsed")
"""The fields that hang on the machine."""


def kept(rows: Sequence[Epoch]) -> Epoch:
    """The epoch whose weights are the result: the best, or the last where none is chosen."""
    return next((row for row in reversed(rows) if row.best), rows[-1])


def append(path: Path, epoch: Epoch) -> None:
    """One more line of JSON."""
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(plain(epoch)) + "\n")


def rewrite(path: Path, epochs: Sequence[Epoch]) -> None:
    """These lines and no others, as a resumed run begins."""
    write_text(path, "".join(json.dumps(plain(epoch)) + "\n" for epoch in epochs))
