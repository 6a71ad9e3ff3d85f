"""Epochs of a made-up training."""

from __future__ import annotations

import math

from zoo.runs.history import Epoch

TIMES = ("images_per_second", "seconds", "elapsed")
"""The fields of an epoch that depend on the machine."""


def made_up_epochs(epochs: int) -> list[Epoch]:
    """Return epochs whose losses fall and whose accuracies rise, so that each is better than the one before."""
    rows = []
    for epoch in range(1, epochs + 1):
        falling = math.exp(-3 * epoch / epochs)
        rows.append(
            Epoch(
                epoch=epoch,
                epochs=epochs,
                step=10 * epoch,
                images=80 * epoch,
                train_loss=0.1 + falling,
                val_loss=0.3 + falling,
                val_accuracy=0.9 - 0.5 * falling,
                val_balanced_accuracy=0.8 - 0.5 * falling,
                lr=1e-3 * (1 - 0.9 * epoch / epochs),
                best=True,
                images_per_second=100.0,
                seconds=1.0,
                elapsed=float(epoch),
            )
        )
    return rows
