"""Training one cell of a grid, in a process of its own. It writes to the files of its cell only."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import threading
from pathlib import Path
from types import FrameType

from zoo.config.grid_config import Cell
from zoo.errors import Interrupted, ZooError
from zoo.files import write_text
from zoo.process import keep_freed_memory
from zoo.progress.log_lines import LogReporter
from zoo.runs import Run
from zoo.runs.grid_folder import GridFolder

STOPPED = 130
"""The exit status of a process that was asked to stop."""


def main(path: str, name: str) -> int:
    """Train the cell of that name in the grid's folder, and return the exit status."""
    keep_freed_memory()
    folder = GridFolder.open(path)
    cell = {cell.name: cell for cell in folder.config.cells}[name]
    _stop_with_parent()
    try:
        return 0 if train_cell(folder, cell) else STOPPED
    except ZooError as error:
        sys.stderr.write(f"error: {error}\n")
        return 1


def train_cell(folder: GridFolder, cell: Cell) -> bool:
    """Train or resume the run of a cell.

    Returns:
        True if the run is finished, False if it was asked to stop.

    Raises:
        Exception: The error of the training, which is also written to the cell's error file.
    """
    signal.signal(signal.SIGTERM, _interrupt)
    folder.error_file(cell).unlink(missing_ok=True)
    try:
        _train(folder, cell)
    except (Interrupted, KeyboardInterrupt):
        return False
    except Exception as error:
        text = str(error) if isinstance(error, ZooError | OSError) else f"{type(error).__name__}: {error}"
        write_text(folder.error_file(cell), text + "\n")
        raise
    return True


def _train(folder: GridFolder, cell: Cell) -> None:
    """Resume a run that has a checkpoint; start one without any from the beginning."""
    from zoo.training.train import resume_from, train_from

    log, run, config = LogReporter(dated=True), folder.run(cell), folder.train_config(cell)
    if folder.can_resume(cell):
        resume_from(run, config.changeable, progress=log)
        return
    if run.path.exists():
        _delete(run.path)
    train_from(config, progress=log, same_data_as=folder.run_with_data(other_than=cell))


def _delete(path: Path) -> None:
    """Delete a run that stopped before its first checkpoint; an error is raised if another process trains it."""
    with Run(path).locked():
        shutil.rmtree(path)


def _interrupt(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
    """Handle SIGTERM while data are read; during training it is handled there, and the step is finished first."""
    raise KeyboardInterrupt


def _stop_with_parent() -> None:
    """Stop this process when its parent ends in any way: the parent's end of the pipe to it is then closed."""

    def wait() -> None:
        while os.read(0, 1):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, daemon=True).start()
