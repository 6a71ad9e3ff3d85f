from __future__ import annotations

import errno
import threading
from pathlib import Path

import pytest
import torch

from zoo.errors import TrainingError
from zoo.training.checkpoint import Checkpoints, CheckpointWriter, Snapshot


class Slow(Checkpoints):
    """Writes when it is let."""

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


def test_training_goes_on_while_it_writes(tmp_path: Path) -> None:
    slow = Slow(tmp_path)
    writer = CheckpointWriter(slow, every=0)
    assert writer.due
    writer.save(_snapshot(1))
    assert slow.steps == []
    assert not writer.due, "the first is still being written"
    slow.go.set()
    writer.save(_snapshot(2), wait=True)
    assert slow.steps == [1, 2]
    assert writer.due
    writer.close()


def test_it_is_not_due_before_its_time(tmp_path: Path) -> None:
    writer = CheckpointWriter(Checkpoints(tmp_path), every=3600)
    assert not writer.due
    writer.close()


def test_a_full_disk_comes_up_in_the_training_and_says_what_to_do(tmp_path: Path) -> None:
    slow = Slow(tmp_path, OSError(errno.ENOSPC, "No space left on device"))
    writer = CheckpointWriter(slow, every=0)
    writer.save(_snapshot(1))
    slow.go.set()
    writer._thread.shutdown(wait=True)
    with pytest.raises(TrainingError, match="a checkpoint cannot be written: No space left on device") as caught:
        assert writer.due
    assert "--resume" in str(caught.value)
    writer.close()
