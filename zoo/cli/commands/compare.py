"""`zoo compare`: compare models on the same images."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from zoo.cli.completion import complete_model_or_run
from zoo.cli.config_options import GroupedCommand, GroupedOption
from zoo.cli.output.tables import print_json
from zoo.cli.shared_options import data_options, device_option, json_option, revision_option


@click.command("compare", cls=GroupedCommand)
@click.argument("models", nargs=-1, required=True, metavar="MODEL...", shell_complete=complete_model_or_run)
@data_options("data", "root", "options", without_data="runs are compared by their saved predictions")
@click.option(
    "--margin",
    cls=GroupedOption,
    group="output",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    help="State whether a model is at most this much worse than the best, in balanced accuracy (non-inferiority).",
)
@click.option(
    "--cost/--no-cost",
    cls=GroupedOption,
    group="output",
    default=True,
    help="Measure what a prediction costs: multiply-adds, images per second, memory. It takes a second for each model.",
)
@click.option(
    "--out",
    cls=GroupedOption,
    group="output",
    type=click.Path(path_type=Path),
    help="A folder for report.html and report.md, which must not exist in it.",
)
@revision_option
@device_option
@json_option
def command(models: tuple[str, ...], out: Path | None, as_json: bool, **given: Any) -> None:
    """Compare models on the same images: which is better, and how sure that is.

    MODEL is a run folder, the folder of a grid, a bundle folder or a Hub id. Finished runs are compared by the
    predictions for their test parts, if these are the same images, and the models of a grid over all their seeds and
    folds; other models need --data.
    """
    from zoo.cli.output.comparison_summary import print_comparison
    from zoo.comparison import compare
    from zoo.config.plain import plain
    from zoo.files import refuse_existing
    from zoo.progress import command_reporter
    from zoo.reports import write_comparison_report
    from zoo.runs import REPORT

    if out is not None:
        for name in (REPORT, "report.md"):
            refuse_existing(out / name, hint="choose another folder with --out")
    chosen = {name: value for name, value in given.items() if value not in (None, {})}
    comparison = compare(models, progress=command_reporter(), **chosen)
    if out is not None:
        write_comparison_report(out, comparison, progress=command_reporter())
    if as_json:
        print_json(plain(comparison))
        return
    print_comparison(comparison)
    if out is not None:
        click.echo(f"Saved to {out}: a report to read in report.html, and as Markdown in report.md")
