"""Grids on disk, made without training."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from zoo.bundle.provenance import PartSizes
from zoo.config.grid_config import Cell, GridConfig
from zoo.config.plain import plain
from zoo.files import write_json
from zoo.runs import METRICS, PREDICTIONS, Run
from zoo.runs.grid_folder import GridFolder


def grid_config(*models: str, **given: Any) -> GridConfig:
    """Return the configuration of a grid."""
    return GridConfig.from_keywords(models, given)


def make_grid(path: Path, config: GridConfig) -> GridFolder:
    """Return a new grid of which no run has started."""
    train = replace(config.train, session=replace(config.train.session, out=path))
    return GridFolder.create(replace(config, train=train))


def finish_cell(
    folder: GridFolder,
    cell: Cell,
    like: Run,
    values: Mapping[str, float | None],
    *,
    images: Mapping[str, int] | None = None,
    **facts: Any,
) -> Run:
    """Make the run of a cell, as a copy of a real run with other measures, and return it."""
    run = folder.run(cell)
    shutil.copytree(like.path, run.path)
    record = run.record
    config = replace(record.config, model=replace(record.config.model, name=cell.model), seed=cell.seed)
    split = replace(record.split, images=PartSizes(**images)) if images else record.split
    run.update(**{"config": config, "split_digest": cell.name, "split": split, "status": "finished", **facts})
    metrics = replace(run.metrics, measures=replace(run.metrics.measures, values=values))
    write_json(run.path / METRICS, plain(metrics))
    return run


def answer(run: Run, *, seed: int, right: float = 0.8, patients: int | None = None) -> Run:
    """Write other predictions into a run, of which about a share is right, and return it.

    Args:
        run: The run, whose predictions.csv is written anew.
        seed: The seed of the answers.
        right: The share of right answers.
        patients: The number of patients that the images are given to in turn, each of one class; none by default.
    """
    generator = np.random.default_rng(seed)
    with (run.path / PREDICTIONS).open(newline="") as file:
        rows = list(csv.DictReader(file))
    classes = run.metrics.measures.classes
    for index, row in enumerate(rows):
        true = classes.index(row["label"])
        margin = abs(generator.normal(1, 0.5)) * (1 if generator.random() < right else -1)
        for number, name in enumerate(classes):
            row[f"logit_{name}"] = str(margin if number == true else -margin)
        row["group"] = f"{row['label']} {index % patients}" if patients else ""
    with (run.path / PREDICTIONS).open("w", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(rows)
    return run
