"""Train many models, seeds and folds, or resume that."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoo.config.diff import changed_settings
from zoo.config.grid_config import GridConfig, grid_keywords
from zoo.config.plain import plain
from zoo.config.train_config import TrainConfig
from zoo.data.source_lookup import all_options, find_source
from zoo.errors import RunError
from zoo.grid.grid_folder import LOCK, LOGS, GridFolder
from zoo.grid.preflight import check_execution, check_runs, make_executor
from zoo.grid.results_table import Table, collect, state_of
from zoo.grid.scheduler import Scheduler
from zoo.locks import locked_or
from zoo.progress import Reporter, reporter_for
from zoo.registry import registry
from zoo.runs import Run
from zoo.training.plan import make_plan

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from zoo.config.keywords import GridKeywords


@dataclass(frozen=True, kw_only=True)
class Grid:
    """The result of many trainings."""

    path: Path
    runs: tuple[Run, ...]
    """The finished ones."""
    failures: Mapping[str, str]
    """Why the others are not finished."""
    table: Table
    cells: tuple[Mapping[str, Any], ...]
    """Every run's name, seed, fold and state."""

    def as_dict(self) -> dict[str, Any]:
        """Return it as the document that `zoo train --json` prints."""
        return {"grid": str(self.path), "cells": list(self.cells), "table": plain(self.table)}


def train_many(models: Sequence[str] | str, *, progress: Reporter | bool = True, **given: Unpack[GridKeywords]) -> Grid:
    """Train every model with every seed on every fold, and summarise the results.

    A run that fails does not stop the others; `failures` of the result says why.

    Args:
        models: Names of models.
        progress: Show progress in a terminal or a notebook; False for none, or a reporter of your own.
        **given: Settings of the grid, and of `zoo.train` for every run. `folds` without `fold`: every fold is a run.
            seeds: Number of runs of each model, with seeds from --seed on.
            jobs: Runs at a time.
            on: Where to run: as processes here, as SLURM jobs, or as jobs of submitit's local executor on this machine.
            slurm: SLURM options: partition, minutes, gpus, cpus, memory (in GB), account, qos, constraint.
            model_options: Options of the architecture, such as depth=32; `zoo show NAME` lists them.
            init: Initial weights. auto: pretrained weights where there are any and they can be downloaded, else from
                scratch.
            data: Data source (`zoo data list`), or a path whose layout is recognised.
            root: Path of the data.
            options: Options of the data source, such as magnification=40.
            store: Decode each image once into the cache, or every time it is read.
            tolerate: Share of images that may be unreadable.
            recipe: Recipe: a name, or a YAML file. `zoo show NAME` prints the model's own, which is the default.
            device: auto, cpu, cuda, cuda:1, mps.
            precision: Number format of training; auto: bfloat16 where the hardware has it.
            layout: Memory layout of images.
            compile: Use torch.compile; auto: where it saves time.
            resident: Keep all images in the GPU's memory; auto: if they fit.
            sync_norm: Batch norm statistics over all processes; auto: where each has few images.
            deterministic: Same result to the last bit every time, on a GPU too; slower there.
            out: Run folder; the next free runs/MODEL-DATA-N if not given, or runs/grid-N for many runs.
            save_every: Seconds between two checkpoints.
            track: Experiment tracker that follows the epochs.
            split_file: Table that says which image is in which part, such as a run's split.csv.
            seed: Random seed of the split and of training.
            epochs: Passes over the training images.
            batch_size: Images in one step, of all processes together.
            height: Input height in pixels; the model's own if not given.
            width: Input width in pixels; the model's own if not given.
            split: What is kept whole when the data are divided: all images of a patient, or each image by itself.
                fixed: as the data say; auto: fixed if they say it, else patient if patients are known, else image.
            fractions: Shares of the training, validation and test parts.
            folds: Cross-validation with this many folds.
            fold: The fold to test on, counted from 0.
            select: Epoch whose weights are kept: the last, or the best by this measure on the validation part.
            patience: Stop early after this many epochs without a better one.
            tune: Layers that are trained: all, or only those that give the outputs.
            batch_norm: frozen: batch norms keep their initial statistics and scales.
            averaging: Decay of an exponential moving average of the weights, which is then validated and kept; 0 for
                none.
            optimizer: Optimizer; sgd has Nesterov momentum of 0.9.
            lr: Highest learning rate.
            weight_decay: Weight decay; biases and normalization layers have none.
            schedule: How the learning rate falls. step: to a tenth after 40, 60 and 80 % of all steps.
            warmup: Share of all steps in which the learning rate rises from 0.
            early_rate: Learning rate of the first layers as a share of the last layer's; it rises from layer to layer.
            loss: Loss function; focal gives images that are classified well less weight.
            label_smoothing: Share of each label that is spread over all classes.
            class_weights: balanced: every class has the same weight in the loss, however many images it has.
            sampling: balanced: images of smaller classes are repeated in every epoch.
            augment: Augmentations, separated by commas: symmetries, crop, stain, blur, cutout.
            mixing: Mix each image and its label with another image of the training part.

    Returns:
        The grid: its runs, and a table with mean, standard deviation and interval of each measure.

    Example:
        >>> grid = zoo.train_many(["dala", "cbam56"], seeds=5, data="breakhis", root="BreaKHis_v1")
        >>> grid.table.rows
    """
    return train_grid(GridConfig.from_keywords(models, given), progress=reporter_for(progress))


