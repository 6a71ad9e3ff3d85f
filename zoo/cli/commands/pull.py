"""`zoo pull`: download a published model."""

from __future__ import annotations

from pathlib import Path

import click

from zoo.cli.output.tables import print_json
from zoo.cli.shared_options import json_option
from zoo.progress import command_reporter


@click.command("pull")
@click.argument("repo")
@click.option("--revision", help="A branch, tag or commit; by default the newest version.")
@click.option(
    "--into",
    type=click.Path(path_type=Path),
    help="A new folder to save the model to; by default the cache of the Hugging Face Hub.",
)
@json_option
def command(repo: str, revision: str | None, into: Path | None, as_json: bool) -> None:
    """Download a published model from the Hugging Face Hub, and print its folder.

    REPO is a Hub id such as you/dala-breakhis-40x.
    """
    from zoo.hub import pull

    folder = pull(repo, revision=revision, into=into, progress=command_reporter())
    if as_json:
        print_json({"repo": repo, "folder": str(folder)})
        return
    click.echo(str(folder))
