"""`zoo train` with many runs: its options, and what it prints."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from zoo.cli.output.printing import print_json, print_table
from zoo.cli.output.progress import make_reporter
from zoo.cli.shared_options import pairs

if TYPE_CHECKING:
    from zoo.grid import Grid

Command = TypeVar("Command", bound=Callable[..., Any])
GRID_ONLY = ("seeds", "jobs", "on", "slurm")
HOW = ("jobs", "on", "slurm")
ANYTIME = ("save_every", "track")
SHOWN = 8
"""Lines of an error in the list of what failed."""


def grid_options(command: Command) -> Command:
    """How many runs, and where."""
    several, places = click.IntRange(min=1), click.Choice(["here", "local", "slurm"])
    wishes = "To SLURM: partition, minutes, gpus, cpus, memory (GB), account, qos, constraint."
    command = click.option("--slurm", multiple=True, metavar="KEY=VALUE", callback=pairs, help=wishes)(command)
    where = "Where a grid's runs are begun: here, or as jobs of submitit, local or slurm."
    command = click.option("--on", type=places, help=where)(command)
    command = click.option("--jobs", type=several, metavar="N", help="How many of a grid's runs at a time.")(command)
    return click.option("--seeds", type=several, metavar="N", help="So many runs, with seeds from --seed on.")(command)


def is_grid(names: Sequence[str], resume: str | None, typed: Mapping[str, Any]) -> bool:
    """Whether many runs are asked for."""
    if resume is not None:
        from zoo.grid import grid_folder

        many = grid_folder.is_grid(Path(resume))
    else:
        folds = typed.get("folds") is not None and "fold" not in typed
        many = bool(names) and (len(names) > 1 or "seeds" in typed or folds)
    if not many:
        if len(names) > 1:
            raise click.UsageError("a run has one model; only a grid has several")
        if lost := [name for name in GRID_ONLY if name in typed and (names or resume)]:
            raise click.UsageError(f"--{lost[0]} is for many runs: give several names, --seeds N or --folds K")
    return many


def run_grid(names: Sequence[str], resume: str | None, typed: Mapping[str, Any], *, as_json: bool) -> int:
    """Begin one or go on with it; 1 if a run failed."""
    from zoo.grid import resume_many, train_many

    said = {name: value for name, value in typed.items() if name not in ("resume", "as_json")}
    if resume is None:
        grid = train_many(names, progress=make_reporter(), **said)
    else:
        if "out" in said:
            raise click.UsageError("a grid that goes on stays where it is: leave --out away")
        anew = {name: said.pop(name) for name in (*HOW, *ANYTIME) if name in said}
        given = {**said, **({"models": list(names)} if names else {})}
        grid = resume_many(resume, given=given, progress=make_reporter(), **anew)
    if as_json:
        print_json(grid.as_dict())
    else:
        print_grid(grid)
    return 1 if grid.failures else 0


def print_grid(grid: Grid) -> None:
    """The table, never without what it was measured on; then what failed, and what to do next."""
    from zoo.cli.output.run_summary import SHOWN as MEASURES
    from zoo.metrics.names import measure_name

    table, about = grid.table, grid.table.about
    click.echo()
    if about["synthetic"]:
        click.secho("Synthetic sample: drawn by a program. These numbers say nothing about tissue.", fg="yellow")
    if table.rows:
        click.echo(_what(about, table.finished))
        rows = [row for measure in MEASURES for row in table.rows if row.measure == measure]
        cells, before = [], ""
        for row in rows:
            cells.append([measure_name(row.measure) if row.measure != before else "", row.model, *_numbers(row)])
            before = row.measure
        print_table(["measure", "model", "runs", "mean", "sd", "95 % interval"], cells, right=["runs", "mean", "sd"])
        click.echo(f"{about['interval']}.")
        for note in table.notes:
            click.echo(f"note: {note}")
    if grid.failures:
        _print_failures(grid)
    click.echo(f"Everything lies in {grid.path}: all measures in table.csv and table.json, each run in its folder.")


def _what(about: Mapping[str, Any], finished: int) -> str:
    seeds = about["seeds"]
    which = f"seed {seeds[0]}" if len(seeds) == 1 else f"seeds {seeds[0]} to {seeds[-1]}"
    folds = f", {about['folds']} folds" if about["folds"] else ""
    recipes = ", ".join(sorted(set(about["recipes"].values())))
    runs = "1 run" if finished == 1 else f"{finished} runs"
    return (
        f"{runs} on {', '.join(about['data'])}, recipe {recipes}, split by {' and '.join(about['split'])}"
        f", {which}{folds}; each measured on its test part"
    )


def _numbers(row: Any) -> list[str]:
    if row.mean is None:
        return [str(row.runs), "-", "-", row.reason]
    spread = "-" if row.deviation is None else f"{row.deviation:.3f}"
    interval = f"{row.interval[0]:.3f} to {row.interval[1]:.3f}" if row.interval else ""
    return [str(row.runs), f"{row.mean:.3f}", spread, "; ".join(filter(None, [interval, row.reason]))]


def _print_failures(grid: Grid) -> None:
    missing = len(grid.failures)
    click.secho(f"{missing} of {missing + grid.table.finished} runs are missing from the table:", fg="red")
    for name, error in grid.failures.items():
        first, *rest = (error or "not finished").splitlines()[:SHOWN]
        click.echo(f"  {name}: {first}")
        for line in rest:
            click.echo(f"    {line}")
    click.echo(f"What each said is in {grid.path / 'logs'}. Try them again: zoo train --resume {grid.path}")
    click.echo()
