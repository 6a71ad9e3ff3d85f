"""Runs in processes on this machine, one for each run, so that a crash ends no other run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping

from zoo.config.grid_config import Cell
from zoo.cores import THREADS, usable_cores, users_environment
from zoo.runs.grid_folder import GridFolder

GPUS = "CUDA_VISIBLE_DEVICES"


class LocalProcesses:
    """Executes runs in processes on this machine."""

    poll_seconds = 0.1

    def __init__(self, slots: int, gpus: int) -> None:
        self.slots, self.gpus = slots, gpus

    def start(self, folder: GridFolder, cell: Cell, slot: int) -> _ProcessJob:
        """Start a process in a session of its own, so that Ctrl-C reaches it only through `stop`."""
        share = machine_share(slot, self.slots, cores=usable_cores(), gpus=self.gpus, environment=users_environment())
        with folder.log_file(cell).open("a", encoding="utf-8") as log:
            return _ProcessJob(
                subprocess.Popen(  # noqa: S603
                    [sys.executable, "-m", "zoo.grid.__main__", str(folder), cell.name],
                    stdin=subprocess.PIPE,
                    stdout=log,
                    stderr=log,
                    env={**os.environ, **share},
                    start_new_session=True,
                )
            )


class _ProcessJob:
    """The process of one run."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    def is_done(self) -> bool:
        if self._process.poll() is None:
            return False
        self._close_pipe()
        return True

    def failure(self) -> str:
        status = self._process.returncode
        if status < 0:
            return f"its process was killed by {signal.Signals(-status).name}"
        return f"its process exited with status {status}"

    def stop(self) -> None:
        self._process.terminate()

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        self._close_pipe()

    def _close_pipe(self) -> None:
        """Close the pipe by which the process notices when this one ends."""
        if self._process.stdin is not None:
            self._process.stdin.close()


def machine_share(slot: int, slots: int, *, cores: int, gpus: int, environment: Mapping[str, str]) -> dict[str, str]:
    """Return environment variables that give one of several processes its share of the machine.

    Args:
        slot: The number of the process, below `slots`.
        slots: The number of processes at a time.
        cores: The number of CPU cores.
        gpus: The number of GPUs.
        environment: The environment, whose variables take precedence.
    """
    if slots == 1:
        return {}
    share = {} if THREADS in environment else {THREADS: str(max(1, cores // slots))}
    visible = environment.get(GPUS, "").split(",") if environment.get(GPUS) else [str(number) for number in range(gpus)]
    return {**share, GPUS: visible[slot % len(visible)]} if len(visible) > 1 else share


def count_gpus() -> int:
    """Return the number of GPUs that torch can use."""
    import torch

    return torch.cuda.device_count()