def train_grid(config: GridConfig, *, progress: Reporter) -> Grid:
    """Train as a configuration says, in a new folder."""
    check_execution(config.execution)
    config = replace(config, train=_absolute(config.train))
    check_runs(config, progress)
    folder = GridFolder.create(config)
    return _work(folder, progress, folder.config)


def resume_grid(
    path: str | Path,
    given: Mapping[str, Any] | None = None,
    *,
    models: Sequence[str] = (),
    progress: Reporter | bool = True,
) -> Grid:
    """Resume a grid: finished runs stay, stopped ones are resumed, failed ones are tried again.

    Args:
        path: The grid's folder.
        given: Settings by keyword. They must be the grid's own, but for those that change no number.
        models: Names of models, if they are given again.
        progress: Where progress is shown.
    """
    folder = GridFolder.open(path)
    config = check_given(folder, given or {}, models)
    check_execution(config.execution)
    return _work(folder, reporter_for(progress), config)


def _work(folder: GridFolder, progress: Reporter, config: GridConfig) -> Grid:
    """Do everything that is left, then write the table. No other process works on the grid meanwhile."""
    busy = RunError("another process is working on this grid now", where=str(folder))
    with locked_or(folder.path / LOCK, busy):
        folder.write(config)
        cells = config.cells
        left = [cell for cell in cells if not folder.finished(cell)]
        if left:
            executor = make_executor(folder, config, len(left))
            done = f", {len(cells) - len(left)} of them finished already" if len(left) < len(cells) else ""
            progress.say(f"{len(cells)} runs in {folder}{done}, {min(executor.room, len(left))} at a time")
            progress.say(f"their output goes to {folder.path / LOGS}")
            epochs = {cell: make_plan(folder.train_config(cell)).recipe.epochs for cell in left}
            Scheduler(folder, epochs, executor, progress).work()
        else:
            progress.say(f"{folder}: all {len(cells)} runs are finished already")
        table = collect(folder)
        table.write(folder)
        return Grid(
            path=folder.path,
            runs=tuple(folder.run(cell) for cell in cells if folder.finished(cell)),
            failures={cell.name: folder.reason(cell) for cell in cells if not folder.finished(cell)},
            table=table,
            cells=tuple(state_of(folder, cell) for cell in cells),
        )


def _absolute(train: TrainConfig) -> TrainConfig:
    """The configuration with absolute paths, so that it means the same wherever a run is started."""
    source, root = find_source(train.data.source, train.data.root, registry().plugins.sources)
    return replace(
        train,
        data=replace(train.data, source=source.name, root=root.resolve() if root else None),
        split_file=train.split_file.resolve() if train.split_file else None,
    )


def check_given(folder: GridFolder, given: Mapping[str, Any], models: Sequence[str]) -> GridConfig:
    """Return the configuration to go on with; a setting that changes a number must be what it was."""
    before = folder.config
    changes = {**given}
    if "data" in given and "root" not in given and given["data"] not in registry().plugins.sources:
        changes["root"] = None
    now = before.changed(changes)
    now = replace(now, train=_absolute(now.train))
    changed = []
    if "recipe" in given and (file := now.train.recipe_file):
        now = replace(now, train=replace(now.train, recipe=replace(now.train.recipe, name=file.name)))
        if _differs(file, folder.recipe(file)):
            changed.append(f"recipe: {file} has changed")
    changed += changed_settings(_values(before, given), _values(now, given), grid_keywords())
    if models and tuple(models) != before.models:
        changed.append(f"models: {list(before.models)} then, {list(models)} now")
    if changed:
        raise RunError(
            f"cannot resume: it was begun with other settings{''.join(f'{chr(10)}  {line}' for line in changed)}",
            where=str(folder),
            hint="start a new grid with `zoo train`; all runs of one table must have the same settings",
        )
    return now


def _values(config: GridConfig, given: Iterable[str]) -> dict[str, Any]:
    """Every setting by its keyword; where options are given again, all of them with their declared types."""
    found: dict[str, Any] = {"seeds": config.seeds}
    for keyword in grid_keywords():
        if keyword not in found and keyword not in ("jobs", "on", "slurm"):
            found[keyword] = plain(config.train.value(keyword))
    if "options" in given:
        found["options"] = all_options(registry().source(config.train.data.source), config.train.data.options)
    if "model_options" in given:
        options = config.train.model.options
        found["model_options"] = {name: registry().model(name).with_options(options).options for name in config.models}
    return found


def _differs(file: Path, kept: Path) -> bool:
    """Whether a recipe's file is another than the copy that the grid keeps."""
    try:
        return kept.is_file() and file.read_bytes() != kept.read_bytes()
    except OSError as error:
        raise RunError(f"cannot be read: {error.strerror}", where=str(file)) from error
