"""The run folder: everything that one training produces."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoo.config.plain import plain
from zoo.config.yaml_file import read_document, write_document
from zoo.errors import RunError
from zoo.locks import locked_or
from zoo.runs.history import Epoch, read_history
from zoo.runs.new_folder import new_folder, not_empty
from zoo.runs.run_record import RunRecord, Status

if TYPE_CHECKING:
    from zoo.metrics.metrics_file import Metrics

RECORD, SPLIT, HISTORY, CHECKPOINT, CURVES, BUNDLE, METRICS, PREDICTIONS, REPORT = (
    "run.yaml",
    "split.csv",
    "history.jsonl",
    "checkpoint",
    "curves.png",
    "bundle",
    "metrics.json",
    "predictions.csv",
    "report.html",
)
LOCK = ".lock"


@dataclass(frozen=True)
class Run:
    """A run folder, and access to the files in it."""

    path: Path

    @classmethod
    def create(cls, record: RunRecord, *, name: str, out: Path | None = None) -> Run:
        """Create a new run folder: `out`, or the next free `runs/NAME-N`. Nothing is ever overwritten."""
        path = new_folder(name, out)
        run = cls(path)
        _claim(path / RECORD)
        try:
            run._write(record)
        except (OSError, RunError):
            (path / RECORD).unlink(missing_ok=True)
            with suppress(OSError):
                path.rmdir()
            raise
        return run

    @classmethod
    def open(cls, path: str | Path | Run) -> Run:
        """Return the run in an existing folder."""
        run = cls(Path(path))
        if not is_run(run.path):
            raise RunError(f"there is no {RECORD}, so this is not a run folder", where=str(path))
        return run

    @property
    def record(self) -> RunRecord:
        """The contents of run.yaml, typed."""
        try:
            return RunRecord.read(read_document(self.path / RECORD))
        except OSError as error:
            raise RunError(f"{RECORD} cannot be read: {error.strerror}", where=str(self.path)) from error
        except ValueError as error:
            raise RunError(f"{RECORD} cannot be read: {error}", where=str(self.path), hint=NEW_RUN) from error

    @property
    def bundle(self) -> Path:
        """The folder of the bundle with the best model, which is written when training ends."""
        return self.path / BUNDLE

    @property
    def metrics(self) -> Metrics:
        """The metrics of the run's model, from metrics.json."""
        from zoo.metrics.metrics_file import read_metrics

        try:
            return read_metrics(self.path / METRICS)
        except (OSError, ValueError) as error:
            raise RunError(f"{METRICS} cannot be read: {error}", where=str(self.path)) from error

    @property
    def history(self) -> list[Epoch]:
        """The epochs of the training, from history.jsonl; none without this file."""
        try:
            return read_history(self.path / HISTORY)
        except FileNotFoundError:
            return []
        except (OSError, ValueError) as error:
            raise RunError(f"{HISTORY} cannot be read: {error}", where=str(self.path)) from error

    def update(self, **changes: Any) -> None:
        """Write run.yaml again with some fields changed."""
        self._write(replace(self.record, **changes))

    def finish(self, status: Status, *, error: str | None = None) -> None:
        """Write into run.yaml how and when the run ended."""
        self.update(status=status, ended=now(), error=error)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the lock of the run while a block runs; raise a RunError if another process is training the run."""
        with ExitStack() as stack:
            refusal = RunError("another process is training this run", where=str(self))
            try:
                stack.enter_context(locked_or(self.path / LOCK, refusal))
            except OSError as error:
                raise RunError(f"cannot be written: {error.strerror}", where=str(self)) from error
            yield

    def delete_bundle(self) -> None:
        """Delete the bundle, if there is one."""
        if self.bundle.is_dir():
            shutil.rmtree(self.bundle)

    def delete_unfinished(self) -> None:
        """Delete the files and folders that a killed process left half-written."""
        for path in self.path.glob(".*.part"):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()

    def _write(self, record: RunRecord) -> None:
        """Write run.yaml."""
        try:
            write_document(self.path / RECORD, plain(record))
        except ValueError as error:
            raise RunError(f"{RECORD} cannot be written: {error}", where=str(self)) from error

    def __fspath__(self) -> str:
        return str(self.path)

    def __str__(self) -> str:
        return str(self.path)


NEW_RUN = "start a new run with `zoo train`"


def is_run(path: Path) -> bool:
    """Return whether a folder is a run folder."""
    try:
        return (path / RECORD).is_file()
    except OSError:  # such as a name that is too long, or a folder that may not be entered
        return False


def named_folder(folder: Path) -> Path:
    """Return the folder that a model has its name from: that of the run, if it is the bundle in one."""
    resolved = folder.resolve()
    return resolved.parent if resolved.name == BUNDLE else resolved


def resume_hint(folder: object) -> str:
    """Return the command that resumes a run or a grid, as the hint of an error."""
    return f"resume with: zoo train --resume {folder}"


def now() -> str:
    """Return the current time in UTC to the second, as in run.yaml."""
    return datetime.now(timezone.utc).isoformat(timespec="seconds")


def _claim(record: Path) -> None:
    """Create an empty run.yaml; raise an error if another process has already done so in this folder."""
    try:
        record.touch(exist_ok=False)
    except FileExistsError as error:
        raise not_empty(record.parent) from error
