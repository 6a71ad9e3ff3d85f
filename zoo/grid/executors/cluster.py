"""Runs as jobs of submitit: on SLURM, or with its local executor, which does the same on this machine.

A job that is preempted by SLURM or exceeds its time limit is queued again by submitit, and resumed from its checkpoint.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoo.config.grid_config import Cell, ExecutionConfig
from zoo.cores import usable_cores, users_environment
from zoo.files import write_json
from zoo.grid.executors.local_processes import machine_share
from zoo.grid.executors.slurm_options import submitit_parameters
from zoo.grid.worker import train_cell
from zoo.runs.grid_folder import JOBS, GridFolder

if TYPE_CHECKING:
    import submitit

CLUSTERS = {"slurm": "slurm", "submitit-local": "local"}
"""The values of `--on`, and submitit's names for them."""
MOST_REQUEUES = 1000
"""How often SLURM jobs are queued again after their time limit."""
STOPPED = 128 + signal.SIGTERM
"""The exit status of a job that was asked to stop."""
JOB_IDS = "job-ids.json"
POLL_SECONDS = {"submitit-local": 0.5, "slurm": 5.0}


class ClusterExecutor:
    """Executes runs as jobs of submitit."""

    def __init__(self, folder: GridFolder, execution: ExecutionConfig, *, slots: int, gpus: int) -> None:
        import submitit

        self.slots, self.gpus = slots, gpus
        self.poll_seconds = POLL_SECONDS[execution.on]
        self._local = execution.on == "submitit-local"
        cluster = CLUSTERS[execution.on]
        self._jobs = folder.path.resolve() / JOBS
        limits = {f"{cluster}_max_num_timeout": MOST_REQUEUES}
        self._executor = submitit.AutoExecutor(self._jobs, cluster=cluster, **limits)
        self._executor.update_parameters(**submitit_parameters(execution))

    def start(self, folder: GridFolder, cell: Cell, slot: int) -> _ClusterJob:
        """Submit a job, or return the one that an earlier session submitted, if SLURM still has it."""
        submitted = self._submitted_jobs()
        if (earlier := submitted.get(cell.name)) and (folder.is_finished(cell) or not earlier.done(force_check=True)):
            return _ClusterJob(earlier)
        share = {}
        if self._local:
            share = machine_share(
                slot, self.slots, cores=usable_cores(), gpus=self.gpus, environment=users_environment()
            )
            # without this variable, the local executor hides all GPUs
            visible = ",".join(str(number) for number in range(self.gpus))
            share.setdefault("CUDA_VISIBLE_DEVICES", os.environ.get("CUDA_VISIBLE_DEVICES", visible))
        job = self._executor.submit(TrainingJob(), str(folder.path.resolve()), cell, share)
        ids = {**{name: other.job_id for name, other in submitted.items()}, cell.name: job.job_id}
        write_json(self._jobs / JOB_IDS, ids)
        return _ClusterJob(job)

    def _submitted_jobs(self) -> dict[str, submitit.Job[Any]]:
        """Return the SLURM jobs of this grid by the name of their cell; jobs of the local executor end with it."""
        import submitit

        path = self._jobs / JOB_IDS
        if self._local or not path.exists():
            return {}
        ids = json.loads(path.read_text(encoding="utf-8"))
        return {name: submitit.SlurmJob(self._jobs, number) for name, number in ids.items()}


class TrainingJob:
    """The function that a job calls. Before a job is preempted, submitit calls `checkpoint` and queues its result."""

    def __call__(self, path: str, cell: Cell, share: Mapping[str, str]) -> None:
        """Train a cell, with all output in its log file.

        A job that was asked to stop exits without a result, since it may be queued again.
        """
        os.environ.update(share)
        folder = GridFolder.open(path)
        with folder.log_file(cell).open("a", encoding="utf-8") as log:
            os.dup2(log.fileno(), 1)
            os.dup2(log.fileno(), 2)
        if not train_cell(folder, cell):
            sys.exit(STOPPED)

    def checkpoint(self, path: str, cell: Cell, share: Mapping[str, str]) -> submitit.helpers.DelayedSubmission:
        """Return the same job for the queue; the run has checkpoints of its own."""
        import submitit

        return submitit.helpers.DelayedSubmission(self, path, cell, share)


class _ClusterJob:
    """The job of one run."""

    def __init__(self, job: submitit.Job[Any]) -> None:
        self._job = job

    def is_done(self) -> bool:
        return bool(self._job.done())

    def failure(self) -> str:
        return f"job {self._job.job_id} ended as {self._job.state}, see {Path(self._job.paths.stdout)}"

    def stop(self) -> None:
        """Send SIGTERM. SLURM then waits; the local executor's `cancel` would kill after a second, too soon."""
        import submitit

        if isinstance(self._job, submitit.LocalJob):
            with suppress(ProcessLookupError):
                os.kill(int(self._job.job_id), signal.SIGTERM)
        else:
            self._job.cancel(check=False)

    def kill(self) -> None:
        self._job.cancel(check=False)
