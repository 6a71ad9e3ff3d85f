"""Resume a grid: check that the settings are the same, then execute the runs that are not finished."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from zoo.config.diff import changed_settings
from zoo.config.fields import settings_of
from zoo.config.grid_config import ExecutionConfig, GridConfig, grid_keywords
from zoo.config.plain import plain
from zoo.data.source_lookup import all_options
from zoo.errors import RunError
from zoo.grid.preflight import check_execution
from zoo.grid.train_many import Grid, run_grid, train_grid
from zoo.progress import Reporter, reporter_for
from zoo.registry import registry
from zoo.runs.grid_folder import GridFolder, is_grid
from zoo.training.plan import with_absolute_paths
from zoo.training.resume import gives_data_as_path


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
        given: Settings by keyword. They must be those of the grid, except for those that may change.
        models: Names of models, if they are given again.
        progress: Show progress in a terminal or a notebook; False for none, or a reporter of your own.

    Returns:
        The grid with all its runs.
    """
    folder = GridFolder.open(path)
    config = check_given(folder, given or {}, models)
    check_execution(config.execution)
    return run_grid(folder, config, reporter_for(progress))


def start_or_resume(config: GridConfig, given: Mapping[str, Any], *, progress: Reporter) -> Grid:
    """Resume the grid in the configured folder, or start it there.

    Args:
        config: The configuration, with the folder.
        given: Settings by keyword for a grid that is resumed.
        progress: Shows progress and messages.
    """
    path = config.train.session.out
    if path is not None and is_grid(path):
        return resume_grid(path, given, models=config.models, progress=progress)
    if path is not None and path.exists():  # killed before its configuration was written, and so before its first run
        shutil.rmtree(path)
    return train_grid(config, progress=progress)


def check_given(folder: GridFolder, given: Mapping[str, Any], models: Sequence[str]) -> GridConfig:
    """Return the grid's configuration with the given settings, which must not change what a run computes."""
    before = folder.config
    changes = {**given}
    if gives_data_as_path(given):
        changes["root"] = None
    now = before.changed(changes)
    now = replace(now, train=with_absolute_paths(now.train))
    changed = []
    if "recipe" in given and (file := now.train.recipe_file):
        now = replace(now, train=replace(now.train, recipe=replace(now.train.recipe, name=file.name)))
        if _is_changed(file, folder.recipe_copy(file)):
            changed.append(f"recipe: {file} has changed")
    changed += changed_settings(_settings(before, given), _settings(now, given), grid_keywords())
    if models and tuple(models) != before.models:
        changed.append(f"models: {list(before.models)} then, {list(models)} now")
    if changed:
        lines = "\n  ".join(["cannot resume: the grid was started with other settings", *changed])
        raise RunError(
            lines,
            where=str(folder),
            hint="start a new grid with `zoo train`; all runs of one table must have the same settings",
        )
    return now


def _settings(config: GridConfig, given: Iterable[str]) -> dict[str, Any]:
    """Return the settings to compare, by keyword; options that are given again have their declared types."""
    found: dict[str, Any] = {"seeds": config.seeds}
    for keyword in grid_keywords():
        if keyword not in found and keyword not in settings_of(ExecutionConfig):
            found[keyword] = plain(config.train.value(keyword))
    if "options" in given:
        found["options"] = all_options(registry().source(config.train.data.source), config.train.data.options)
    if "model_options" in given:
        options = config.train.model.options
        found["model_options"] = {name: registry().model(name).with_options(options).options for name in config.models}
    return found


def _is_changed(file: Path, copy: Path) -> bool:
    """Whether a recipe file differs from the copy in the grid's folder."""
    try:
        return copy.is_file() and file.read_bytes() != copy.read_bytes()
    except OSError as error:
        raise RunError(f"cannot be read: {error.strerror}", where=str(file)) from error
