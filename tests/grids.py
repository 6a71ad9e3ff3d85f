"""Grids as they lie on a disk, without a training."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

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
    metrics = run.metrics
    metrics["measures"]["values"] = dict(values)
    (run.path / METRICS).write_text(json.dumps(metrics), encoding="utf-8")
    return run
