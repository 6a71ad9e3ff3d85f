"""Where the runs of a grid are worked on: what every such place can do."""

from __future__ import annotations

from typing import Protocol

from zoo.config.grid_config import Cell
from zoo.grid.grid_folder import GridFolder


class Job(Protocol):
    """One cell being worked on."""

    def over(self) -> bool:
        """Whether its process has ended."""

    def failure(self) -> str:
        """How it ended, when the cell's own files do not say."""

    def stop(self) -> None:
        """Ask it to finish the step and write a checkpoint."""

    def kill(self) -> None:
        """End it at once."""


class Executor(Protocol):
    """Starts jobs."""

    room: int
    """How many at a time."""
    pause: float
    """Seconds between two looks at them."""

    def start(self, folder: GridFolder, cell: Cell, slot: int) -> Job:
        """Begin one. `slot`, below `room`, is nobody else's while it runs."""
