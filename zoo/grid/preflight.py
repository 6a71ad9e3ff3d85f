"""What is checked before the first run of a grid: that all runs can be done, and where."""

from __future__ import annotations

import os

from zoo.config.grid_config import Cell, ExecutionConfig, GridConfig
from zoo.data.source_lookup import read_manifest
from zoo.errors import UsageError
from zoo.grid.executors.cluster import ClusterExecutor, submitit_parameters
from zoo.grid.executors.executor import Executor
from zoo.grid.executors.local_processes import LocalProcesses, count_gpus
from zoo.grid.grid_folder import GridFolder
from zoo.progress import Reporter
from zoo.training.plan import Plan, make_plan
from zoo.training.trackers import make_tracker


def check_execution(execution: ExecutionConfig) -> None:
    """Raise an error unless the runs can be executed where it is asked for."""
    if int(os.environ.get("WORLD_SIZE", "1")) > 1:
        raise UsageError("a grid starts processes of its own", hint="start it without torchrun")
    if execution.on == "here":
        if execution.slurm:
            raise UsageError("SLURM options are given, but nothing is submitted to SLURM", hint="add --on slurm")
    else:
        submitit_parameters(execution)


def check_runs(config: GridConfig, progress: Reporter) -> dict[Cell, Plan]:
    """Return the plan of every run; whatever a user can have got wrong is an error now, and not of every run."""
    from zoo.training.compute import choose_training_compute

    plans = {cell: make_plan(config.train_config(cell)) for cell in config.cells}
    first = plans[config.cells[0]]
    choose_training_compute(first.config.compute)
    make_tracker(first.config.session.track)
    manifest = read_manifest(first.source, root=first.root, options=first.source_options, progress=progress)
    if first.config.split_file is None:
        for policy in dict.fromkeys(plan.split_policy for plan in plans.values()):
            policy.split(manifest)
    return plans


def make_executor(folder: GridFolder, config: GridConfig, cells: int) -> Executor:
    """Return what executes so many runs."""
    execution = config.execution
    room = execution.jobs or (cells if execution.on == "slurm" else 1)
    alone = config.train.compute.device not in ("auto", "cuda")
    gpus = 0 if alone or execution.on == "slurm" or (room == 1 and execution.on == "here") else count_gpus()
    if execution.on == "here":
        return LocalProcesses(room, gpus)
    return ClusterExecutor(folder, execution, room=room, gpus=gpus)
