"""The finished runs of one row of the table, on one data set, with one split."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from zoo.bundle.bundle_config import BundleConfig
from zoo.config.grid_config import Cell
from zoo.config.reproduction_config import SplitUnit
from zoo.metrics.metrics_file import Metrics
from zoo.reproduction.reproduction_folder import ReproductionFolder
from zoo.reproduction.results import SECONDS
from zoo.reproduction.study import DataSet, PlannedGrid, Study
from zoo.runs import Run
from zoo.runs.grid_folder import GridFolder, is_grid
from zoo.runs.run_record import RunRecord


@dataclass(frozen=True, kw_only=True)
class FinishedRun:
    """A finished run."""

    run: Run
    seed: int
    fold: int | None = None
    """The fold that it is tested on; None without a cross-validation."""
    record: RunRecord
    metrics: Metrics

    def value(self, measure: str) -> float | None:
        """Return a measure, or the seconds until the best epoch; None if it is undefined or unknown."""
        if measure == SECONDS:
            return self.record.outcome.seconds_to_best if self.record.outcome else None
        return self.metrics.measures.values.get(measure)

    @property
    def parameters(self) -> int | None:
        """The number of parameters of the network."""
        training = BundleConfig.read(self.run.bundle).training
        return training.parameters if training else None


@dataclass(frozen=True, kw_only=True)
class Measured:
    """The runs of one row of the table, on one data set, with one split."""

    model: str
    data: DataSet
    split: SplitUnit
    runs: tuple[FinishedRun, ...]
    """The finished runs, in the order of their seeds."""
    errors: Mapping[str, str]
    """The errors of the other runs by grid and run; empty for a run that was not started or was stopped."""


def measured_rows(study: Study, folder: ReproductionFolder) -> list[Measured]:
    """Return the runs of every row of the table on every data set with every split, in the order of the study."""
    found = [_measured(grid, model, folder) for grid in study.grids for model in grid.config.models]
    order = {row.name: number for number, row in enumerate(study.table.rows)}
    place = {(one, split): number for number, (split, one) in enumerate(_places(study))}
    return sorted(found, key=lambda one: (place[one.data.name, one.split], order[one.model]))


def _places(study: Study) -> list[tuple[SplitUnit, str]]:
    return [(split, one.name) for one in study.data for split in study.splits]


def _measured(grid: PlannedGrid, model: str, folder: ReproductionFolder) -> Measured:
    """Return the runs of one model of a grid."""
    runs, errors = [], {}
    opened = GridFolder(folder.path / grid.name)
    started = is_grid(opened.path)
    for cell in grid.config.cells:
        if cell.model != model:
            continue
        if started and opened.is_finished(cell):
            runs.append(_finished(opened, cell))
        else:
            errors[f"{grid.name}/{cell.name}"] = opened.error_text(cell) if started else ""
    return Measured(model=model, data=grid.data, split=grid.split, runs=tuple(runs), errors=errors)


def _finished(folder: GridFolder, cell: Cell) -> FinishedRun:
    run = folder.run(cell)
    return FinishedRun(run=run, seed=cell.seed, fold=cell.fold, record=run.record, metrics=run.metrics)
