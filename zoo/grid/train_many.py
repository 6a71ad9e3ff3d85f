"""Train many runs: every model with every seed on every fold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoo.config.grid_config import GridConfig
from zoo.config.plain import plain
from zoo.errors import RunError
from zoo.grid.preflight import check_execution, check_runs, make_executor
from zoo.grid.results_table import Table, make_table
from zoo.grid.scheduler import Scheduler
from zoo.locks import locked_or
from zoo.progress import Reporter, reporter_for
from zoo.runs import Run
from zoo.runs.grid_folder import LOCK, LOGS, GridFolder
from zoo.training.plan import make_plan, with_absolute_paths

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from zoo.config.keywords import GridKeywords


@dataclass(frozen=True, kw_only=True)
class Grid:
    """The runs of a grid and their results."""

    path: Path
    runs: tuple[Run, ...]
    """The finished runs."""
    failures: Mapping[str, str]
    """The error of each other run, by its name; empty if it was not started or was stopped."""
    table: Table
    cells: tuple[Mapping[str, Any], ...]
    """The name, model, seed, fold, state, path and error of every run."""

    def as_dict(self) -> dict[str, Any]:
        """Return the grid as the document that `zoo train --json` prints."""
        return {"grid": str(self.path), "cells": list(self.cells), "table": plain(self.table)}


def train_many(models: Sequence[str] | str, *, progress: Reporter | bool = True, **given: Unpack[GridKeywords]) -> Grid:
    """Train every model with every seed on every fold, and summarize the results.

    A run that fails does not stop the others; `failures` of the result says why.

    Args:
        models: Names of models.
        progress: Show progress in a terminal or a notebook; False for none, or a reporter of your own.
        **given: Settings of the grid, and of `zoo.train` for every run. `folds` without `fold`: every fold is a run.
            seeds: Number of runs of each model, with seeds from --seed on.
            jobs: Number of runs at a time.
            on: Where runs are executed. here: in processes on this machine; slurm: as SLURM jobs; submitit-local: with
                submitit's local executor, on this machine.
            slurm: SLURM options: partition, minutes, gpus, cpus, memory (in GB), account, qos, constraint.
            model_options: Options of the architecture, such as depth=32; `zoo show NAME` lists them.
            init: Initial weights: auto, imagenet, scratch, or a trained model: a run, a bundle or a Hub id. auto:
                pretrained weights if there are any and they can be downloaded, else from scratch.
            data: Data source (`zoo data list`), or a path whose layout is recognized.
            root: Path of the folder or file with the data.
            options: Options of the data source, such as magnification=40.
            store: Decode each image once and keep it in the cache, or else decode it each time.
            tolerate: Share of images that may be unreadable; they are left out.
            recipe: Recipe: a name, or a YAML file. `zoo show NAME` prints the model's own, which is the default.
            device: Device to compute on: auto, cpu, cuda, cuda:1 or mps.
            precision: Number format of training; auto: bfloat16 if the hardware supports it.
            layout: Memory layout of images and features.
            compile: Use torch.compile; auto: if it saves time.
            cuda_graph: Replay each training step as one CUDA graph, which saves the time to launch its kernels; auto:
                on a single NVIDIA GPU, if the network does the same in every step.
            resident: Keep all images in the GPU's memory; auto: if they fit.
            sync_norm: Compute batch norm statistics over all processes; auto: if each has few images.
            deterministic: Give bit-identical results every time, also on a GPU, where that is slower.
            out: Run folder; the next free runs/MODEL-DATA-N if not given, or runs/grid-N for many runs.
            save_every: Seconds between checkpoints.
            track: Experiment tracker to which every epoch is logged.
            split_file: CSV file with the part of each image, such as the split.csv of another run.
            seed: Random seed of the split and of training.
            split_seed: Random seed of the split alone: all runs of --seeds then have the same split. --seed if not
                given.
            epochs: Number of passes over the training images.
            batch_size: Number of images in one training step, over all processes.
            height: Input height in pixels; the model's own if not given.
            width: Input width in pixels; the model's own if not given.
            split: How the data are split. patient: all images of a patient are in the same part; image: each image is
                assigned separately; fixed: the split that comes with the data; auto: the first that is possible of
                fixed, patient and image.
            fractions: Shares of the training, validation and test parts; they add up to 1.
            folds: Cross-validation with this many folds.
            fold: The fold to test on, counted from 0.
            identical: Identical images. together: a split by patient or image keeps them in one part, and a given split
                that does not is refused; exclude: copies of test images are left out of training; allow: they may be in
                several parts, which leaks.
            select: Which weights are kept: those of the last epoch, or of the best epoch by this measure on the
                validation part.
            patience: Stop early after this many epochs without improvement.
            tune: Layers that are trained: all, or only the head (the layer that returns the logits) and other layers
                without pretrained weights.
            batch_norm: frozen: batch norm layers keep their initial statistics, weights and biases.
            averaging: Decay of an exponential moving average (EMA) of the weights, which is validated and kept; 0: no
                average.
            optimizer: Optimizer; sgd has Nesterov momentum of 0.9.
            lr: Learning rate; the highest of the schedule.
            lr_from_scratch: Learning rate of a network that starts from random weights; lr if not given.
            weight_decay: Weight decay; biases, normalization layers, and what a network excludes, such as positions,
                have none.
            schedule: Learning rate schedule. step: divide by 10 after 40, 60 and 80 % of all steps.
            warmup: Share of all steps during which the learning rate rises from 0.
            early_rate: Learning rate of the first layer as a share of that of the head; it rises from layer to layer.
            loss: Loss function; focal gives less weight to images that are already classified well.
            label_smoothing: Share of each label that is distributed over all classes.
            class_weights: balanced: every class has the same weight in the loss, regardless of its number of images.
            sampling: balanced: images of smaller classes are repeated in every epoch.
            augment: Augmentations, separated by commas: symmetries, crop, stain, blur, cutout, those of plugins; or
                none.
            mixing: Mix each image and its label with another image of the training part.
            threshold: Decision threshold of two classes: the second is predicted if its probability is above this
                number, or above the one with the highest balanced accuracy on the validation part.

    Returns:
        The grid: its runs, and a table with mean, standard deviation and interval of each measure.

    Examples:
        >>> grid = zoo.train_many(["dala", "cbam56"], seeds=5, data="breakhis", root="BreaKHis_v1")
        >>> grid.table.rows
    """
    return train_grid(GridConfig.from_keywords(models, given), progress=reporter_for(progress))


def train_grid(config: GridConfig, *, progress: Reporter) -> Grid:
    """Train all runs of a configuration in a new folder, and return the grid."""
    check_execution(config.execution)
    config = replace(config, train=with_absolute_paths(config.train))
    check_runs(config, progress)
    folder = GridFolder.create(config)
    return run_grid(folder, folder.config, progress)


def run_grid(folder: GridFolder, config: GridConfig, progress: Reporter) -> Grid:
    """Execute the runs of a grid that are not finished, write the table, and return the grid."""
    refusal = RunError("another process is executing this grid", where=str(folder))
    with locked_or(folder.path / LOCK, refusal):
        folder.write(config)
        cells = config.cells
        before = folder.finished
        left = [cell for cell in cells if cell not in before]
        if left:
            executor = make_executor(folder, config, len(left))
            already = f", {len(before)} already finished" if before else ""
            progress.say(f"{len(cells)} runs in {folder}{already}, {min(executor.slots, len(left))} at a time")
            progress.say(f"the output of each run is written to {folder.path / LOGS}")
            epochs = {cell: make_plan(folder.train_config(cell)).recipe.epochs for cell in left}
            Scheduler(folder, epochs, executor, progress).run()
        else:
            progress.say(f"{folder}: all {len(cells)} runs are already finished")
        table = make_table(folder)
        table.write(folder)
        from zoo.grid.grid_report import write_grid_report  # it imports torch

        write_grid_report(folder, table, progress)
        finished = folder.finished
        return Grid(
            path=folder.path,
            runs=tuple(map(folder.run, finished)),
            failures={cell.name: folder.error_text(cell) for cell in cells if cell not in finished},
            table=table,
            cells=tuple(folder.summary(cell) for cell in cells),
        )
