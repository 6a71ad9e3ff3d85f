"""The finished runs of one row of the table, on one data set, with one split."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from zoo.config.reproduction_config import SplitUnit
from zoo.reproduction.study import DataSet, PlannedGrid, Study
from zoo.runs.finished_run import FinishedRun, finished_runs
from zoo.runs.grid_folder import GridFolder
from zoo.runs.reproduction_folder import ReproductionFolder


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
    runs, errors = finished_runs(GridFolder(folder.path / grid.name), grid.config, model)
    named = {f"{grid.name}/{run}": error for run, error in errors.items()}
    return Measured(model=model, data=grid.data, split=grid.split, runs=runs, errors=named)
