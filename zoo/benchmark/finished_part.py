"""The finished runs of a part of a protocol."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from zoo.benchmark.planned_part import PlannedPart
from zoo.reproduction.measured import FinishedRun
from zoo.runs.grid_folder import GridFolder, is_grid


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
    folder, runs, failures = GridFolder(planned.path), {}, {}
    started = is_grid(planned.path)
    for model in planned.models:
        found = []
        for cell in planned.config.cells:
            if cell.model != model:
                continue
            if started and folder.is_finished(cell):
                run = folder.run(cell)
                found.append(
                    FinishedRun(run=run, seed=cell.seed, fold=cell.fold, record=run.record, metrics=run.metrics)
                )
            else:
                failures[f"{planned.part.name}/{cell.name}"] = folder.error_text(cell) if started else ""
        runs[model] = tuple(found)
    return FinishedPart(planned=planned, runs=runs, failures=failures)
