"""A grid's folder: what it was asked for, one run folder for each of its cells, their logs, and the table."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import yaml

from zoo.errors import RunError
from zoo.files import write_text
from zoo.grid.grid_config import Cell, GridConfig
from zoo.runs import CHECKPOINT, RECORD, Run
from zoo.runs.new_folder import new_folder

GRID, TABLE, NUMBERS, LOGS, JOBS, LOCK = "grid.yaml", "table.csv", "table.json", "logs", "jobs", ".lock"
FORMAT = 1
ANYTIME = ("save_every", "track")
"""Options of `zoo.train` that change no number, and may be said anew when a run goes on."""
YAML = (".yaml", ".yml")
State = Literal["finished", "failed", "stopped", "waiting"]


@dataclass(frozen=True)
class Folder:
    """One grid's."""

    path: Path

    @classmethod
    def create(cls, config: GridConfig, how: Mapping[str, Any], out: Path | None) -> Folder:
        """Make `out`, or the next free `runs/grid-N`. A recipe's file is copied, so that every run reads the same."""
        folder = cls(new_folder("grid", out))
        recipe = str(config.options.get("recipe") or "")
        if recipe.endswith(YAML):
            shutil.copyfile(recipe, folder.path / Path(recipe).name)
            config = replace(config, options={**config.options, "recipe": Path(recipe).name})
        (folder.path / LOGS).mkdir()
        folder._write({"format": FORMAT, **config.as_dict(), "how": dict(how)})
        return folder

    @classmethod
    def open(cls, path: str | Path) -> Folder:
        """An existing grid."""
        if not is_grid(Path(path)):
            raise RunError(f"there is no {GRID}, so this is not a grid", where=str(path))
        return cls(Path(path))

    @property
    def record(self) -> dict[str, Any]:
        """What grid.yaml says."""
        try:
            document = yaml.safe_load((self.path / GRID).read_text(encoding="utf-8"))
        except (OSError, yaml.YAMLError) as error:
            raise RunError(f"{GRID} cannot be read: {error}", where=str(self.path)) from error
        if not isinstance(document, dict) or document.get("format") != FORMAT:
            raise RunError(f"{GRID} is damaged, or of another version", where=str(self.path))
        return document

    @property
    def config(self) -> GridConfig:
        """What it was asked for."""
        try:
            return GridConfig.from_dict(self.record)
        except (KeyError, TypeError) as error:
            raise RunError(f"{GRID} lacks something: {error!r}", where=str(self.path)) from error

    def options_of(self, cell: Cell) -> dict[str, Any]:
        """What `zoo.train` is called with; a recipe's file lies here."""
        options = self.config.options_of(cell)
        if str(options.get("recipe") or "").endswith(YAML):
            options["recipe"] = str(self.path / options["recipe"])
        return options

    def update(self, changes: Mapping[str, Any]) -> None:
        """Write grid.yaml again with some keys changed."""
        self._write({**self.record, **changes})

    def run(self, cell: Cell) -> Run:
        """Where a cell's run lies, or will."""
        return Run(self.path / cell.name)

    def log(self, cell: Cell) -> Path:
        """What a cell said while it ran."""
        return self.path / LOGS / f"{cell.name}.txt"

    def error(self, cell: Cell) -> Path:
        """Why a cell failed, if it did."""
        return self.path / LOGS / f"{cell.name}.error.txt"

    def begun(self, cell: Cell) -> bool:
        """Whether there is something to go on with."""
        path = self.run(cell).path
        return _filled(path / RECORD) and (any((path / CHECKPOINT).glob("step-*.json")) or self.finished(cell))

    def finished(self, cell: Cell) -> bool:
        """Whether there is nothing left to do."""
        run = self.run(cell)
        return _filled(run.path / RECORD) and run.record.get("status") == "finished"

    def state(self, cell: Cell) -> State:
        """How far a cell has come, as its files say."""
        if self.finished(cell):
            return "finished"
        if self.error(cell).exists():
            return "failed"
        return "stopped" if self.run(cell).path.exists() else "waiting"

    def reason(self, cell: Cell) -> str:
        """What the error was."""
        path = self.error(cell)
        return path.read_text(encoding="utf-8").strip() if path.exists() else ""

    def _write(self, document: Mapping[str, Any]) -> None:
        write_text(self.path / GRID, yaml.safe_dump(dict(document), sort_keys=False, allow_unicode=True, width=110))

    def __str__(self) -> str:
        return os.fspath(self.path)


def is_grid(path: Path) -> bool:
    """Whether a folder is a grid."""
    return (path / GRID).is_file()


def _filled(path: Path) -> bool:
    """A process killed at the wrong moment leaves an empty record."""
    return path.is_file() and path.stat().st_size > 0
