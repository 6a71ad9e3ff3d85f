"""The folder of a grid: its configuration, a run folder for each cell, their logs, and the table of results."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from zoo.config.grid_config import Cell, GridConfig
from zoo.config.train_config import TrainConfig
from zoo.errors import RunError
from zoo.runs import CHECKPOINT, RECORD, Run
from zoo.runs.new_folder import new_folder
from zoo.runs.settings_file import read_settings, write_settings

GRID, TABLE_CSV, TABLE_JSON, LOGS, JOBS, LOCK = "grid.yaml", "table.csv", "table.json", "logs", "jobs", ".lock"
RECIPE = "recipe"
"""The folder of the copied recipe file, whose name may be that of another file of the grid."""
FORMAT = 3
CellState = Literal["finished", "failed", "stopped", "waiting"]
"""The state of a cell; stopped: its run was interrupted; waiting: its run has not started."""


class GridFolder:
    """The folder of one grid."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def create(cls, config: GridConfig) -> GridFolder:
        """Make the configured folder, or the next free `runs/grid-N`, and return it.

        A recipe file is copied into the folder, so that all runs use the same recipe.
        """
        folder = cls(new_folder("grid", config.train.session.out))
        train = replace(config.train, session=replace(config.train.session, out=None))
        if file := config.train.recipe_file:
            folder.recipe_copy(file).parent.mkdir()
            shutil.copyfile(file, folder.recipe_copy(file))
            train = replace(train, recipe=replace(train.recipe, name=file.name))
        (folder.path / LOGS).mkdir()
        folder.write(replace(config, train=train))
        return folder

    @classmethod
    def open(cls, path: str | Path) -> GridFolder:
        """Return the grid in an existing folder."""
        if not is_grid(Path(path)):
            raise RunError(f"there is no {GRID}, so this is not a grid's folder", where=str(path))
        return cls(Path(path))

    @property
    def config(self) -> GridConfig:
        """The configuration in grid.yaml."""
        return read_settings(self.path / GRID, GridConfig, format=FORMAT, of="grid")

    def write(self, config: GridConfig) -> None:
        """Write a configuration to grid.yaml."""
        write_settings(self.path / GRID, config, format=FORMAT)

    def train_config(self, cell: Cell) -> TrainConfig:
        """Return the configuration of a cell's run; a recipe file is the copy in this folder."""
        train = self.config.train_config(cell)
        if file := train.recipe_file:
            train = replace(train, recipe=replace(train.recipe, name=str(self.recipe_copy(file))))
        return replace(train, session=replace(train.session, out=self.run(cell).path))

    def recipe_copy(self, file: Path) -> Path:
        """Return the path of the grid's copy of a recipe file."""
        return self.path / RECIPE / file.name

    def run(self, cell: Cell) -> Run:
        """Return the run of a cell, whose folder may not exist yet."""
        return Run(self.path / cell.name)

    def run_with_data(self, *, other_than: Cell) -> Run | None:
        """Return another run of the grid that has read the data, if there is one."""
        runs = (self.run(cell) for cell in self.config.cells if cell != other_than)
        return next((run for run in runs if _has_content(run.path / RECORD)), None)

    def log_file(self, cell: Cell) -> Path:
        """Return the path of the file with the output of a cell's process."""
        return self.path / LOGS / f"{cell.name}.txt"

    def error_file(self, cell: Cell) -> Path:
        """Return the path of the file with a cell's error, which exists if the cell failed."""
        return self.path / LOGS / f"{cell.name}.error.txt"

    def can_resume(self, cell: Cell) -> bool:
        """Whether a cell's run has a checkpoint, or is finished."""
        path = self.run(cell).path
        return _has_content(path / RECORD) and (any((path / CHECKPOINT).glob("step-*.json")) or self.is_finished(cell))

    def is_finished(self, cell: Cell) -> bool:
        """Whether a cell's run is finished."""
        run = self.run(cell)
        return _has_content(run.path / RECORD) and run.record.status == "finished"

    @property
    def finished(self) -> tuple[Cell, ...]:
        """The cells whose runs are finished."""
        return tuple(cell for cell in self.config.cells if self.is_finished(cell))

    def state(self, cell: Cell) -> CellState:
        """Return the state of a cell, from its files."""
        if self.is_finished(cell):
            return "finished"
        if self.error_file(cell).exists():
            return "failed"
        return "stopped" if self.run(cell).path.exists() else "waiting"

    def error_text(self, cell: Cell) -> str:
        """Return the error of a cell that failed; empty for others."""
        path = self.error_file(cell)
        return path.read_text(encoding="utf-8").strip() if path.exists() else ""

    def summary(self, cell: Cell) -> dict[str, Any]:
        """Return the state of a cell as plain values, for the document that `zoo train --json` prints."""
        state = self.state(cell)
        return {
            "name": cell.name,
            "model": cell.model,
            "seed": cell.seed,
            "fold": cell.fold,
            "state": state,
            "run": str(self.run(cell)) if state != "waiting" else None,
            "error": self.error_text(cell) or None,
        }

    def __str__(self) -> str:
        return os.fspath(self.path)


def is_grid(path: Path) -> bool:
    """Whether a folder is the folder of a grid."""
    return (path / GRID).is_file()


def _has_content(path: Path) -> bool:
    """Whether a file exists and is not empty; a process that is killed while it makes run.yaml leaves it empty."""
    return path.is_file() and path.stat().st_size > 0
