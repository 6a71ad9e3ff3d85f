"""Which models to show when nobody named any."""

from __future__ import annotations

from pathlib import Path

from zoo.errors import RunError
from zoo.runs import Run, is_run

NEWEST = 4


def newest_runs(folder: Path = Path("runs"), *, limit: int = NEWEST) -> list[str]:
    """The runs in a folder that finished last, the newest first."""
    if not folder.is_dir():
        return []
    ended = [(when, str(path)) for path in folder.iterdir() if is_run(path) and (when := _ended(Run.open(path)))]
    return [path for _, path in sorted(ended, reverse=True)[:limit]]


def _ended(run: Run) -> str:
    """When a run finished; empty for one that did not, and for one whose record is damaged."""
    try:
        record = run.record
    except RunError:
        return ""
    finished = record.status == "finished" and run.bundle.is_dir()
    return record.ended or "" if finished else ""
