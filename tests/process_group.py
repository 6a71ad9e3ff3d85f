"""A group of processes that are joined as torch's launcher joins them, and run one function after another.

They are forked from a server that has imported torch, so that a group starts quickly. A function that does not return
in time is an error that ends the group.
"""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

TIMEOUT = 60.0
"""Seconds in which a function must return."""
PRELOADED = [
    "pytest",
    "torch",
    "timm.layers",
    "imblearn.over_sampling",
    "zoo.training",
    "zoo.metrics",
    "safetensors.torch",
]
"""Slow imports that the server makes once for all processes."""


class ProcessGroup:
    """Processes in one group of torch.distributed."""

    def __init__(self, size: int, meeting: Path) -> None:
        """Start `size` processes, which find each other through the file `meeting`."""
        context = get_context("forkserver")
        context.set_forkserver_preload(PRELOADED)
        pairs = [context.Pipe() for _ in range(size)]
        self.size = size
        self._pipes = [ours for ours, _ in pairs]
        self._processes = [
            context.Process(target=_serve, args=(rank, size, str(meeting), pairs[rank][1]), daemon=True)
            for rank in range(size)
        ]
        for process in self._processes:
            process.start()

    def run(self, function: Callable[..., Any], *args: Any) -> list[Any]:
        """Return what `function(world, *args)` returns in each process, by rank. The first error is raised here."""
        folder, env = str(Path.cwd()), {"ZOO_CACHE": os.environ["ZOO_CACHE"]}
        for pipe in self._pipes:
            pipe.send((function, args, folder, env))
        answers = []
        for rank, pipe in enumerate(self._pipes):
            if not pipe.poll(TIMEOUT):
                self.kill()
                raise TimeoutError(f"process {rank} of {self.size} did not return within {TIMEOUT:.0f} s")
            answers.append(pipe.recv())
        for rank, (returned, value) in enumerate(answers):
            if not returned:
                raise AssertionError(f"process {rank} of {self.size}:\n{value}")
        return [value for _, value in answers]

    def kill(self) -> None:
        """Kill all processes."""
        for process in self._processes:
            process.kill()
            process.join(10)


@contextmanager
def process_group(size: int, folder: Path) -> Iterator[ProcessGroup]:
    """Yield a group of processes, which are killed when the block ends."""
    group = ProcessGroup(size, folder / f"meeting-{size}")
    try:
        yield group
    finally:
        group.kill()


def _serve(rank: int, size: int, meeting: str, pipe: Connection) -> None:
    """Join the group, then run functions until killed."""
    import torch
    import torch.distributed as dist

    from zoo.distributed.world import World

    os.environ.update(RANK=str(rank), WORLD_SIZE=str(size), LOCAL_RANK=str(rank), OMP_NUM_THREADS="1")
    torch.set_num_threads(1)
    dist.init_process_group("gloo", init_method=f"file://{meeting}", rank=rank, world_size=size)
    while True:
        function, args, folder, env = pipe.recv()
        os.chdir(folder)
        os.environ.update(env)
        try:
            pipe.send((True, function(World(rank, size), *args)))
        except Exception:  # noqa: BLE001  # any error is raised again in the test
            pipe.send((False, traceback.format_exc()))
