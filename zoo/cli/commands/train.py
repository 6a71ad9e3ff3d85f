"""`zoo train`: train one model, or a grid of runs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from zoo.cli.completion import complete_model, complete_run
from zoo.cli.config_options import GroupedCommand, config_options, given_options
from zoo.cli.output.tables import print_json
from zoo.cli.shared_options import json_option, resume_option
from zoo.config.fields import settings_of
from zoo.config.grid_config import ExecutionConfig, GridConfig, grid_keywords
from zoo.config.plain import plain
from zoo.config.train_config import TrainConfig
from zoo.process import keep_freed_memory
from zoo.progress import command_reporter

GRID_KEYWORDS = (*settings_of(GridConfig), *settings_of(ExecutionConfig))
"""Keywords that only a grid of runs has."""


@click.command("train", cls=GroupedCommand)
@click.argument("models", metavar="[MODEL]...", nargs=-1, shell_complete=complete_model)
@config_options(grid_keywords().values())
@resume_option(help_text="Resume the run or the grid of runs in this folder.", complete=complete_run)
@json_option
@click.pass_context
def command(ctx: click.Context, /, models: tuple[str, ...], resume: str | None, as_json: bool, **_: Any) -> int:
    """Train a model and evaluate it on held-out data.

    Without --data, the built-in synthetic sample is used. Settings that are not given have the values of the recipe.

    Several models, --seeds N, or --folds K without --fold start a grid of runs, with one table of results at the end.

    Train on several GPUs with: torchrun --nproc-per-node 4 -m zoo train MODEL ...
    """
    given = given_options(ctx, grid_keywords())
    if _is_grid(models, resume, given):
        return _train_grid(models, resume, given, as_json=as_json)
    from zoo.cli.output.run_summary import print_summary
    from zoo.distributed.rank import is_chief
    from zoo.training.train import resume_from, train_from

    keep_freed_memory()
    if resume is not None:
        run = resume_from(resume, given, model=models[0] if models else None, progress=command_reporter())
    elif not models:
        raise click.UsageError("no model given: `zoo list` shows all models; to resume a run, give --resume RUN")
    else:
        run = train_from(TrainConfig.from_keywords(models[0], given), progress=command_reporter())
    if not is_chief():
        return 0
    if as_json:
        print_json({"run": str(run), **plain(run.record), "evaluation": plain(run.metrics)})
    else:
        print_summary(run)
    return 0


def _is_grid(models: tuple[str, ...], resume: str | None, given: Mapping[str, Any]) -> bool:
    """Return whether the command is about a grid of runs, not a single run."""
    if resume is not None:
        from zoo.runs.grid_folder import is_grid

        grid = is_grid(Path(resume))
    else:
        folds = given.get("folds") is not None and "fold" not in given
        grid = bool(models) and (len(models) > 1 or "seeds" in given or folds)
    if not grid:
        if len(models) > 1:
            raise click.UsageError("a single run has one model, but several are given")
        if unused := [name for name in GRID_KEYWORDS if name in given and (models or resume)]:
            raise click.UsageError(
                f"--{unused[0]} is only for several runs: give several models, --seeds N or --folds K"
            )
    return grid


def _train_grid(models: tuple[str, ...], resume: str | None, given: Mapping[str, Any], *, as_json: bool) -> int:
    """Start or resume a grid of runs; return 1 if a run failed."""
    from zoo.cli.output.grid_summary import print_grid
    from zoo.grid import resume_grid, train_grid

    if resume is None:
        grid = train_grid(GridConfig.from_keywords(models, given), progress=command_reporter())
    else:
        grid = resume_grid(resume, given, models=models, progress=command_reporter())
    if as_json:
        print_json(grid.as_dict())
    else:
        print_grid(grid)
    return 1 if grid.failures else 0
