"""The models of a comparison: each with one training or, in a grid, with several."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from zoo.comparison.measured_run import MeasuredRun
from zoo.errors import RunError, UsageError
from zoo.runs import Run, named_folder
from zoo.runs.grid_folder import GridFolder, is_grid
from zoo.text import cut_short

MOST_NAMED = 4
"""How many missing runs a note names."""


@dataclass(frozen=True, kw_only=True)
class ComparedModel:
    """A model with its trainings."""

    name: str
    runs: tuple[MeasuredRun, ...]
    grid: str | None = None
    """The folder of the grid that it is of."""


def compared_models(
    models: Sequence[str | Path | Run], measure: Callable[[str | Path | Run], MeasuredRun]
) -> tuple[tuple[ComparedModel, ...], tuple[str, ...]]:
    """Return the models with names that tell them apart, and notes on what is missing.

    Args:
        models: Runs, folders of runs, of bundles or of grids, or Hub ids.
        measure: Returns the predictions of one of them that is not a grid.
    """
    _refuse_twice(models)
    found: list[ComparedModel] = []
    notes: list[str] = []
    for model in models:
        path = Path(model).expanduser()
        if is_grid(path):
            of_grid, missing = models_of_grid(GridFolder.open(path), measure)
            found += of_grid
            notes += missing
        else:
            one = measure(model)
            found.append(ComparedModel(name=one.config.entry, runs=(one,)))
    return _named_apart(found), tuple(notes)


def models_of_grid(folder: GridFolder, measure: Callable[[Run], MeasuredRun]) -> tuple[list[ComparedModel], list[str]]:
    """Return the models of a grid with their finished runs, and a note on those that are not finished."""
    config, finished = folder.config, folder.finished
    if not finished:
        raise RunError("no run of this grid is finished", where=str(folder), hint=f"zoo train --resume {folder}")
    notes = []
    if left := [cell.name for cell in config.cells if cell not in finished]:
        named = cut_short(left, MOST_NAMED)
        notes.append(f"{len(left)} of {len(config.cells)} runs of {folder} are not finished: {named}")
    models = [
        ComparedModel(name=model, runs=tuple(measure(folder.run(cell)) for cell in cells), grid=str(folder))
        for model in config.models
        if (cells := [cell for cell in finished if cell.model == model])
    ]
    return models, notes


def _refuse_twice(models: Sequence[str | Path | Run]) -> None:
    """Raise a UsageError if a model is given twice: as a folder, as a run and its bundle, or as a part of a grid."""
    seen: dict[Path, str] = {}
    for model in models:
        given = str(model)
        path = Path(given).expanduser()
        if not path.exists():  # a Hub id
            folders = [Path(given)]
        elif is_grid(path):
            folder = GridFolder.open(path)
            folders = [folder.run(cell).path.resolve() for cell in folder.config.cells]
        else:
            folders = [named_folder(path)]
        for one in folders:
            if one in seen:
                raise UsageError("this model was given twice", where=given)
            seen[one] = given


def _named_apart(models: Sequence[ComparedModel]) -> tuple[ComparedModel, ...]:
    """Return the models, those of the same name with the folder that each is in."""
    times = Counter(model.name for model in models)
    return tuple(
        model
        if times[model.name] == 1
        else replace(model, name=f"{model.name} ({model.grid})" if model.grid else model.runs[0].path)
        for model in models
    )
