"""Grids on a disk, without a training."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from zoo.config.grid_config import Cell, GridConfig
from zoo.grid.grid_folder import GridFolder
from zoo.runs import METRICS, Run


def grid_config(*models: str, **given: Any) -> GridConfig:
    """What a grid is asked for."""
    return GridConfig.from_keywords(models, given)


def lay(path: Path, config: GridConfig) -> GridFolder:
    """A grid of which nothing has begun."""
    train = replace(config.train, session=replace(config.train.session, out=path))
    return GridFolder.create(replace(config, train=train))


def finish(
    folder: GridFolder,
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
    record = run.record
    config = replace(record.config, model=replace(record.config.model, name=cell.model))
    split = {**record.split, **({"images": dict(images)} if images else {})}
    run.update(**{"config": config, "split_digest": cell.name, "split": split, "status": "finished", **facts})
    metrics = run.metrics
    metrics["measures"]["values"] = dict(values)
    (run.path / METRICS).write_text(json.dumps(metrics), encoding="utf-8")
    return run
