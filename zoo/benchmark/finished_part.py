"""The finished runs of a part of a protocol."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from zoo.benchmark.planned_part import PlannedPart
from zoo.runs.finished_run import FinishedRun, finished_runs
from zoo.runs.grid_folder import GridFolder


@dataclass(frozen=True, kw_only=True)
class FinishedPart:
    """The finished runs of a part, by model and in the order of their seeds."""

    planned: PlannedPart
    runs: Mapping[str, tuple[FinishedRun, ...]]
    failures: Mapping[str, str]
    """The errors of the other runs; empty for a run that was not started or was stopped."""

    @property
    def every_run(self) -> tuple[FinishedRun, ...]:
        """The runs of all models."""
        return tuple(run for runs in self.runs.values() for run in runs)


def finished_part(planned: PlannedPart) -> FinishedPart:
    """Return the finished runs of a part."""
    folder, runs = GridFolder(planned.path), {}
    failures: dict[str, str] = {}
    for model in planned.models:
        runs[model], errors = finished_runs(folder, planned.config, model)
        failures |= {f"{planned.part.name}/{run}": error for run, error in errors.items()}
    return FinishedPart(planned=planned, runs=runs, failures=failures)
