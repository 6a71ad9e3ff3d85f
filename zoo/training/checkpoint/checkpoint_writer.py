"""Writes checkpoints while training continues: at most one every `every` seconds, and before training stops."""

from __future__ import annotations

import time
from concurrent.futures import Future, ThreadPoolExecutor

from zoo.errors import TrainingError, ZooError
from zoo.training.checkpoint.checkpoint_files import Checkpoints, Snapshot


class CheckpointWriter:
    """Writes checkpoints in a thread, so that training does not wait."""

    def __init__(self, checkpoints: Checkpoints, *, every: float) -> None:
        """Start the thread; `every` is the number of seconds between two checkpoints."""
        self._checkpoints = checkpoints
        self._every = every
        self._last = time.monotonic()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="checkpoint")
        self._writing: Future[None] | None = None

    @property
    def due(self) -> bool:
        """Whether a checkpoint is to be saved now. False while one is being written; raises an error if that failed."""
        if self._writing is not None:
            if not self._writing.done():
                return False
            self._finish()
        return time.monotonic() - self._last >= self._every

    def save(self, snapshot: Snapshot, *, wait: bool = False) -> None:
        """Start writing a checkpoint, or with `wait` write it completely."""
        self._finish()
        self._last = time.monotonic()
        self._writing = self._thread.submit(self._checkpoints.write, snapshot)
        if wait:
            self._finish()

    def close(self) -> None:
        """Wait until the last checkpoint is written, and ignore errors."""
        self._thread.shutdown(wait=True)

    def _finish(self) -> None:
        """Wait for the checkpoint that is being written, and raise a TrainingError if that failed."""
        writing, self._writing = self._writing, None
        if writing is None:
            return
        try:
            writing.result()
        except (OSError, ZooError) as error:
            reason = f"cannot be written: {error.strerror or error}" if isinstance(error, OSError) else error.message
            raise TrainingError(
                f"a checkpoint {reason}",
                where=str(self._checkpoints.folder),
                hint="an earlier checkpoint is intact: free some disk space, then use --resume",
            ) from error
