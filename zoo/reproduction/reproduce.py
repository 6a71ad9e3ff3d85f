"""Reproduce a paper: train and evaluate every row of its table, and compare."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoo.config.diff import changed_settings
from zoo.config.plain import plain
from zoo.config.reproduction_config import ReproductionConfig, reproduction_keywords
from zoo.data.source_lookup import find_source
from zoo.errors import DataError, Interrupted, RunError, TrainingError, UsageError
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

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from zoo.config.keywords import ReproductionKeywords


@dataclass(frozen=True, kw_only=True)
class Reproduction:
    """A reproduction and its results."""

    path: Path
    results: Results

    def as_dict(self) -> dict[str, Any]:
        """Return the reproduction as the document that `zoo reproduce --json` prints."""
        return {"reproduction": str(self.path), **plain(self.results)}


def reproduce(paper: str, *, progress: Reporter | bool = True, **given: Unpack[ReproductionKeywords]) -> Reproduction:
    """Train and evaluate every row of a paper's table by the paper's recipe, and compare with the paper's numbers.

    The same call again continues where the last one stopped.

    Args:
        paper: The name of the paper in the registry, such as "liu2023".
        progress: Show progress in a terminal or a notebook; False for none, or a reporter of your own.
        **given: Settings. The data must be named; others that are not given are the paper's, or chosen.
            budget: full: the paper's recipe. smoke: one epoch on a few small images, from scratch, to see that
                everything works; its numbers say nothing about the paper.
            split: How the data are split. paper: as in the paper; image: images of one patient are in several parts;
                patient: all images of a patient are in the same part; both: everything is trained with both splits,
                which shows what the leak of a split by image is worth.
            models: Rows of the paper's table to reproduce, separated by commas; by default all.
            columns: Data sets of the paper's table, such as 40x,100x; by default all.
            init: Initial weights. auto: pretrained weights if there are any and they can be downloaded, else from
                scratch.
            seed: Random seed of the split and of training.
            seeds: Number of runs of each model, with seeds from --seed on.
            data: Data source (`zoo data list`), or a path whose layout is recognized. `sample` to try it out, with
                --budget smoke.
            root: Path of the folder or file with the data.
            options: Options of the data source, such as magnification=40; `zoo data list NAME` lists them.
            store: Decode each image once and keep it in the cache, or else decode it each time.
            tolerate: Share of images that may be unreadable; they are left out.
            device: Device to compute on: auto, cpu, cuda, cuda:1 or mps.
            precision: Number format of training; auto: bfloat16 if the hardware supports it.
            layout: Memory layout of images and features.
            compile: Use torch.compile; auto: if it saves time.
            cuda_graph: Replay each training step as one CUDA graph, which saves the time to launch its kernels; auto:
                on a single NVIDIA GPU, if the network does the same in every step.
            resident: Keep all images in the GPU's memory; auto: if they fit.
            sync_norm: Compute batch norm statistics over all processes; auto: if each has few images.
            deterministic: Give bit-identical results every time, also on a GPU, where that is slower.
            out: The folder; if not given, the last runs/reproduce-PAPER-N with the same settings, which is continued,
                or else the next free one.
            save_every: Seconds between checkpoints.
            track: Experiment tracker to which every epoch is logged.
            jobs: Number of runs at a time.
            on: Where runs are executed. here: in processes on this machine; slurm: as SLURM jobs; submitit-local: with
                submitit's local executor, on this machine.
            slurm: SLURM options: partition, minutes, gpus, cpus, memory (in GB), account, qos, constraint.

    Returns:
        The reproduction: its folder, and the results.

    Examples:
        >>> reproduction = zoo.reproduce("guo2024", data="breakhis", root="BreaKHis_v1", split="both")
        >>> print(reproduction.results.answer)
    """
    return reproduce_from(reproduction_config(paper, given), progress=reporter_for(progress))


def reproduction_config(paper: str, given: Mapping[str, Any]) -> ReproductionConfig:
    """Return the configuration of a reproduction; an error for an unknown paper, or if no data are named."""
    table = paper_table(paper)
    if "data" not in given:
        sources = sorted({column.source for column in table.columns.values()})
        raise UsageError(
            f"the data are not named; {paper} was measured on {' and '.join(sources)}",
            hint=f"--data {sources[0]} --root PATH, or to try it: --data sample --budget smoke",
        )
    return ReproductionConfig.from_keywords(paper, given)


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
