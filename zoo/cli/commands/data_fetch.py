"""`zoo data fetch`: download a public data set."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click
from click.shell_completion import CompletionItem

from zoo.cli.completion import complete_source
from zoo.cli.output.next_steps import Step, print_next_steps
from zoo.cli.output.tables import print_json
from zoo.cli.shared_options import json_option
from zoo.progress import command_reporter


def complete_downloadable(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete the name of a data source that can be downloaded."""
    from zoo.registry import registry

    names = [item for item in complete_source(ctx, param, incomplete) if item.type == "plain"]
    return [item for item in names if registry().source(item.value).archive]


@click.command("fetch")
@click.argument("source", shell_complete=complete_downloadable)
@click.option(
    "--into",
    type=click.Path(path_type=Path),
    default=Path(),
    help="The folder in which the folder of the data set is created; by default the current one.",
)
@click.option("--url", help="Download from this address instead of the official one, as with ZOO_DATA_URL.")
@click.option("--keep", is_flag=True, help="Keep the archive after unpacking it.")
@json_option
def command(source: str, into: Path, url: str | None, keep: bool, as_json: bool) -> None:
    """Download a public data set, such as breakhis, and check that it is complete.

    SOURCE is the name of a data source; `zoo data list` shows which can be downloaded. To resume an interrupted
    download, run the same command again.
    """
    from zoo.download import fetch, read_record, record_path
    from zoo.registry import registry

    folder = fetch(registry().source(source), into=into, url=url, keep=keep, progress=command_reporter())
    if as_json:
        record = read_record(record_path(folder))
        print_json({"source": source, "folder": str(folder), "fetched": asdict(record) if record else None})
        return
    click.echo(f"Saved to {folder}; the data set is complete.")
    click.echo()
    print_next_steps([Step("train a model on it", "zoo train dala --data", [source, "--root", folder])])
