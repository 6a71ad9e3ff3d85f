"""A cluster, through submitit: its SLURM executor, and its local one, which works on this machine as a cluster would.

A job that SLURM takes away, or whose time is up, is queued again by submitit and goes on from its checkpoint.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoo.config.grid_config import Cell, ExecutionConfig
from zoo.config.values import parse
from zoo.errors import MissingExtraError, UnknownNameError, UsageError
from zoo.files import write_json
from zoo.grid.executors.local_processes import machine_share
from zoo.grid.grid_folder import JOBS, GridFolder
from zoo.grid.worker import work
from zoo.parallel import usable_cores

if TYPE_CHECKING:
    import submitit

SUBMITIT: dict[str, tuple[str, Any]] = {
    "partition": ("slurm_partition", str),
    "account": ("slurm_account", str),
    "qos": ("slurm_qos", str),
    "constraint": ("slurm_constraint", str),
    "minutes": ("timeout_min", int),
    "gpus": ("gpus_per_node", int),
    "cpus": ("cpus_per_task", int),
    "memory": ("mem_gb", float),
}
"""Our words, submitit's, and their types. Memory is in GB."""
CLUSTERS = {"slurm": "slurm", "submitit-local": "local"}
"""Our names of submitit's clusters, and its own."""
MINUTES = {"slurm": 240, "submitit-local": 30 * 24 * 60}
"""After so many minutes a job is queued again and resumed; the local executor does that six times at most."""
TIMES = 1000
"""How often that may happen."""
STOPPED = 128 + signal.SIGTERM
BEGUN = "begun.json"
PAUSES = {"submitit-local": 0.5, "slurm": 5.0}


def submitit_parameters(execution: ExecutionConfig) -> dict[str, Any]:
    """Return submitit's parameters, or raise an error before anything is made."""
    try:
        import submitit  # noqa: F401
    except ImportError as error:
        raise MissingExtraError("submitit", "cluster") from error
    if execution.on == "slurm" and shutil.which("srun") is None:
        raise UsageError("there is no SLURM on this machine (no srun)", hint="use --on here or --on submitit-local")
    found: dict[str, Any] = {"timeout_min": MINUTES[execution.on], "name": "zoo", "stderr_to_stdout": True}
    for name, value in execution.slurm.items():
        if name not in SUBMITIT:
            raise UnknownNameError("SLURM option", name, SUBMITIT)
        theirs, kind = SUBMITIT[name]
        try:
            found[theirs] = parse(str(value), kind)
        except ValueError as error:
            raise UsageError(f"SLURM option {name} {error}") from error
    return found


class ClusterExecutor:
    """Executes runs as jobs of submitit."""

    def __init__(self, folder: GridFolder, execution: ExecutionConfig, *, room: int, gpus: int) -> None:
        import submitit

        self.room, self.gpus = room, gpus
        self.pause = PAUSES[execution.on]
        self._local = execution.on == "submitit-local"
        cluster = CLUSTERS[execution.on]
        self._jobs = folder.path.resolve() / JOBS
        limits = {f"{cluster}_max_num_timeout": TIMES}
        self._executor = submitit.AutoExecutor(self._jobs, cluster=cluster, **limits)
        self._executor.update_parameters(**submitit_parameters(execution))

    def start(self, folder: GridFolder, cell: Cell, slot: int) -> _Queued:
        """Queue one; or wait for the job that an earlier sitting queued, if SLURM still has it."""
        begun = self._begun()
        if (known := begun.get(cell.name)) and (folder.finished(cell) or not known.done(force_check=True)):
            return _Queued(known)
        share = {}
        if self._local:
            share = machine_share(slot, self.room, cores=usable_cores(), gpus=self.gpus, environment=os.environ)
            share.setdefault("CUDA_VISIBLE_DEVICES", os.environ.get("CUDA_VISIBLE_DEVICES", _all(self.gpus)))
        job = self._executor.submit(Training(), str(folder.path.resolve()), cell, share)
        write_json(self._jobs / BEGUN, {**{name: old.job_id for name, old in begun.items()}, cell.name: job.job_id})
        return _Queued(job)

    def _begun(self) -> dict[str, submitit.Job[Any]]:
        """Jobs that SLURM was given for this grid; the local executor's end with their session."""
        import submitit

        path = self._jobs / BEGUN
        if self._local or not path.exists():
            return {}
        ids = json.loads(path.read_text(encoding="utf-8"))
        return {name: submitit.SlurmJob(self._jobs, number) for name, number in ids.items()}


class Training:
    """What a job does. submitit calls `checkpoint` before the job is taken away, and what that gives is queued."""

    def __call__(self, path: str, cell: Cell, share: Mapping[str, str]) -> None:
        """Work on one cell, into its log. A job that was asked to stop leaves no result, as it may come again."""
        os.environ.update(share)
        folder = GridFolder.open(path)
        with folder.log(cell).open("a", encoding="utf-8") as log:
            os.dup2(log.fileno(), 1)
            os.dup2(log.fileno(), 2)
        if not work(folder, cell):
            sys.exit(STOPPED)

    def checkpoint(self, path: str, cell: Cell, share: Mapping[str, str]) -> submitit.helpers.DelayedSubmission:
        """The same again: the run's own checkpoints are all that is needed."""
        import submitit

        return submitit.helpers.DelayedSubmission(self, path, cell, share)


class _Queued:
    def __init__(self, job: submitit.Job[Any]) -> None:
        self._job = job

    def over(self) -> bool:
        return bool(self._job.done())

    def failure(self) -> str:
        return f"job {self._job.job_id} ended as {self._job.state}, see {Path(self._job.paths.stdout)}"

    def stop(self) -> None:
        """SLURM sends SIGTERM and waits. The local executor's own way to cancel leaves a second, too short."""
        import submitit

        if isinstance(self._job, submitit.LocalJob):
            with suppress(ProcessLookupError):
                os.kill(int(self._job.job_id), signal.SIGTERM)
        else:
            self._job.cancel(check=False)

    def kill(self) -> None:
        self._job.cancel(check=False)


def _all(gpus: int) -> str:
    """The local executor hides all GPUs unless it is told how many."""
    return ",".join(str(number) for number in range(gpus))
