"""`zoo benchmark`: train a published protocol on your copy of the data, and answer its questions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from zoo.cli.completion import complete_protocol
from zoo.cli.config_options import GroupedCommand, config_options, given_options
from zoo.cli.output.tables import print_json, print_table
from zoo.cli.shared_options import json_option
from zoo.config.benchmark_config import BenchmarkConfig, benchmark_keywords
from zoo.progress import command_reporter

if TYPE_CHECKING:
    from zoo.benchmark.protocol import Protocol


@click.command("benchmark", cls=GroupedCommand)
@click.argument("protocol", required=False, shell_complete=complete_protocol)
@config_options(benchmark_keywords().values())
@json_option
@click.pass_context
def command(ctx: click.Context, /, protocol: str | None, as_json: bool, **_: Any) -> int:
    """Train a published protocol on your copy of the data, and answer its questions.

    PROTOCOL is a name, or a YAML file with a protocol of your own; without one, all protocols are listed. The same
    command again continues where the last one stopped.

    To see that everything works, in minutes: zoo benchmark idc --root IDC --budget smoke
    """
    if protocol is None:
        return _list(as_json=as_json)
    from zoo.benchmark.run_benchmark import run_benchmark
    from zoo.cli.output.benchmark_summary import print_benchmark

    config = BenchmarkConfig.from_keywords(protocol, given_options(ctx, benchmark_keywords()))
    found = run_benchmark(config, progress=command_reporter())
    if as_json:
        print_json(found.as_dict())
    else:
        print_benchmark(found)
    return 1 if any(found.results.failures.values()) else 0


def _list(*, as_json: bool) -> int:
    """Print the protocols of the zoo."""
    from zoo.benchmark.protocol import protocols
    from zoo.config.plain import plain

    known = protocols().values()
    if as_json:
        print_json([plain(one) for one in known])
        return 0
    print_table(
        ["protocol", "title", "parts", "trainings"],
        [
            [
                one.name,
                one.title,
                ", ".join(part.name for part in one.parts),
                str(_trainings(one)),
            ]
            for one in known
        ],
        right=["trainings"],
    )
    for one in known:
        click.echo(f"{one.name}: {one.obtain}")
        for part in one.parts:
            click.echo(f"  {part.name}: {part.question}")
    return 0


def _trainings(protocol: Protocol) -> int:
    """Return the number of runs of all parts of a protocol."""
    from zoo.benchmark.planned_part import plan_parts

    parts = plan_parts(protocol, BenchmarkConfig(protocol=protocol.name), Path())
    return sum(len(part.config.cells) for part in parts)
