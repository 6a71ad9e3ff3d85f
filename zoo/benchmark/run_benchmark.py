"""Run a benchmark: train the parts of a protocol, and write what they answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoo.benchmark.part_split import publish_split_of_run, stated_split
from zoo.benchmark.planned_part import PlannedPart, plan_parts
from zoo.benchmark.protocol import Protocol, read_protocol
from zoo.benchmark.published_split import publish_split
from zoo.config.benchmark_config import BenchmarkConfig
from zoo.config.plain import plain
from zoo.errors import Interrupted, RunError
from zoo.grid import is_grid
from zoo.grid.preflight import check_execution, check_runs
from zoo.grid.resume_grid import check_given, start_or_resume
from zoo.locks import locked_or
from zoo.progress import Reporter, reporter_for
from zoo.runs.grid_folder import GridFolder
from zoo.runs.new_folder import check_new_folder

if TYPE_CHECKING:
    from zoo.benchmark.benchmark_results import BenchmarkResults

LOCK = ".lock"


@dataclass(frozen=True, kw_only=True)
class Benchmark:
    """A benchmark and its results."""

    path: Path
    results: BenchmarkResults

    def as_dict(self) -> dict[str, Any]:
        """Return the benchmark as the document that `zoo benchmark --json` prints."""
        return {"benchmark": str(self.path), **plain(self.results)}


def run_benchmark(config: BenchmarkConfig, *, progress: Reporter | bool = True) -> Benchmark:
    """Train the parts of a protocol that are not finished, and write the results of all that are.

    The same call again continues where the last one stopped.

    Args:
        config: The configuration, such as `BenchmarkConfig.from_keywords("idc", {"root": "IDC"})`.
        progress: Show progress in a terminal or a notebook; False for none, or a reporter of your own.
    """
    reporter = reporter_for(progress)
    protocol = read_protocol(config.protocol)
    now = [protocol.part(name).name for name in config.parts] or [part.name for part in protocol.parts]
    smoke = "-smoke" if config.budget == "smoke" else ""
    folder = (config.out or Path("runs", f"benchmark-{protocol.name}{smoke}")).resolve()
    planned = plan_parts(protocol, config, folder)
    _check_own(folder, planned)
    chosen = [] if config.report else [one for one in planned if one.part.name in now]
    for one in planned:
        if is_grid(one.path):
            _check_same_settings(one)
    for one in chosen:
        check_execution(one.config.execution)
        check_runs(one.policy_config, reporter)
    splits = {one.part.name: stated_split(one, config, reporter) for one in chosen if one.stated}
    _make(folder)
    with locked_or(folder / LOCK, RunError("another process is working on this benchmark", where=str(folder))):
        for one in chosen:
            if len(chosen) > 1:
                reporter.say(f"part {one.part.name}: {one.part.question}")
            if one.part.name in splits and not one.split_file.exists():
                publish_split(one.split_file, *splits[one.part.name], reporter)
            try:
                start_or_resume(one.config.changed({"out": one.path}), one.keywords, progress=reporter)
            except Interrupted as error:
                _finish(protocol, planned, config, folder, reporter, measure=False)
                hint = "the same command again continues"
                raise Interrupted(error.message, number=error.number, where=str(folder), hint=hint) from error
        for one in planned:
            if is_grid(one.path) and not one.stated and not one.split_file.exists():
                publish_split_of_run(one, reporter)
        return _finish(protocol, planned, config, folder, reporter, measure=True)


def _check_own(folder: Path, planned: Sequence[PlannedPart]) -> None:
    """Raise a RunError if a folder has files, but not those of a benchmark: these would be overwritten or deleted."""
    if not (folder / LOCK).exists() and not any(is_grid(one.path) for one in planned):
        check_new_folder(folder)


def _check_same_settings(one: PlannedPart) -> None:
    """Raise an error that lists the changes if the grid of a part was started with other settings."""
    try:
        check_given(GridFolder(one.path), one.keywords, one.models)
    except RunError as error:
        hint = "give the same settings, or choose another folder with --out"
        raise RunError(error.message, where=error.where, hint=hint) from error


def _make(folder: Path) -> None:
    """Make the folder of a benchmark."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RunError(
            f"cannot be written: {error.strerror}", where=str(folder), hint="choose another --out"
        ) from error


def _finish(
    protocol: Protocol,
    planned: tuple[PlannedPart, ...],
    config: BenchmarkConfig,
    folder: Path,
    progress: Reporter,
    *,
    measure: bool,
) -> Benchmark:
    """Write the results of the finished runs.

    Args:
        protocol: The protocol.
        planned: Its parts.
        config: The configuration.
        folder: The folder of the benchmark.
        progress: Shows progress.
        measure: Whether cost and stress are measured where they are not yet.
    """
    from zoo.benchmark.answers import answer_parts
    from zoo.benchmark.benchmark_text import write_benchmark
    from zoo.benchmark.finished_part import finished_part

    parts = [finished_part(one) for one in planned]
    results = answer_parts(protocol, config, parts, folder, progress, measure=measure)
    write_benchmark(results, folder)
    return Benchmark(path=folder, results=results)
