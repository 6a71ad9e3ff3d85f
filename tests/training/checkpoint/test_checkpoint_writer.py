from __future__ import annotations

import errno
import threading
from pathlib import Path

import pytest
import torch

from zoo.errors import TrainingError
from zoo.training.checkpoint import Checkpoints, CheckpointWriter, Snapshot


class SlowCheckpoints(Checkpoints):
    """Writes only once `go` is set, and then fails if there is an error."""

    def __init__(self, folder: Path, error: OSError | None = None) -> None:
        super().__init__(folder)
        self.go, self.steps, self.error = threading.Event(), list[int](), error

    def write(self, snapshot: Snapshot) -> None:
        assert self.go.wait(10)
        if self.error:
            raise self.error
        self.steps.append(snapshot.step)


def _snapshot(step: int) -> Snapshot:
    return Snapshot(step=step, facts={}, tensors={"network/a": torch.zeros(1)})


def test_saving_a_checkpoint_does_not_wait_until_it_is_written(tmp_path: Path) -> None:
    checkpoints = SlowCheckpoints(tmp_path)
    writer = CheckpointWriter(checkpoints, every=0)
    assert writer.due
    writer.save(_snapshot(1))
    assert checkpoints.steps == []
    assert not writer.due, "the first is still being written"
    checkpoints.go.set()
    writer.save(_snapshot(2), wait=True)
    assert checkpoints.steps == [1, 2]
    assert writer.due
    writer.close()


def test_no_checkpoint_is_due_before_save_every_seconds_have_passed(tmp_path: Path) -> None:
    writer = CheckpointWriter(Checkpoints(tmp_path), every=3600)
    assert not writer.due
    writer.close()


def test_a_full_disk_is_reported_when_the_next_checkpoint_is_due(tmp_path: Path) -> None:
    checkpoints = SlowCheckpoints(tmp_path, OSError(errno.ENOSPC, "No space left on device"))
    writer = CheckpointWriter(checkpoints, every=0)
    writer.save(_snapshot(1))
    checkpoints.go.set()
    writer._thread.shutdown(wait=True)
    with pytest.raises(TrainingError, match="a checkpoint cannot be written: No space left on device") as caught:
        assert writer.due
    assert "--resume" in str(caught.value)
    writer.close()
