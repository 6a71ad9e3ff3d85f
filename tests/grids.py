"""Grids as they lie on a disk, without a training."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from zoo.config.plain import plain
from zoo.files import write_json
from zoo.grid.grid_config import Cell, GridConfig
from zoo.grid.grid_folder import Folder
from zoo.runs import METRICS, Run

HOW = {"jobs": None, "on": "here", "slurm": {}}


def lay(path: Path, config: GridConfig) -> Folder:
    """A grid of which nothing has begun."""
    return Folder.create(config, HOW, path)


def finish(
    folder: Folder,
    cell: Cell,
    like: Run,
    values: Mapping[str, float | None],
    *,
    images: Mapping[str, int] | None = None,
    **facts: Any,
) -> Run:
    """Let a cell be finished with these measures: a copy of a real run, with its numbers changed."""
    run = folder.run(cell)
    shutil.copytree(like.path, run.path)
    split = {**run.record["split"], **({"images": dict(images)} if images else {})}
    run.update({"model": cell.model, "split_sum": cell.name, "split": split, "status": "finished", **facts})
    metrics = replace(run.metrics, measures=replace(run.metrics.measures, values=values))
    write_json(run.path / METRICS, plain(metrics))
    return run
