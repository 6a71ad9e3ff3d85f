"""`zoo data fetch`."""

from __future__ import annotations

from pathlib import Path

import click

from zoo.cli.output.next_steps import Step, print_next_steps
from zoo.cli.output.progress import make_reporter
from zoo.cli.output.tables import print_json
from zoo.cli.shared_options import json_option


@click.command("fetch")
@click.argument("source")
@click.option(
    "--into",
    type=click.Path(path_type=Path),
    default=Path(),
    help="The folder that the data set's own folder is put in; by default the one you are in.",
)
@click.option("--url", help="Another address than the official one, as is ZOO_DATA_URL.")
@click.option("--keep", is_flag=True, help="Keep the archive beside what was unpacked from it.")
@json_option
def command(source: str, into: Path, url: str | None, keep: bool, as_json: bool) -> None:
    """Download a public data set, such as breakhis, and check that all of it is there.

    An interrupted download goes on where it ended when the same command runs again.
    """
    from zoo.data.download import fetch, recorded
    from zoo.registry import registry

    folder = fetch(registry().source(source), into=into, address=url, keep=keep, progress=make_reporter())
    if as_json:
        print_json({"source": source, "folder": str(folder), "fetched": recorded(folder)})
        return
    click.echo(f"Saved to {folder}; the data set is complete.")
    click.echo()
    print_next_steps([Step("train a model on it", "zoo train dala --data", [source, "--root", folder])])
