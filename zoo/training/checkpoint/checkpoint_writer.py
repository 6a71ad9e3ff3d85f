"""When a checkpoint is written: beside the training, not too often, and before stopping."""

from __future__ import annotations

import time
from concurrent.futures import Future, ThreadPoolExecutor

from zoo.errors import TrainingError, ZooError
from zoo.training.checkpoint.checkpoint_files import Checkpoints, Snapshot


class CheckpointWriter:
    """Writes in a thread of its own, so that training goes on meanwhile."""

    def __init__(self, checkpoints: Checkpoints, *, every: float) -> None:
        self._checkpoints = checkpoints
        self._every = every
        self._last = time.monotonic()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="checkpoint")
        self._writing: Future[None] | None = None

    @property
    def due(self) -> bool:
        """Whether it is time for another, the last one being written. An error in writing it comes up here."""
        if self._writing is not None:
            if not self._writing.done():
                return False
            self._finish()
        return time.monotonic() - self._last >= self._every

    def save(self, snapshot: Snapshot, *, wait: bool = False) -> None:
        """Write one; `wait` until it lies there."""
        self._finish()
        self._last = time.monotonic()
        self._writing = self._thread.submit(self._checkpoints.write, snapshot)
        if wait:
            self._finish()

    def close(self) -> None:
        """Wait for what is being written. What went wrong with it no longer matters."""
        self._thread.shutdown(wait=True)

    def _finish(self) -> None:
        writing, self._writing = self._writing, None
        if writing is None:
            return
        try:
            writing.result()
        except (OSError, ZooError) as error:
            reason = error.strerror or error if isinstance(error, OSError) else error.message
            raise TrainingError(
                f"a checkpoint cannot be written: {reason}",
                where=str(self._checkpoints.folder),
                hint="the one before is whole: make room, and go on with --resume",
            ) from error
