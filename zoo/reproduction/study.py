"""The study: the grids of runs that a reproduction consists of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from zoo.config.grid_config import GridConfig
from zoo.config.reproduction_config import ReproductionConfig, SplitUnit
from zoo.config.train_config import ModelConfig, RecipeConfig, TrainConfig
from zoo.data.source_lookup import find_source
from zoo.errors import UsageError
from zoo.grid.smoke import SETTINGS, smoke_side, write_smoke_split
from zoo.progress import Reporter
from zoo.registry import registry
from zoo.reproduction.paper_table import PaperTable, paper_table
from zoo.spec import Entry, Scalar, Source
from zoo.training.plan import make_plan

SPLITS = "splits"
"""The folder with the split files of a smoke run."""


@dataclass(frozen=True, kw_only=True)
class DataSet:
    """A data set on which models are trained."""

    name: str
    options: Mapping[str, Scalar]
    """Options of the data source."""
    columns: tuple[str, ...]
    """The columns of the paper's table that its results stand beside."""


@dataclass(frozen=True, kw_only=True)
class PlannedGrid:
    """A grid of runs: some rows of the table, on one data set, with one split."""

    name: str
    """The name of its folder."""
    split: SplitUnit
    data: DataSet
    config: GridConfig


@dataclass(frozen=True, kw_only=True)
class Study:
    """Everything that a reproduction trains."""

    table: PaperTable
    source: Source
    data: tuple[DataSet, ...]
    splits: tuple[SplitUnit, ...]
    grids: tuple[PlannedGrid, ...]


def plan_study(config: ReproductionConfig, folder: Path) -> Study:
    """Return the grids of a reproduction.

    Args:
        config: The configuration, with the name of a data source and an absolute path.
        folder: The folder of the reproduction.
    """
    table = paper_table(config.paper).chosen(models=config.models, columns=config.columns)
    source, _ = find_source(config.data.source, config.data.root, registry().plugins.sources)
    splits = _splits(config, table)
    data = _data_sets(config, table, source)
    side = smoke_side([registry().model(row.name).architecture.image_size for row in table.rows])
    grids = [
        _grid(config, rows, one, split, folder, side)
        for split in splits
        for one in data
        for rows in _rows_with_common_settings(table.rows)
    ]
    return Study(table=table, source=source, data=data, splits=splits, grids=tuple(grids))


def _splits(config: ReproductionConfig, table: PaperTable) -> tuple[SplitUnit, ...]:
    """Return the splits to train with."""
    if config.split == "both":
        return ("image", "patient")
    return (table.paper.split if config.split == "paper" else config.split,)


def _data_sets(config: ReproductionConfig, table: PaperTable, source: Source) -> tuple[DataSet, ...]:
    """Return a data set for each column of the table, or one for all columns if the source has no such options.

    So the synthetic sample, which has no magnifications, stands for all magnifications of a paper.
    """
    given = config.data.options
    of_columns = {name for column in table.columns.values() for name in column.options}
    if decided := sorted(of_columns & set(given)):
        raise UsageError(
            f"the option {decided[0]} of the data is decided by the columns of the paper's table",
            hint=f"choose columns with --columns: {', '.join(table.columns)}",
        )
    is_papers = source.name in {column.source for column in table.columns.values()}
    if is_papers or (of_columns and of_columns <= set(source.options)):
        return tuple(
            DataSet(name=name, options={**given, **column.options}, columns=(name,))
            for name, column in table.columns.items()
        )
    return (DataSet(name=source.name, options=given, columns=tuple(table.columns)),)


def _rows_with_common_settings(rows: Sequence[Entry]) -> list[tuple[Entry, ...]]:
    """Return the rows in groups that one grid can train: with the same recipe and options of the architecture."""
    groups: dict[str, list[Entry]] = defaultdict(list)
    for row in rows:
        groups[repr((row.recipe, sorted(row.claimed_options.items())))].append(row)
    return [tuple(group) for group in groups.values()]


def _grid(
    config: ReproductionConfig, rows: Sequence[Entry], data: DataSet, split: SplitUnit, folder: Path, side: int
) -> PlannedGrid:
    """Return the grid of some rows on one data set with one split."""
    first = rows[0]
    words = [split, *data.name.split(), *first.claimed_options]
    name = "-".join(words)
    smoke = config.budget == "smoke"
    changes: dict[str, Any] = {"split": split}
    if smoke:
        changes = {**SETTINGS, "height": side, "width": side}
    train = TrainConfig(
        model=ModelConfig(name=first.name, options=first.claimed_options, init="scratch" if smoke else config.init),
        data=replace(config.data, options=data.options),
        recipe=RecipeConfig(name=first.recipe, changes=changes),
        compute=config.compute,
        session=replace(config.session, out=folder / name),
        split_file=folder / SPLITS / f"{split}-{'-'.join(data.name.split())}.csv" if smoke else None,
        seed=config.seed,
    )
    grid = GridConfig(
        models=tuple(row.name for row in rows), train=train, execution=config.execution, seeds=config.seeds
    )
    return PlannedGrid(name=name, split=split, data=data, config=grid)


def write_smoke_splits(study: Study, progress: Reporter) -> None:
    """Write the split files of a smoke run that do not exist yet."""
    for grid in study.grids:
        file = grid.config.train.split_file
        if file is not None and not file.exists():
            train = replace(grid.config.train, split_file=None)
            changes = {"split": grid.split}
            plan = make_plan(replace(train, recipe=RecipeConfig(name=train.recipe.name, changes=changes)))
            write_smoke_split(file, plan, progress)
