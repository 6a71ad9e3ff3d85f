"""Run folders: everything that a training produces."""

from zoo.runs.run import (
    BUNDLE,
    CHECKPOINT,
    CURVES,
    HISTORY,
    METRICS,
    PREDICTIONS,
    RECORD,
    REPORT,
    SPLIT,
    Run,
    is_run,
    named_folder,
    resume_hint,
)

__all__ = [
    "BUNDLE",
    "CHECKPOINT",
    "CURVES",
    "HISTORY",
    "METRICS",
    "PREDICTIONS",
    "RECORD",
    "REPORT",
    "SPLIT",
    "Run",
    "is_run",
    "named_folder",
    "resume_hint",
]
