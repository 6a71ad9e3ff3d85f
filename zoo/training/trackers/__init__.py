"""Experiment trackers: the settings and the epochs of a training are logged to TensorBoard or trackio.

Tracking never changes a training, nor ends it: a tracker that fails is dropped.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from zoo.config.plain import plain
from zoo.progress import Reporter
from zoo.runs import Run
from zoo.runs.history import Epoch
from zoo.training.trackers.tensorboard import TensorBoard
from zoo.training.trackers.trackio import Trackio

LOGGED = ("train_loss", "val_loss", "val_accuracy", "val_balanced_accuracy", "lr", "images_per_second")
"""The fields of an epoch that are logged, under their names in history.jsonl."""


class Tracker(Protocol):
    """An experiment tracker. Making one raises a MissingExtraError if its package is not installed."""

    def start(self, run: Run, settings: Mapping[str, Any]) -> str:
        """Start logging a run, from its first epoch; values from an earlier session are replaced.

        Args:
            run: The run.
            settings: The settings of the run, by name.

        Returns:
            How to look at the logged values, for a message.
        """

    def log(self, values: Mapping[str, float], *, epoch: int, wall_time: float) -> None:
        """Log the values of one epoch, which ended at `wall_time` in seconds since 1970."""

    def finish(self) -> None:
        """Write what is still in memory and close the tracker."""


TRACKERS: Mapping[str, Callable[[], Tracker]] = {"tensorboard": TensorBoard, "trackio": Trackio}
"""The trackers by the names that `--track` knows, besides `none`."""


def make_tracker(name: str) -> Tracker | None:
    """Return a new tracker, or None for the name `none`."""
    return None if name == "none" else TRACKERS[name]()


class FailSafeTracker:
    """Logs to a tracker, if there is one. When the tracker fails, this is reported once, and nothing more is logged."""

    def __init__(self, tracker: Tracker | None, progress: Reporter) -> None:
        self._tracker, self._progress = tracker, progress

    def start(self, run: Run, epochs: Sequence[Epoch]) -> None:
        """Start logging a run, report how to look at it, and log the epochs of earlier sessions."""

        def start(tracker: Tracker) -> None:
            self._progress.say(f"tracking: {tracker.start(run, run_settings(run))}")
            now = time.time()
            for epoch in epochs:  # timed as if training had not been interrupted
                wall_time = now - (epochs[-1].elapsed - epoch.elapsed)
                tracker.log(logged_values(epoch), epoch=epoch.epoch, wall_time=wall_time)

        self._try(start)

    def log(self, epoch: Epoch) -> None:
        """Log an epoch that has just ended."""
        self._try(lambda tracker: tracker.log(logged_values(epoch), epoch=epoch.epoch, wall_time=time.time()))

    def finish(self) -> None:
        """Close the tracker."""
        self._try(lambda tracker: tracker.finish())

    def _try(self, call: Callable[[Tracker], None]) -> None:
        """Call a function with the tracker, and drop the tracker if that fails."""
        if self._tracker is None:
            return
        try:
            call(self._tracker)
        except Exception as error:  # noqa: BLE001  # a tracker's package may raise anything; training must not end
            name = type(self._tracker).__name__
            self._tracker = None
            self._progress.say(f"{name} failed; training continues without it: {error!r}")


def run_settings(run: Run) -> dict[str, Any]:
    """Return the settings of a run that are logged, by name."""
    record = run.record
    return {
        "model": record.config.model.name,
        "data": record.data.name,
        "synthetic": record.data.synthetic,
        "seed": record.config.seed,
        "init": record.config.model.init,
        **plain(record.resolved),
    }


def logged_values(epoch: Epoch) -> dict[str, float]:
    """Return the values of an epoch that are logged, by name; without validation some are missing."""
    return {name: value for name, value in plain(epoch).items() if name in LOGGED and value is not None}
