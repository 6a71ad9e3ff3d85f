"""The processes that train together: one by default, or as many as torch's launcher started.

Every process holds the whole network and takes its share of each batch; what they compute is what one process alone
would, to rounding. Only the chief, process 0, writes and speaks.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NoReturn, TypeVar

import numpy as np
import torch
import torch.distributed as dist
from torch import Tensor
from torch.distributed.distributed_c10d import Store
from torch.distributed.rendezvous import rendezvous

from zoo.distributed.failures import first_failure, lost
from zoo.distributed.rank import is_one_of_several
from zoo.errors import Interrupted, TrainingError, UsageError

Items = TypeVar("Items", np.ndarray, Sequence[int])
PATIENCE = timedelta(hours=2)
"""How long one process waits for another: decoding a large data set is done by one while the others wait."""
JOINING = timedelta(minutes=10)
"""How long the first to come waits for the last."""
LINGER = 2.0
"""Seconds for which a process whose word does not count waits before it ends: when one ends, the launcher ends all."""


@dataclass(frozen=True)
class World:
    """Who this process is among how many."""

    rank: int = 0
    size: int = 1
    store: Store | None = None
    """What the launcher keeps for all of them; it outlives a process that fails."""

    @property
    def chief(self) -> bool:
        """Whether this process writes and speaks."""
        return self.rank == 0

    def part(self, length: int) -> slice:
        """The part of so many that is this process's; the parts in the order of the processes are the whole."""
        return slice(length * self.rank // self.size, length * (self.rank + 1) // self.size)

    def share(self, items: Items) -> Items:
        """The part of a list that is this process's."""
        return items[self.part(len(items))]

    def sum(self, tensor: Tensor) -> Tensor:
        """The sum over all processes, in place."""
        if self.size > 1:
            dist.all_reduce(tensor)
        return tensor

    def gather(self, rows: Tensor, total: int) -> Tensor:
        """All processes' rows in the order of `share`, of which this process has its part."""
        if self.size == 1:
            return rows
        lengths = [total * (rank + 1) // self.size - total * rank // self.size for rank in range(self.size)]
        padded = rows.new_zeros((max(lengths), *rows.shape[1:]))
        padded[: len(rows)] = rows
        found = [torch.empty_like(padded) for _ in lengths]
        dist.all_gather(found, padded)
        return torch.cat([part[:length] for part, length in zip(found, lengths, strict=True)])

    def spread(self, tensors: Iterable[Tensor]) -> None:
        """The chief's values for everybody, in place."""
        if self.size > 1:
            for tensor in tensors:
                dist.broadcast(tensor, src=0)

    def tell(self, value: Any) -> Any:
        """What the chief says, for everybody."""
        if self.size == 1:
            return value
        said = [value]
        dist.broadcast_object_list(said, src=0)
        return said[0]

    def cause(self, error: Exception) -> str:
        """The error that came first, and where: the others' are what follows from it."""
        rank, text = first_failure(self.store, self.rank, error)
        return text if rank == self.rank else f"process {rank} of {self.size}: {text}"

    def fail(self, error: Exception) -> NoReturn:
        """End with this error if it is the first, and else with a word on whose was."""
        rank, text = first_failure(self.store, self.rank, error)
        if rank != self.rank:
            time.sleep(LINGER)
            raise TrainingError(f"process {rank} failed, and so all stop") from error
        if lost(error):
            raise TrainingError(text, hint="the launcher's report says how it ended") from error
        raise error

    def agree(self, what: str, value: Any) -> None:
        """All processes must have found the same."""
        if self.size > 1 and self.tell(value) != value:
            raise TrainingError(f"process {self.rank} has other {what} than process 0")


@contextmanager
def open_world(device: torch.device) -> Iterator[World]:
    """Join the others, if torch's launcher started this process as one of several."""
    if dist.is_initialized():
        yield World(dist.get_rank(), dist.get_world_size())
        return
    if not is_one_of_several():
        yield World()
        return
    world = _join(device)
    try:
        yield world
    except Interrupted:
        if not world.chief:
            time.sleep(LINGER)
        raise
    except Exception as error:  # noqa: BLE001  # it is raised again, or another process's in its place
        world.fail(error)
    finally:
        dist.destroy_process_group()


def _join(device: torch.device) -> World:
    if device.type not in ("cpu", "cuda"):
        raise UsageError(f"several processes cannot work together on {device.type}", hint="give --device cpu")
    try:
        store, rank, size = next(rendezvous("env://", timeout=JOINING))
        store.set_timeout(PATIENCE)
        backend = "nccl" if device.type == "cuda" else "gloo"
        with _silent_meeting():
            dist.init_process_group(backend, store=store, rank=rank, world_size=size, timeout=PATIENCE)
    except (ValueError, dist.DistError) as error:
        raise TrainingError(
            f"WORLD_SIZE is {os.environ['WORLD_SIZE']}, but the other processes cannot be met: {error}",
            hint="start them with torchrun; to train in one process, unset WORLD_SIZE",
        ) from error
    return World(rank, size, store)


@contextmanager
def _silent_meeting() -> Iterator[None]:
    """Standard output belongs to the command's result, and torch 2.10 with gloo writes there of its own accord."""
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)


def local_device(device: torch.device) -> torch.device:
    """The GPU that is this process's own, where several share a machine."""
    if str(device) != "cuda" or "LOCAL_RANK" not in os.environ:
        return device
    number, there = int(os.environ["LOCAL_RANK"]), torch.cuda.device_count()
    if number >= there:
        raise UsageError(
            f"this process is number {number + 1} of its machine, which has {there} GPU{'s' * (there != 1)}",
            hint="start one process a GPU, or give --device cpu",
        )
    mine = torch.device("cuda", number)
    torch.cuda.set_device(mine)
    return mine
