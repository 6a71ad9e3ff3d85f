"""The newest finished runs, which are shown when no model is named."""

from __future__ import annotations

from pathlib import Path

from zoo.errors import RunError
from zoo.runs import Run, is_run

PLACES = ("*", "runs/*", "runs/*/*")
"""Where runs are looked for, relative to the working folder: in it, in `runs`, and in the grids there."""


def newest_runs(*, limit: int) -> list[str]:
    """Return so many finished runs at most, the newest first."""
    paths = {path for place in PLACES for path in Path().glob(place) if path.is_dir() and is_run(path)}
    ended = [(time, str(path)) for path in paths if (time := _end_time(Run.open(path)))]
    return [path for _, path in sorted(ended, reverse=True)[:limit]]


def _end_time(run: Run) -> str:
    """Return when a run finished; empty if it did not finish or its run.yaml is damaged."""
    try:
        record = run.record
    except RunError:
        return ""
    finished = record.status == "finished" and run.bundle.is_dir()
    return record.ended or "" if finished else ""
