"""Train many runs: every model with every seed on every fold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoo.config.grid_config import GridConfig
from zoo.config.plain import plain
from zoo.errors import RunError
from zoo.grid.preflight import check_execution, check_runs, make_executor
from zoo.grid.results_table import Table, make_table
from zoo.grid.scheduler import Scheduler
from zoo.locks import locked_or
from zoo.progress import Reporter, reporter_for
from zoo.runs import Run
from zoo.runs.grid_folder import LOCK, LOGS, GridFolder
from zoo.training.plan import make_plan, with_absolute_paths

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from zoo.config.keywords import GridKeywords


@dataclass(frozen=True, kw_only=True)
class Grid:
    """The runs of a grid and their results."""

    path: Path
    runs: tuple[Run, ...]
    """The finished runs."""
    failures: Mapping[str, str]
    """The error of each other run, by its name; empty if it was not started or was stopped."""
    table: Table
    cells: tuple[Mapping[str, Any], ...]
    """The name, model, seed, fold, state, path and error of every run."""

    def as_dict(self) -> dict[str, Any]:
        """Return the grid as the document that `zoo train --json` prints."""
        return {"grid": str(self.path), "cells": list(self.cells), "table": plain(self.table)}


def train_many(models: Sequence[str] | str, *, progress: Reporter | bool = True, **given: Unpack[GridKeywords]) -> Grid:
    """Train every model with every seed on every fold, and summarize the results.

    Every keyword of `zoo.train` is accepted too, and applies to every run; with `folds` and no `fold`, every fold is a
    run. A run that fails does not stop the others; `failures` of the result says why.

    Args:
        models: Names of models.
        progress: Show progress in a terminal or a notebook; False for none, or a reporter of your own.
        **given: Keywords of `zoo.train`, and these of the grid:
            seeds: Number of runs of each model, with seeds from --seed on.
            jobs: Number of runs at a time.
            on: Where runs are executed. here: in processes on this machine; slurm: as SLURM jobs; submitit-local: with
                submitit's local executor, on this machine.
            slurm: SLURM options: partition, minutes, gpus, cpus, memory (in GB), account, qos, constraint.

    Returns:
        The grid: its runs, and a table with mean, standard deviation and interval of each measure.

    Examples:
        >>> grid = zoo.train_many(["dala", "cbam56"], seeds=5, data="breakhis", root="BreaKHis_v1")
        >>> grid.table.rows
    """
    return train_grid(GridConfig.from_keywords(models, given), progress=reporter_for(progress))


def train_grid(config: GridConfig, *, progress: Reporter) -> Grid:
    """Train all runs of a configuration in a new folder, and return the grid."""
    check_execution(config.execution)
    config = replace(config, train=with_absolute_paths(config.train))
    check_runs(config, progress)
    folder = GridFolder.create(config)
    return run_grid(folder, folder.config, progress)


def run_grid(folder: GridFolder, config: GridConfig, progress: Reporter) -> Grid:
    """Execute the runs of a grid that are not finished, write the table, and return the grid."""
    refusal = RunError("another process is executing this grid", where=str(folder))
    with locked_or(folder.path / LOCK, refusal):
        folder.write(config)
        cells = config.cells
        before = folder.finished
        left = [cell for cell in cells if cell not in before]
        if left:
            executor = make_executor(folder, config, len(left))
            already = f", {len(before)} already finished" if before else ""
            progress.say(f"{len(cells)} runs in {folder}{already}, {min(executor.slots, len(left))} at a time")
            progress.say(f"the output of each run is written to {folder.path / LOGS}")
            epochs = {cell: make_plan(folder.train_config(cell)).recipe.epochs for cell in left}
            Scheduler(folder, epochs, executor, progress).run()
        else:
            progress.say(f"{folder}: all {len(cells)} runs are already finished")
        table = make_table(folder)
        table.write(folder)
        from zoo.grid.grid_report import write_grid_report  # it imports torch

        write_grid_report(folder, table, progress)
        finished = folder.finished
        return Grid(
            path=folder.path,
            runs=tuple(map(folder.run, finished)),
            failures={cell.name: folder.error_text(cell) for cell in cells if cell not in finished},
            table=table,
            cells=tuple(folder.summary(cell) for cell in cells),
        )
