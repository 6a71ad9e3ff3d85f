"""A grid's folder: what it was asked for, one run folder for each of its cells, their logs, and the table."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Literal

import yaml

from zoo.config.grid_config import Cell, GridConfig
from zoo.config.plain import from_plain, plain
from zoo.config.train_config import TrainConfig
from zoo.config.yaml_file import read_document
from zoo.errors import RunError, ZooError
from zoo.files import write_text
from zoo.runs import CHECKPOINT, RECORD, Run
from zoo.runs.new_folder import new_folder

GRID, TABLE, NUMBERS, LOGS, JOBS, LOCK = "grid.yaml", "table.csv", "table.json", "logs", "jobs", ".lock"
RECIPE = "recipe"
"""The folder of the recipe's file, which may have any name, also that of a file of the grid."""
FORMAT = 2
State = Literal["finished", "failed", "stopped", "waiting"]


class GridFolder:
    """The folder of one grid."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def create(cls, config: GridConfig) -> GridFolder:
        """Make the configured folder, or the next free `runs/grid-N`.

        A recipe's file is copied into it, so that every run reads the same.
        """
        folder = cls(new_folder("grid", config.train.session.out))
        train = replace(config.train, session=replace(config.train.session, out=None))
        if file := config.train.recipe_file:
            folder.recipe(file).parent.mkdir()
            shutil.copyfile(file, folder.recipe(file))
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
        """What grid.yaml says."""
        try:
            document = read_document(self.path / GRID)
        except OSError as error:
            raise RunError(f"{GRID} cannot be read: {error.strerror}", where=str(self.path)) from error
        except ValueError as error:
            raise RunError(f"{GRID} is damaged: {error}", where=str(self.path)) from error
        if not isinstance(document, dict) or document.pop("format", None) != FORMAT:
            raise RunError(f"{GRID} is damaged, or of another version", where=str(self.path))
        try:
            return from_plain(GridConfig, document)
        except (ValueError, ZooError) as error:
            raise RunError(f"{GRID} is damaged: {error}", where=str(self.path)) from error

    def write(self, config: GridConfig) -> None:
        """Write grid.yaml."""
        document = {"format": FORMAT, **plain(config)}
        write_text(self.path / GRID, yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=110))

    def train_config(self, cell: Cell) -> TrainConfig:
        """Return the configuration of one run; a recipe's file is the copy in this folder."""
        train = self.config.train_config(cell)
        if file := train.recipe_file:
            train = replace(train, recipe=replace(train.recipe, name=str(self.recipe(file))))
        return replace(train, session=replace(train.session, out=self.run(cell).path))

    def recipe(self, file: Path) -> Path:
        """The grid's own copy of a recipe's file."""
        return self.path / RECIPE / file.name

    def run(self, cell: Cell) -> Run:
        """Return the run of a cell, whether its folder is there yet or not."""
        return Run(self.path / cell.name)

    def log(self, cell: Cell) -> Path:
        """The file with what a cell's process printed."""
        return self.path / LOGS / f"{cell.name}.txt"

    def error(self, cell: Cell) -> Path:
        """The file that says why a cell failed, if it did."""
        return self.path / LOGS / f"{cell.name}.error.txt"

    def begun(self, cell: Cell) -> bool:
        """Whether a cell's run can be resumed, or is finished."""
        path = self.run(cell).path
        return _filled(path / RECORD) and (any((path / CHECKPOINT).glob("step-*.json")) or self.finished(cell))

    def finished(self, cell: Cell) -> bool:
        """Whether a cell's run is finished."""
        run = self.run(cell)
        return _filled(run.path / RECORD) and run.record.status == "finished"

    def state(self, cell: Cell) -> State:
        """How far a cell has come, as its files say."""
        if self.finished(cell):
            return "finished"
        if self.error(cell).exists():
            return "failed"
        return "stopped" if self.run(cell).path.exists() else "waiting"

    def reason(self, cell: Cell) -> str:
        """The error of a cell that failed; empty for others."""
        path = self.error(cell)
        return path.read_text(encoding="utf-8").strip() if path.exists() else ""

    def __str__(self) -> str:
        return os.fspath(self.path)


def is_grid(path: Path) -> bool:
    """Whether a folder is a grid's."""
    return (path / GRID).is_file()


def _filled(path: Path) -> bool:
    """Whether a file is there and not empty; a process killed at the wrong moment leaves an empty record."""
    return path.is_file() and path.stat().st_size > 0
