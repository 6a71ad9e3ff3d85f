"""Checks before the first run of a grid: that every run can be trained, and that it can be executed where asked."""

from __future__ import annotations

import os

from zoo.config.grid_config import Cell, ExecutionConfig, GridConfig
from zoo.data.split.policy import SplitPolicy
from zoo.data.split.split import Split
from zoo.errors import UsageError
from zoo.grid.executors.cluster import ClusterExecutor
from zoo.grid.executors.executor import Executor
from zoo.grid.executors.local_processes import LocalProcesses, count_gpus
from zoo.grid.executors.slurm_options import submitit_parameters
from zoo.metrics.trainings import trainings_in_words
from zoo.progress import Reporter
from zoo.runs.grid_folder import GridFolder
from zoo.training.plan import Plan, make_plan
from zoo.training.split_check import check_batch_size, check_split
from zoo.training.trackers import make_tracker


def check_execution(execution: ExecutionConfig) -> None:
    """Raise an error if the runs cannot be executed where the configuration says."""
    if int(os.environ.get("WORLD_SIZE", "1")) > 1:
        raise UsageError("many runs cannot be started with torchrun", hint="start them without torchrun")
    if execution.on == "here":
        if execution.slurm:
            raise UsageError("SLURM options are given, but the runs are not submitted to SLURM", hint="add --on slurm")
    else:
        submitit_parameters(execution)


def check_runs(config: GridConfig, progress: Reporter) -> dict[Cell, Plan]:
    """Return the plan of every run. A mistake in the settings raises one error here, not one in each run."""
    from zoo.training.compute import choose_training_compute
    from zoo.training.initial_model import planned_initial_model

    plans = {cell: make_plan(config.train_config(cell)) for cell in config.cells}
    for plan in {plan.blueprint.name: plan for plan in plans.values()}.values():
        planned_initial_model(plan, progress)
    first = plans[config.cells[0]]
    choose_training_compute(first.config.compute)
    make_tracker(first.config.session.track)
    manifest = first.manifest(progress)
    splits: dict[SplitPolicy, Split] = {}
    for plan in plans.values():
        if (policy := plan.split_policy) not in splits:
            splits[policy] = check_split(plan, manifest)
        check_batch_size(plan, splits[policy])
    tested = len({split.test for split in splits.values()})
    if len(config.cells) > len(config.models):
        progress.say(trainings_in_words(seeds=len(config.all_seeds), folds=config.folds, splits=tested))
    return plans


def make_executor(folder: GridFolder, config: GridConfig, runs: int) -> Executor:
    """Return the executor for `runs`, as configured."""
    execution = config.execution
    slots = execution.jobs or (runs if execution.on == "slurm" else 1)
    may_use_gpus = config.train.compute.device in ("auto", "cuda")
    shares_gpus = execution.on == "submitit-local" or (execution.on == "here" and slots > 1)
    gpus = count_gpus() if may_use_gpus and shares_gpus else 0
    if execution.on == "here":
        return LocalProcesses(slots, gpus)
    return ClusterExecutor(folder, execution, slots=slots, gpus=gpus)
