"""`zoo data fetch`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from zoo.cli.output.printing import print_json
from zoo.cli.output.progress import make_reporter
from zoo.cli.shared_options import json_option


@click.command("fetch")
@click.argument("source")
@click.option(
    "--into",
    type=click.Path(path_type=Path),
    default=Path(),
    help="The folder to put the data set's folder in; by default the current one.",
)
@click.option("--url", help="Download from this address instead of the official one; ZOO_DATA_URL does the same.")
@click.option("--keep", is_flag=True, help="Keep the archive beside the unpacked folder.")
@json_option
def command(source: str, into: Path, url: str | None, keep: bool, as_json: bool) -> None:
    """Download a public data set, such as breakhis, and check that it is complete.

    Run the same command again to resume an interrupted download.
    """
    from zoo.data.download import fetch, read_record, record_path
    from zoo.registry import registry

    folder = fetch(registry().source(source), into=into, url=url, keep=keep, progress=make_reporter())
    if as_json:
        record = read_record(record_path(folder))
        print_json({"source": source, "folder": str(folder), "fetched": asdict(record) if record else None})
        return
    click.echo(f"The complete data set is in {folder}. Next:")
    click.echo(f"  zoo train dala --data {source} --root {folder}")
