"""The processes that train together: one by default, or as many as torch's launcher started.

Every process holds the whole network and takes its share of each batch; the result is that of one process, up to
rounding. Only the chief, process 0, writes files and messages.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NoReturn, TypeVar

import numpy as np
import torch
import torch.distributed as dist
from torch import Tensor
from torch.distributed.distributed_c10d import Store
from torch.distributed.rendezvous import rendezvous

from zoo.distributed.failures import failed_process, first_failure, is_lost_connection
from zoo.distributed.rank import is_distributed
from zoo.errors import Interrupted, TrainingError, UsageError
from zoo.signals import StopRequested
from zoo.text import counted

Items = TypeVar("Items", np.ndarray, Sequence[int])
PATIENCE = timedelta(hours=2)
"""How long a process waits for another: one decodes a large data set while the others wait."""
JOINING = timedelta(minutes=10)
"""How long processes wait for all to join."""
LINGER = 2.0
"""How many seconds other processes wait before they exit, so that the error of the first one is printed: the launcher
ends all processes when one exits."""


@dataclass(frozen=True)
class World:
    """The rank of this process among all that train together, and what they exchange."""

    rank: int = 0
    size: int = 1
    store: Store | None = None
    """The launcher's key-value store for all processes; it outlives a process that fails."""
    joined: bool = False
    """Whether this process is in a group of torch.distributed even if it is the only one there."""

    @property
    def exchanges(self) -> bool:
        """Whether tensors go through the group of processes."""
        return self.size > 1 or self.joined

    @property
    def chief(self) -> bool:
        """Whether this process writes files and messages."""
        return self.rank == 0

    def part(self, length: int) -> slice:
        """Return this process's slice of `length` items; the slices of all processes in order cover all items."""
        return slice(length * self.rank // self.size, length * (self.rank + 1) // self.size)

    def share(self, items: Items) -> Items:
        """Return this process's part of a list."""
        return items[self.part(len(items))]

    def sum(self, tensor: Tensor) -> Tensor:
        """Sum a tensor over all processes, in place."""
        if self.exchanges:
            dist.all_reduce(tensor)
        return tensor

    def gather(self, rows: Tensor, total: int) -> Tensor:
        """Return the rows of all processes in the order of `share`; `rows` are those of this process."""
        if not self.exchanges:
            return rows
        lengths = [total * (rank + 1) // self.size - total * rank // self.size for rank in range(self.size)]
        padded = rows.new_zeros((max(lengths), *rows.shape[1:]))
        padded[: len(rows)] = rows
        gathered = [torch.empty_like(padded) for _ in lengths]
        dist.all_gather(gathered, padded)
        return torch.cat([part[:length] for part, length in zip(gathered, lengths, strict=True)])

    def broadcast(self, tensors: Iterable[Tensor]) -> None:
        """Copy the chief's values into the tensors of all processes."""
        if self.exchanges:
            for tensor in tensors:
                dist.broadcast(tensor, src=0)

    def broadcast_object(self, value: Any) -> Any:
        """Return the chief's value in every process."""
        if not self.exchanges:
            return value
        values = [value]
        dist.broadcast_object_list(values, src=0)
        return values[0]

    def first_error(self, error: Exception) -> str:
        """Return the error that occurred first, with the process if it is another one."""
        rank, text = first_failure(self.store, self.rank, error)
        return text if rank == self.rank else f"process {rank} of {self.size}: {text}"

    def raise_first_error(self, error: Exception) -> NoReturn:
        """Raise this error if it occurred first; otherwise raise an error that names the process that failed first."""
        rank, text = first_failure(self.store, self.rank, error)
        if rank != self.rank:
            with suppress(StopRequested):  # the launcher's signal to all processes after the first failure
                time.sleep(LINGER)
            raise TrainingError(f"process {rank} failed, so all processes stop") from error
        if is_lost_connection(error):
            raise TrainingError(text, hint="the report of the launcher says how it exited") from error
        raise error

    def check_equal(self, what: str, value: Any) -> None:
        """Raise a TrainingError if this process's value differs from the chief's."""
        if self.size > 1 and self.broadcast_object(value) != value:
            raise TrainingError(f"process {self.rank} has different {what} from process 0")


@contextmanager
def open_world(device: torch.device) -> Iterator[World]:
    """Join the other processes if torch's launcher started several; leave them when the block ends."""
    if dist.is_initialized():
        yield World(dist.get_rank(), dist.get_world_size(), joined=True)
        return
    if not is_distributed():
        yield World()
        return
    world = _join(device)
    try:
        yield world
    except Interrupted:
        if not world.chief:
            time.sleep(LINGER)
        raise
    except StopRequested as stopped:
        rank = failed_process(world.store)
        if rank not in (None, world.rank):
            raise TrainingError(f"process {rank} failed, so all processes stop") from stopped
        raise
    except Exception as error:  # noqa: BLE001  # it is raised again, or another process's in its place
        world.raise_first_error(error)
    finally:
        dist.destroy_process_group()


def _join(device: torch.device) -> World:
    """Join the other processes that torch's launcher started."""
    if device.type not in ("cpu", "cuda"):
        raise UsageError(f"several processes cannot train together on {device.type}", hint="use --device cpu")
    try:
        store, rank, size = next(rendezvous("env://", timeout=JOINING))
        store.set_timeout(PATIENCE)
        backend = "nccl" if device.type == "cuda" else "gloo"
        with _stdout_to_stderr():
            dist.init_process_group(backend, store=store, rank=rank, world_size=size, timeout=PATIENCE)
    except (ValueError, dist.DistError) as error:
        raise TrainingError(
            f"WORLD_SIZE is {os.environ['WORLD_SIZE']}, but the other processes cannot be reached: {error}",
            hint="start them with torchrun; to train in one process, unset WORLD_SIZE",
        ) from error
    return World(rank, size, store)


@contextmanager
def _stdout_to_stderr() -> Iterator[None]:
    """Send standard output to standard error: torch 2.10 with gloo prints, and standard output is for results."""
    sys.stdout.flush()
    stdout = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        os.dup2(stdout, 1)
        os.close(stdout)


def local_device(device: torch.device) -> torch.device:
    """Return the GPU of this process if several processes share a machine; otherwise the device as given."""
    if str(device) != "cuda" or "LOCAL_RANK" not in os.environ:
        return device
    number, count = int(os.environ["LOCAL_RANK"]), torch.cuda.device_count()
    if number >= count:
        raise UsageError(
            f"this is process {number + 1} of this machine, which has {counted(count, 'GPU')}",
            hint="start one process per GPU, or use --device cpu",
        )
    own = torch.device("cuda", number)
    torch.cuda.set_device(own)
    return own
