"""Reproduce a paper: train and evaluate every row of its table, and compare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from zoo.config.diff import changed_settings
from zoo.config.plain import plain
from zoo.config.reproduction_config import ReproductionConfig, reproduction_keywords
from zoo.data.source_lookup import find_source
from zoo.errors import DataError, Interrupted, RunError, TrainingError
from zoo.grid.preflight import check_execution, check_runs
from zoo.grid.resume_grid import start_or_resume
from zoo.locks import locked_or
from zoo.progress import Reporter, reporter_for
from zoo.registry import registry
from zoo.reproduction.collect_results import collect_results
from zoo.reproduction.measured import measured_rows
from zoo.reproduction.paper_table import paper_table
from zoo.reproduction.reproduction_charts import training_charts
from zoo.reproduction.reproduction_report import reproduction_report
from zoo.reproduction.results import Results
from zoo.reproduction.study import Study, plan_study, write_smoke_splits
from zoo.runs.reproduction_folder import LOCK, ReproductionFolder
from zoo.training.resume import gives_data_as_path


@dataclass(frozen=True, kw_only=True)
class Reproduction:
    """A reproduction and its results."""

    path: Path
    results: Results

    def as_dict(self) -> dict[str, Any]:
        """Return the reproduction as the document that `zoo reproduce --json` prints."""
        return {"reproduction": str(self.path), **plain(self.results)}


def reproduce(
    paper: str,
    *,
    data: str,
    root: str | Path | None = None,
    options: Mapping[str, Any] | None = None,
    budget: Literal["full", "smoke"] = "full",
    split: Literal["paper", "image", "patient", "both"] = "paper",
    models: Sequence[str] = (),
    columns: Sequence[str] = (),
    seed: int = 0,
    seeds: int | None = None,
    jobs: int | None = None,
    device: str = "auto",
    out: str | Path | None = None,
    progress: Reporter | bool = True,
) -> Reproduction:
    """Train and evaluate every row of a paper's table by the paper's recipe, and compare with the paper's numbers.

    The same call again continues where the last one stopped.

    Args:
        paper: The name of the paper in the registry, such as "liu2023".
        data: Data source, or a path whose layout is recognized.
        root: Path of the folder or file with the data.
        options: Options of the data source.
        budget: "full": the paper's recipe. "smoke": one epoch on a few small images, to see that everything works.
        split: "paper": as in the paper; "image"; "patient"; "both": everything is trained with both splits.
        models: Rows of the paper's table; by default all.
        columns: Data sets of the paper's table, such as "40x"; by default all.
        seed: Random seed of the split and of training.
        seeds: Number of runs of each model, with seeds from `seed` on.
        jobs: Number of runs at a time.
        device: Device to compute on: auto, cpu, cuda, cuda:1 or mps.
        out: The folder; by default the next free runs/reproduce-PAPER-N.
        progress: Show progress in a terminal or a notebook; False for none, or a reporter of your own.

    Returns:
        The reproduction: its folder, and the results.

    Examples:
        >>> reproduction = zoo.reproduce("guo2024", data="breakhis", root="BreaKHis_v1", split="both")
        >>> print(reproduction.results.answer)
    """
    given: dict[str, Any] = {"data": data, "budget": budget, "split": split, "seed": seed, "device": device}
    given |= {"models": tuple(models), "columns": tuple(columns)}
    optional = {"root": root, "options": options, "seeds": seeds, "jobs": jobs, "out": out}
    given |= {name: value for name, value in optional.items() if value is not None}
    for name in ("root", "out"):
        if name in given:
            given[name] = Path(given[name])
    return reproduce_from(ReproductionConfig.from_keywords(paper, given), progress=reporter_for(progress))


def reproduce_from(config: ReproductionConfig, *, progress: Reporter) -> Reproduction:
    """Start a reproduction, or continue an earlier one with the same configuration."""
    paper_table(config.paper)
    config = with_absolute_root(config)
    out = config.session.out
    _check(config, progress)
    folder = ReproductionFolder.for_config(config)
    if out is None:
        progress.say(f"the reproduction is in {folder}")
    return _run(folder, config, progress)


def resume_reproduction(
    path: str | Path,
    given: Mapping[str, Any] | None = None,
    *,
    paper: str | None = None,
    progress: Reporter | bool = True,
) -> Reproduction:
    """Continue a reproduction: finished runs stay, stopped ones are resumed, failed ones are tried again.

    Args:
        path: Its folder.
        given: Settings by keyword. They must be those of the reproduction, except for those that may change.
        paper: The name of the paper, if it is given again.
        progress: Show progress in a terminal or a notebook; False for none, or a reporter of your own.
    """
    folder = ReproductionFolder.open(path)
    before = folder.config
    changes = {**(given or {}), **({"root": None} if gives_data_as_path(given or {}) else {})}
    now = with_absolute_root(before.changed(changes))
    changed = [] if paper in (None, before.paper) else [f"paper: {before.paper} then, {paper} now"]
    changed += changed_settings(_settings(before), _settings(now), reproduction_keywords())
    if changed:
        lines = "\n  ".join(["cannot resume: the reproduction was started with other settings", *changed])
        raise RunError(lines, where=str(folder), hint="leave these options out, or start a new reproduction")
    return _run(folder, now, reporter_for(progress))


def with_absolute_root(config: ReproductionConfig) -> ReproductionConfig:
    """Return a configuration with the name of its data source and an absolute path; `SOURCE:PATH` names both."""
    data, sources = config.data, registry().plugins.sources
    name, colon, path = data.source.partition(":")
    if colon and name in sources and data.root is None:
        data = replace(data, source=name, root=Path(path))
    source, root = find_source(data.source, data.root, sources)
    return replace(config, data=replace(data, source=source.name, root=root.resolve() if root else None))


def _settings(config: ReproductionConfig) -> dict[str, Any]:
    """Return the settings to compare, by keyword."""
    fixed = config.fixed
    flat: dict[str, Any] = {}
    for name, value in fixed.items():
        flat |= value if name in ("compute", "data") else {name: value}
    flat.pop("paper")
    flat["data"] = flat.pop("source")
    return flat


def _check(config: ReproductionConfig, progress: Reporter) -> None:
    """Raise an error for a mistake in the settings or the data, before a folder is made."""
    check_execution(config.execution)
    study = plan_study(config, Path("reproduction"))
    for grid in study.grids:
        smoke = grid.config.train.split_file is not None
        train = replace(grid.config.train, session=replace(grid.config.train.session, out=None))
        if smoke:
            train = replace(train, split_file=None)
        try:
            check_runs(replace(grid.config, train=train), progress)
        except DataError as error:
            if len(study.data) < 2:
                raise
            hint = f"{error.hint}; " if error.hint and "--" not in error.hint else ""  # options of `zoo train`
            others = "--columns names the columns of the paper's table to reproduce"
            raise DataError(error.message, where=f"{grid.data.name}: {error.where}", hint=f"{hint}{others}") from error
        except TrainingError as error:
            hint = "the paper's recipe needs more images; --budget smoke works with few"
            raise TrainingError(error.message, where=grid.data.name, hint=hint) from error


def _run(folder: ReproductionFolder, config: ReproductionConfig, progress: Reporter) -> Reproduction:
    """Train what is left, and write the results."""
    refusal = RunError("another process is working on this reproduction", where=str(folder))
    with locked_or(folder.path / LOCK, refusal):
        folder.write(config)
        study = plan_study(config, folder.path.resolve())
        write_smoke_splits(study, progress)
        for number, grid in enumerate(study.grids, start=1):
            if len(study.grids) > 1:
                progress.say(f"grid {number} of {len(study.grids)}: {grid.name}")
            try:
                start_or_resume(grid.config, grid.config.changeable, progress=progress)
            except Interrupted as error:
                _finish(folder, study, config)
                raise Interrupted(
                    error.message, number=error.number, hint=f"continue with: zoo reproduce --resume {folder}"
                ) from error
        return _finish(folder, study, config)


def _finish(folder: ReproductionFolder, study: Study, config: ReproductionConfig) -> Reproduction:
    """Write the results of the finished runs."""
    measured = measured_rows(study, folder)
    results = collect_results(study, config, measured)
    results.write(folder.path)
    reproduction_report(results, study.table.paper, training_charts(measured, study)).write(folder.path)
    return Reproduction(path=folder.path, results=results)
