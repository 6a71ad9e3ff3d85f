"""The summary that is printed at the end of a benchmark."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from zoo.cli.output.tables import print_table
from zoo.metrics.number_text import NONE
from zoo.text import counted

if TYPE_CHECKING:
    from zoo.benchmark.run_benchmark import Benchmark


def print_benchmark(benchmark: Benchmark) -> None:
    """Print the measures of each model, the answers, and where everything is saved."""
    from zoo.benchmark.benchmark_results import SHOWN
    from zoo.benchmark.benchmark_tables import over_runs
    from zoo.benchmark.benchmark_text import SMOKE_WARNING
    from zoo.benchmark.sentences import baseline_sentence, signed
    from zoo.metrics.names import measure_name

    results = benchmark.results
    click.echo()
    if results.budget == "smoke":
        click.secho(SMOKE_WARNING, fg="yellow")
    print_table(
        ["part", "model", "runs", *map(measure_name, SHOWN), "network minus baseline"],
        [
            [
                one.part,
                one.model,
                str(one.runs),
                *(over_runs(one.measures.get(name)) for name in SHOWN),
                signed(beside.value, beside.interval) if (beside := one.beside_baseline) else NONE,
            ]
            for one in results.models
        ],
        right=["runs"],
    )
    for part in results.parts:
        click.secho(part.question, bold=True)
        click.echo(f"{part.answer}\n")
    click.echo(f"{baseline_sentence(results)}\n")
    click.echo(
        f"Saved to {benchmark.path}: results.md, results.json, the figures and the splits, each grid in a folder."
    )
    failed = {name: text for name, text in results.failures.items() if text}
    if results.failures:
        missing = counted(len(results.failures), "run")
        click.secho(f"{missing} missing; the same command, without --report, trains them.", fg="red")
    for name, text in failed.items():
        click.echo(f"  {name}: {text.splitlines()[0]}")
