"""Runs on the machine itself: each is a process of its own, so that one that crashes takes no other along."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping

from zoo.config.grid_config import Cell
from zoo.grid.grid_folder import GridFolder
from zoo.parallel import usable_cores

THREADS, GPUS = "OMP_NUM_THREADS", "CUDA_VISIBLE_DEVICES"


class LocalProcesses:
    """Processes beside this one."""

    pause = 0.1

    def __init__(self, room: int, gpus: int) -> None:
        self.room, self.gpus = room, gpus

    def start(self, folder: GridFolder, cell: Cell, slot: int) -> _Process:
        """Begin one, in a session of its own: Ctrl-C reaches it through `stop` alone, once."""
        share = machine_share(slot, self.room, cores=usable_cores(), gpus=self.gpus, environment=os.environ)
        with folder.log(cell).open("a", encoding="utf-8") as log:
            return _Process(
                subprocess.Popen(  # noqa: S603
                    [sys.executable, "-m", "zoo.grid.__main__", str(folder), cell.name],
                    stdin=subprocess.PIPE,
                    stdout=log,
                    stderr=log,
                    env={**os.environ, **share},
                    start_new_session=True,
                )
            )


class _Process:
    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    def over(self) -> bool:
        if self._process.poll() is None:
            return False
        self._close()
        return True

    def failure(self) -> str:
        status = self._process.returncode
        if status < 0:
            return f"its process was killed by {signal.Signals(-status).name}"
        return f"its process ended with status {status}"

    def stop(self) -> None:
        self._process.terminate()

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        self._close()

    def _close(self) -> None:
        if self._process.stdin is not None:
            self._process.stdin.close()


def machine_share(slot: int, room: int, *, cores: int, gpus: int, environment: Mapping[str, str]) -> dict[str, str]:
    """Each process's share of the machine, as variables; what the user has set stays."""
    if room == 1:
        return {}
    share = {} if THREADS in environment else {THREADS: str(max(1, cores // room))}
    visible = environment.get(GPUS, "").split(",") if environment.get(GPUS) else [str(number) for number in range(gpus)]
    return {**share, GPUS: visible[slot % len(visible)]} if len(visible) > 1 else share


def count_gpus() -> int:
    """How many there are."""
    import torch

    return torch.cuda.device_count()
