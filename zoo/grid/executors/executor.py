"""The protocols of executors, which execute the runs of a grid somewhere."""

from __future__ import annotations

from typing import Protocol

from zoo.config.grid_config import Cell
from zoo.runs.grid_folder import GridFolder


class Job(Protocol):
    """A run that is being executed."""

    def is_done(self) -> bool:
        """Whether its process has ended."""

    def failure(self) -> str:
        """Return how its process ended; used if the process itself wrote no error."""

    def stop(self) -> None:
        """Ask it to finish its step, save a checkpoint and end."""

    def kill(self) -> None:
        """End it at once."""


class Executor(Protocol):
    """Starts the runs of a grid as jobs."""

    slots: int
    """How many jobs can run at a time."""
    poll_seconds: float
    """Seconds between two checks whether jobs are done."""

    def start(self, folder: GridFolder, cell: Cell, slot: int) -> Job:
        """Start the run of a cell.

        Args:
            folder: The grid's folder.
            cell: The cell.
            slot: A number below `slots` that no other running job has.
        """
