"""A few processes that stay joined as torch's launcher would join them, and do one small job after another.

They are forked from a server that has torch in memory already, so that a crew is there in a moment. Every wait has an
end: a job that hangs fails, and takes its crew with it.
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

WAIT = 60.0
"""Seconds for one job."""
PRELOADED = [
    "pytest",
    "torch",
    "timm.layers",
    "imblearn.over_sampling",
    "zoo.training",
    "zoo.metrics",
    "safetensors.torch",
]
"""What takes long to import, and is imported once for all."""


class Crew:
    """So many processes in one group."""

    def __init__(self, size: int, meeting: Path) -> None:
        context = get_context("forkserver")
        context.set_forkserver_preload(PRELOADED)
        pairs = [context.Pipe() for _ in range(size)]
        self.size = size
        self._pipes = [ours for ours, _ in pairs]
        self._processes = [
            context.Process(target=_work, args=(rank, size, str(meeting), pairs[rank][1]), daemon=True)
            for rank in range(size)
        ]
        for process in self._processes:
            process.start()

    def do(self, job: Callable[..., Any], *args: Any) -> list[Any]:
        """What each process gives for `job(world, *args)`, in their order. The first error is raised here."""
        where, env = str(Path.cwd()), {"ZOO_CACHE": os.environ["ZOO_CACHE"]}
        for pipe in self._pipes:
            pipe.send((job, args, where, env))
        answers = []
        for rank, pipe in enumerate(self._pipes):
            if not pipe.poll(WAIT):
                self.end()
                raise TimeoutError(f"process {rank} of {self.size} did not end its job within {WAIT:.0f} s")
            answers.append(pipe.recv())
        for rank, (right, value) in enumerate(answers):
            if not right:
                raise AssertionError(f"process {rank} of {self.size}:\n{value}")
        return [value for _, value in answers]

    def end(self) -> None:
        for process in self._processes:
            process.kill()
            process.join(10)


@contextmanager
def crew(size: int, folder: Path) -> Iterator[Crew]:
    """A crew for the time of some tests."""
    found = Crew(size, folder / f"meeting-{size}")
    try:
        yield found
    finally:
        found.end()


def _work(rank: int, size: int, meeting: str, pipe: Connection) -> None:
    import torch
    import torch.distributed as dist

    from zoo.distributed.world import World

    os.environ.update(RANK=str(rank), WORLD_SIZE=str(size), LOCAL_RANK=str(rank), OMP_NUM_THREADS="1")
    torch.set_num_threads(1)
    dist.init_process_group("gloo", init_method=f"file://{meeting}", rank=rank, world_size=size)
    while True:
        job, args, where, env = pipe.recv()
        os.chdir(where)
        os.environ.update(env)
        try:
            pipe.send((True, job(World(rank, size), *args)))
        except Exception:  # noqa: BLE001  # whatever it was, the test that asked is told
            pipe.send((False, traceback.format_exc()))
