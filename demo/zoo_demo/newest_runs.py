"""The newest finished runs, which are shown when no model is named."""

from __future__ import annotations

from pathlib import Path

from zoo.errors import RunError
from zoo.runs import Run, is_run

MAX_RUNS = 4


def newest_runs(folder: Path = Path("runs"), *, limit: int = MAX_RUNS) -> list[str]:
    """Return the finished runs in a folder, the newest first."""
    if not folder.is_dir():
        return []
    ended = [(time, str(path)) for path in folder.iterdir() if is_run(path) and (time := _end_time(Run.open(path)))]
    return [path for _, path in sorted(ended, reverse=True)[:limit]]


def _end_time(run: Run) -> str:
    """Return when a run finished; empty if it did not finish or its run.yaml is damaged."""
    try:
        record = run.record
    except RunError:
        return ""
    finished = record.status == "finished" and run.bundle.is_dir()
    return record.ended or "" if finished else ""
