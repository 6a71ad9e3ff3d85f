"""What is settled before the first run of a grid: that all can be done, and where."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Literal, get_args

from zoo.config import values as typed
from zoo.data.source_lookup import read_manifest
from zoo.errors import UsageError
from zoo.grid.executors.cluster import Cluster, checked
from zoo.grid.executors.executor import Place
from zoo.grid.executors.local_processes import Here, count_gpus
from zoo.grid.grid_config import Wanted
from zoo.grid.grid_folder import Folder
from zoo.grid.train_options import plan_of
from zoo.progress import Watcher

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


def check_all(wanted: Wanted, watch: Watcher) -> None:
    """What a user can have got wrong is told before anything is made, not by every run."""
    plans = [plan_of(wanted, cell) for cell in wanted.cells]
    first = plans[0]
    manifest = read_manifest(first.source, root=first.root, options=first.options, watch=watch)
    for splitting in dict.fromkeys(plan.splitting for plan in plans if plan.split_file is None):
        splitting.of(manifest)


def place_of(folder: Folder, how: Mapping[str, Any], cells: int) -> Place:
    """Where it is worked on."""
    on: On = how["on"]
    room = how["jobs"] or (cells if on == "slurm" else 1)
    alone = folder.record["options"].get("device", "auto") not in ("auto", "cuda")
    gpus = 0 if alone or on == "slurm" or (room == 1 and on == "here") else count_gpus()
    if on == "here":
        return Here(room, gpus)
    return Cluster(folder, on, told=checked(on, how["slurm"]), room=room, gpus=gpus)
