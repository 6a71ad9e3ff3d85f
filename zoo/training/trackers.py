"""Experiment trackers that a training can feed: they follow its rows, and change nothing about it.

Each is an extra of its own, and its package is imported only when it is compute_config for.
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, redirect_stdout
from typing import Any, Protocol

import yaml

from zoo.config.plain import plain
from zoo.errors import MissingExtraError, UsageError, did_you_mean
from zoo.progress import Reporter
from zoo.runs import Run
from zoo.training.history import Epoch

NONE = "none"
"""Asks for no tracker, where the run was begun with one."""
PROJECT = "histozoo"
DRAWN = ("train_loss", "val_loss", "val_accuracy", "val_balanced_accuracy", "lr", "images_per_second")
"""What it is told of an epoch, under the names of history.jsonl."""


class Tracker(Protocol):
    """Somewhere to write a run's course to."""

    def begin(self, run: Run, rows: Sequence[Epoch]) -> str:
        """Take in the run's settings and what earlier sittings brought; gives where to look."""

    def follow(self, row: Epoch) -> None:
        """Take in one more epoch."""

    def end(self) -> None:
        """Close."""


class TensorBoard:
    """Event files in the run folder."""

    def __init__(self) -> None:
        try:
            from torch.utils.tensorboard import SummaryWriter
        except ImportError as error:
            raise MissingExtraError("tensorboard", "tensorboard") from error
        self._open = SummaryWriter
        self._writer: Any = None

    def begin(self, run: Run, rows: Sequence[Epoch]) -> str:
        """Write everything anew: what lies there from earlier sittings may lack rows, or have some that were lost."""
        folder = run.path / "tensorboard"
        first = not folder.exists()
        self._writer = self._open(str(folder), purge_step=0)
        if first:
            text = yaml.safe_dump(_settings(run), sort_keys=False, allow_unicode=True)
            self._writer.add_text("settings", f"```yaml\n{text}```", 0)
        for row in rows:  # as if training had not been interrupted
            self._write(row, time.time() - (rows[-1].elapsed - row.elapsed))
        return f"tensorboard --logdir {folder}"

    def follow(self, row: Epoch) -> None:
        """On disk at once, so that a page that is open shows it."""
        self._write(row, None)
        self._writer.flush()

    def end(self) -> None:
        self._writer.close()

    def _write(self, row: Epoch, when: float | None) -> None:
        for name, value in _numbers(row).items():
            self._writer.add_scalar(name, value, row.epoch, walltime=when)


class Trackio:
    """A project in trackio's own folder, where runs of several folders are compared."""

    def __init__(self) -> None:
        try:
            import trackio
        except ImportError as error:
            raise MissingExtraError("trackio", "trackio") from error
        self._trackio = trackio
        self._run: Any = None

    def begin(self, run: Run, rows: Sequence[Epoch]) -> str:
        """Under a name that no other run has. What an earlier sitting wrote is written anew, as for TensorBoard."""
        name = f"{run.path.resolve().name} {run.record.started}"
        with _silence():
            self._drop(name)
            self._run = self._trackio.init(
                project=PROJECT, name=name, config=_settings(run), embed=False, auto_log_gpu=False, auto_log_cpu=False
            )
        for row in rows:
            self.follow(row)
        return f"trackio show --project {PROJECT}, where it is {name}"

    def follow(self, row: Epoch) -> None:
        self._run.log(_numbers(row), step=row.epoch)

    def end(self) -> None:
        with _silence():
            self._trackio.finish()

    def _drop(self, name: str) -> None:
        try:
            runs = self._trackio.Api().runs(PROJECT)
        except ValueError:  # there is no such project yet
            return
        for old in [old for old in runs if old.name == name]:
            old.delete()


TRACKERS: Mapping[str, Callable[[], Tracker]] = {"tensorboard": TensorBoard, "trackio": Trackio}


def find_tracker(name: str | None) -> Tracker | None:
    """The tracker of that name, or none. ComputeConfig before anything is touched: its package may be missing."""
    if name is None or name == NONE:
        return None
    if name not in TRACKERS:
        hint = did_you_mean(name, [*TRACKERS, NONE])
        raise UsageError(f"track must be one of {', '.join(TRACKERS)} or {NONE}, not {name!r}", hint=hint)
    return TRACKERS[name]()


class Tracking:
    """Feeds a tracker, if there is one. Where it fails that is said once, and training goes on without it."""

    def __init__(self, tracker: Tracker | None, progress: Reporter) -> None:
        self._tracker, self._progress = tracker, progress

    def begin(self, run: Run, rows: Sequence[Epoch]) -> None:
        """Open, and say where to look."""
        self._try(lambda tracker: self._progress.say(f"tracking: {tracker.begin(run, rows)}"))

    def follow(self, row: Epoch) -> None:
        """One more epoch."""
        self._try(lambda tracker: tracker.follow(row))

    def end(self) -> None:
        """Close."""
        self._try(lambda tracker: tracker.end())

    def _try(self, act: Callable[[Tracker], None]) -> None:
        if self._tracker is None:
            return
        try:
            act(self._tracker)
        except Exception as error:  # noqa: BLE001  # whatever a stranger's package raises, a training is worth more
            name = type(self._tracker).__name__
            self._tracker = None
            self._progress.say(f"{name} failed, and is left out from here on: {error!r}")


def _settings(run: Run) -> dict[str, Any]:
    """What a tracker is told of a run's settings."""
    record = run.record
    return {
        "model": record.config.model.name,
        "data": record.data["name"],
        "synthetic": record.data["synthetic"],
        "seed": record.config.seed,
        "init": record.config.model.init,
        **plain(record.resolved),
    }


def _numbers(row: Epoch) -> dict[str, float]:
    return {name: value for name, value in row.as_dict().items() if name in DRAWN and value is not None}


def _silence() -> AbstractContextManager[Any]:
    """Standard output belongs to the command's result."""
    return redirect_stdout(io.StringIO())
