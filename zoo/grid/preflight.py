"""What is settled before the first run of a grid: that all can be done, and where."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Literal, get_args

from zoo.config import values as typed
from zoo.data.source_lookup import read_manifest
from zoo.errors import UsageError
from zoo.grid.executors.cluster import Cluster, checked
from zoo.grid.executors.executor import Executor
from zoo.grid.executors.local_processes import LocalProcesses, count_gpus
from zoo.grid.grid_config import GridConfig
from zoo.grid.grid_folder import Folder
from zoo.grid.train_options import plan_of
from zoo.progress import Reporter

On = Literal["here", "local", "slurm"]


def checked_how(jobs: int | None, on: On, slurm: Mapping[str, Any]) -> dict[str, Any]:
    """Where and how many at a time, checked."""
    if int(os.environ.get("WORLD_SIZE", "1")) > 1:
        raise UsageError("a grid begins processes of its own", hint="start it without torchrun")
    if on not in get_args(On):
        raise UsageError(f"on must be {typed.describe(On)}, not {on!r}")
    if jobs is not None and jobs < 1:
        raise UsageError(f"jobs must be at least 1, not {jobs}")
    if on == "here":
        if slurm:
            raise UsageError("there are wishes to SLURM, but nothing goes there", hint="add --on slurm")
    else:
        checked(on, slurm)
    return {"jobs": jobs, "on": on, "slurm": dict(slurm)}


def check_all(config: GridConfig, progress: Reporter) -> None:
    """What a user can have got wrong is told before anything is made, not by every run."""
    plans = [plan_of(config, cell) for cell in config.cells]
    first = plans[0]
    manifest = read_manifest(first.source, root=first.root, options=first.options, progress=progress)
    for split_policy in dict.fromkeys(plan.split_policy for plan in plans if plan.split_file is None):
        split_policy.split(manifest)


def make_executor(folder: Folder, how: Mapping[str, Any], cells: int) -> Executor:
    """Where it is worked on."""
    on: On = how["on"]
    room = how["jobs"] or (cells if on == "slurm" else 1)
    alone = folder.record["options"].get("device", "auto") not in ("auto", "cuda")
    gpus = 0 if alone or on == "slurm" or (room == 1 and on == "here") else count_gpus()
    if on == "here":
        return LocalProcesses(room, gpus)
    return Cluster(folder, on, told=checked(on, how["slurm"]), room=room, gpus=gpus)
