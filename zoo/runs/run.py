"""The run folder: everything that one training produces."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import yaml

from zoo.errors import RunError
from zoo.files import write_text
from zoo.locks import locked_or
from zoo.runs.new_folder import new_folder, not_empty

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
        """Make a run in a new folder: `out`, or the next free `runs/NAME-N`. Nothing is ever overwritten."""
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
        """Return the run in an existing folder."""
        run = cls(Path(path))
        if not is_run(run.path):
            raise RunError(f"there is no {RECORD}, so this is not a run", where=str(path))
        return run

    @property
    def record(self) -> dict[str, Any]:
        """The contents of run.yaml."""
        try:
            document = yaml.safe_load((self.path / RECORD).read_text(encoding="utf-8"))
        except (OSError, yaml.YAMLError) as error:
            raise RunError(f"{RECORD} cannot be read: {error}", where=str(self.path)) from error
        if not isinstance(document, dict):
            raise RunError(f"{RECORD} is damaged", where=str(self.path))
        return document

    @property
    def bundle(self) -> Path:
        """The folder of the best model, which is written when training ends."""
        return self.path / BUNDLE

    @property
    def metrics(self) -> dict[str, Any]:
        """The contents of metrics.json."""
        try:
            document: dict[str, Any] = json.loads((self.path / METRICS).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise RunError(f"{METRICS} cannot be read: {error}", where=str(self.path)) from error
        return document

    def update(self, changes: Mapping[str, Any]) -> None:
        """Change some keys of run.yaml."""
        before = self.record if (self.path / RECORD).stat().st_size else {}
        text = yaml.safe_dump({**before, **changes}, sort_keys=False, allow_unicode=True, width=110)
        write_text(self.path / RECORD, text)

    def finish(self, status: str, **facts: Any) -> None:
        """Record how the run ended, and when."""
        self.update({"status": status, "ended": _now(), **facts})

    def locked(self) -> AbstractContextManager[None]:
        """Hold the run's lock, so that no other process trains it; a RunError is raised if one does."""
        return locked_or(self.path / LOCK, RunError("another process is training this run", where=str(self)))

    def drop_bundle(self) -> None:
        """Remove a bundle that an interrupted training left."""
        if self.bundle.is_dir():
            shutil.rmtree(self.bundle)

    def __fspath__(self) -> str:
        return str(self.path)

    def __str__(self) -> str:
        return str(self.path)


def is_run(path: Path) -> bool:
    """Whether a folder is a run folder."""
    return (path / RECORD).is_file()


def _claim(record: Path) -> None:
    """Create the empty record; of several processes with the same folder, all but one are refused."""
    try:
        record.touch(exist_ok=False)
    except FileExistsError as error:
        raise not_empty(record.parent) from error


def _now() -> str:
    """Return the time in UTC, to the second."""
    return datetime.now(timezone.utc).isoformat(timespec="seconds")
