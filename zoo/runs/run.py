"""The run folder: everything one training made."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from zoo.errors import RunError
from zoo.files import write_text
from zoo.locks import locked_or
from zoo.runs.new_folder import new_folder, taken

if TYPE_CHECKING:
    from zoo.metrics.metrics_file import Metrics

RECORD, SPLIT, HISTORY, CHECKPOINT, CURVES, BUNDLE, METRICS, PREDICTIONS = (
    "run.yaml",
    "split.csv",
    "history.jsonl",
    "checkpoint",
    "curves.png",
    "bundle",
    "metrics.json",
    "predictions.csv",
)

LOCK = ".lock"


@dataclass(frozen=True)
class Run:
    """One run folder."""

    path: Path

    @classmethod
    def create(cls, record: Mapping[str, Any], *, name: str, out: Path | None = None) -> Run:
        """Make a new folder: `out`, or the next free `runs/NAME-N`. Nothing is ever overwritten."""
        path = new_folder(name, out)
        run = cls(path)
        _claim(path / RECORD)
        try:
            run.update({"format": 1, "status": "running", "started": _now(), **record})
        except OSError:
            (path / RECORD).unlink(missing_ok=True)
            raise
        return run

    @classmethod
    def open(cls, path: str | Path) -> Run:
        """An existing run."""
        run = cls(Path(path))
        if not is_run(run.path):
            raise RunError(f"there is no {RECORD}, so this is not a run", where=str(path))
        return run

    @property
    def record(self) -> dict[str, Any]:
        """What run.yaml says."""
        try:
            document = yaml.safe_load((self.path / RECORD).read_text(encoding="utf-8"))
        except (OSError, yaml.YAMLError) as error:
            raise RunError(f"{RECORD} cannot be read: {error}", where=str(self.path)) from error
        if not isinstance(document, dict):
            raise RunError(f"{RECORD} is damaged", where=str(self.path))
        return document

    @property
    def bundle(self) -> Path:
        """Where the best model lies, once there is one."""
        return self.path / BUNDLE

    @property
    def metrics(self) -> Metrics:
        """The metrics of the run's model, from metrics.json."""
        from zoo.metrics.metrics_file import read_metrics

        try:
            return read_metrics(self.path / METRICS)
        except (OSError, ValueError) as error:
            raise RunError(f"{METRICS} cannot be read: {error}", where=str(self.path)) from error

    def update(self, changes: Mapping[str, Any]) -> None:
        """Write run.yaml again with some keys changed."""
        before = self.record if (self.path / RECORD).stat().st_size else {}
        text = yaml.safe_dump({**before, **changes}, sort_keys=False, allow_unicode=True, width=110)
        write_text(self.path / RECORD, text)

    def finish(self, status: str, **facts: Any) -> None:
        """Say how the run ended."""
        self.update({"status": status, "ended": _now(), **facts})

    def locked(self) -> AbstractContextManager[None]:
        """Hold the run's lock, so that no other process works in it; a RunError where one does."""
        return locked_or(self.path / LOCK, RunError("another process is training it now", where=str(self)))

    def drop_bundle(self) -> None:
        """Take away a bundle that an earlier sitting did not finish."""
        if self.bundle.is_dir():
            shutil.rmtree(self.bundle)

    def __fspath__(self) -> str:
        return str(self.path)

    def __str__(self) -> str:
        return str(self.path)


def is_run(path: Path) -> bool:
    """Whether a folder is a run."""
    return (path / RECORD).is_file()


def _claim(record: Path) -> None:
    """Of two processes that were told the same folder, one makes the record; the other is refused."""
    try:
        record.touch(exist_ok=False)
    except FileExistsError as error:
        raise taken(record.parent) from error


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="seconds")
