"""What one cell's process does. It writes into its cell's files and nowhere else."""

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
from zoo.grid.grid_folder import GridFolder
from zoo.process import keep_freed_memory
from zoo.progress.log_lines import LogReporter
from zoo.runs import Run

STOPPED = 130


def work(folder: GridFolder, cell: Cell) -> bool:
    """Train, or go on; False if somebody asked to stop. An error is written beside the log, and raised."""
    signal.signal(signal.SIGTERM, _stop)
    folder.error(cell).unlink(missing_ok=True)
    try:
        _train(folder, cell)
    except (Interrupted, KeyboardInterrupt):
        return False
    except Exception as error:
        text = str(error) if isinstance(error, ZooError | OSError) else f"{type(error).__name__}: {error}"
        write_text(folder.error(cell), text + "\n")
        raise
    return True


def _train(folder: GridFolder, cell: Cell) -> None:
    """Resume a run that has a checkpoint; start one anew that has none, as it has lost nothing."""
    from zoo.training.train import resume_from, train_from

    log, run, config = LogReporter(dated=True), folder.run(cell), folder.train_config(cell)
    if folder.begun(cell):
        anytime = {"save_every": config.session.save_every, "track": config.session.track}
        resume_from(run, anytime, progress=log)
        return
    if run.path.exists():
        _clear(run.path)
    train_from(config, progress=log)


def _clear(path: Path) -> None:
    """Take away a run that stopped before its first checkpoint, unless it is just being made."""
    with Run(path).locked():
        shutil.rmtree(path)


def _stop(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
    """While nothing is trained there is no step to finish. The training listens itself."""
    raise KeyboardInterrupt


def _end_with_parent() -> None:
    """Stop when whoever started this is gone: its end of the pipe is closed then, however it ended."""

    def wait() -> None:
        while os.read(0, 1):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, daemon=True).start()


def main(path: str, name: str) -> int:
    """Find the cell by its name."""
    keep_freed_memory()
    folder = GridFolder.open(path)
    cell = {cell.name: cell for cell in folder.config.cells}[name]
    _end_with_parent()
    try:
        return 0 if work(folder, cell) else STOPPED
    except ZooError as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
