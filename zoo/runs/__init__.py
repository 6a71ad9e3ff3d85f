"""Run folders."""

from zoo.runs.run import BUNDLE, HISTORY, METRICS, PREDICTIONS, RECORD, SPLIT, Run, is_run

__all__ = ["BUNDLE", "HISTORY", "METRICS", "PREDICTIONS", "RECORD", "SPLIT", "Run", "is_run"]
