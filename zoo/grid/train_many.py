"""Many trainings from their names to one table, or from where they stopped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoo.config.plain import plain
from zoo.errors import RunError
from zoo.grid.grid_config import GridConfig
from zoo.grid.grid_folder import ANYTIME, LOCK, LOGS, Folder
from zoo.grid.preflight import On, check_all, checked_how, make_executor
from zoo.grid.results_table import Table, collect, state_of
from zoo.grid.resume_grid import check_given
from zoo.grid.scheduler import Scheduler
from zoo.grid.train_options import TrainOptions, plain_options
from zoo.locks import locked_or
from zoo.progress import Reporter, Silent
from zoo.runs import Run

if TYPE_CHECKING:
    from typing_extensions import Unpack


@dataclass(frozen=True, kw_only=True)
class Grid:
    """What came of it."""

    path: Path
    runs: tuple[Run, ...]
    """The finished ones."""
    failures: Mapping[str, str]
    """Why the others are not."""
    table: Table
    cells: tuple[Mapping[str, Any], ...]
    """Every run's name, seed, fold and state."""

    def as_dict(self) -> dict[str, Any]:
        """Return the document of `zoo train --json`."""
        return {"grid": str(self.path), "cells": list(self.cells), "table": plain(self.table)}


def train_many(
    names: Sequence[str],
    *,
    seeds: int | None = None,
    seed: int = 0,
    jobs: int | None = None,
    on: On = "here",
    slurm: Mapping[str, str | int | float] | None = None,
    out: str | Path | None = None,
    progress: Reporter | None = None,
    **options: Unpack[TrainOptions],
) -> Grid:
    """Train every model with every seed on every fold, and sum up.

    `seeds`: how many, from `seed` on; each decides its own split. `folds`: each is a run, unless `fold` says which.
    `jobs`: how many at a time. `on`: here; or through submitit, `local` or `slurm`, with wishes such as partition,
    minutes, gpus, memory. All other options are those of `zoo.train`. A run that fails does not stop the others:
    `failures` of what this gives says why.
    """
    given = plain_options(options)
    folds = given.pop("folds", None) if given.get("fold") is None else None
    config = GridConfig(
        models=tuple([names] if isinstance(names, str) else names), seed=seed, seeds=seeds, folds=folds, options=given
    )
    how = checked_how(jobs, on, slurm or {})
    progress = progress or Silent()
    check_all(config, progress)
    return _work(Folder.create(config, how, Path(out) if out is not None else None), progress)


def resume_many(
    grid: str | Path,
    *,
    jobs: int | None = None,
    on: On | None = None,
    slurm: Mapping[str, str | int | float] | None = None,
    save_every: float | None = None,
    track: str | None = None,
    given: Mapping[str, Any] | None = None,
    progress: Reporter | None = None,
) -> Grid:
    """Go on with a grid: what is finished stays, what stopped goes on, what failed is tried again.

    `given`: options of `train_many`, if any are given again; they must be the grid's own. How and where it is worked
    on may be said anew, and so may what changes no number.
    """
    folder = Folder.open(grid)
    check_given(folder, given or {})
    record = folder.record
    then = record["how"]
    how = checked_how(jobs or then["jobs"], on or then["on"], {**then["slurm"], **(slurm or {})})
    anytime = dict(zip(ANYTIME, (save_every, track), strict=True))
    anew = {name: value for name, value in anytime.items() if value is not None}
    folder.update({"how": how, "options": {**record["options"], **anew}})
    return _work(folder, progress or Silent())


def _work(folder: Folder, progress: Reporter) -> Grid:
    """Everything that is left, then the table."""
    busy = RunError("another process is working on this grid now", where=str(folder))
    with locked_or(folder.path / LOCK, busy):
        cells = folder.config.cells
        left = [cell for cell in cells if not folder.finished(cell)]
        if left:
            executor = make_executor(folder, folder.record["how"], len(left))
            done = f", {len(cells) - len(left)} of them finished already" if len(left) < len(cells) else ""
            progress.say(f"{len(cells)} runs in {folder}{done}, {min(executor.room, len(left))} at a time")
            progress.say(f"what each says goes to {folder.path / LOGS}")
            Scheduler(folder, left, executor, progress).work()
        else:
            progress.say(f"{folder}: all {len(cells)} runs are finished already")
        table = collect(folder)
        table.write(folder)
        return Grid(
            path=folder.path,
            runs=tuple(folder.run(cell) for cell in cells if folder.finished(cell)),
            failures={cell.name: folder.reason(cell) for cell in cells if not folder.finished(cell)},
            table=table,
            cells=tuple(state_of(folder, cell) for cell in cells),
        )
