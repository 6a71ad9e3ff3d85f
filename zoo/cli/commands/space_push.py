"""`zoo space push`: create or update a Space."""

from __future__ import annotations

import click

from zoo.cli.completion import complete_trained_model
from zoo.cli.output.tables import print_json, print_table
from zoo.cli.shared_options import json_option, token_option
from zoo.progress import command_reporter
from zoo.text import storage_size


@click.command("push")
@click.argument("space", metavar="SPACE")
@click.argument("models", nargs=-1, required=True, metavar="MODEL...", shell_complete=complete_trained_model)
@click.option("--private", is_flag=True, help="Create a private Space, which only you can see.")
@click.option("--message", help="The commit message.")
@click.option(
    "--requirement",
    "requirements",
    multiple=True,
    metavar="LINE",
    help="A line of requirements.txt, in place of the one of the same package; can be repeated.",
)
@click.option("--dry-run", is_flag=True, help="Print what would be uploaded, and upload nothing.")
@token_option
@json_option
def command(
    space: str,
    models: tuple[str, ...],
    private: bool,
    message: str | None,
    requirements: tuple[str, ...],
    dry_run: bool,
    token: str | None,
    as_json: bool,
) -> None:
    """Create or update a Hugging Face Space that compares trained models, in one commit.

    SPACE is its id, such as you/compare-breast; it is created if it does not exist. A MODEL on the Hub is shown at its
    present commit; a run folder or bundle folder is uploaded as part of the Space. The text and the settings of
    README.md that you changed on the Hub are kept, and the packages that you added to requirements.txt.
    """
    from zoo.space import push_space

    pushed = push_space(
        space,
        models,
        private=private,
        message=message,
        token=token,
        requirements=requirements,
        dry_run=dry_run,
        progress=command_reporter(),
    )
    if as_json:
        print_json({"space": space, "url": pushed.url, "commit": pushed.commit, "files": pushed.files})
        return
    if dry_run:
        print_table(
            ["file", "size"], [[path, storage_size(size)] for path, size in pushed.files.items()], right=["size"]
        )
        for path in pushed.deleted:
            click.echo(f"would delete {path}")
        click.echo(f"nothing was uploaded; without --dry-run these files make {pushed.url}")
        return
    click.echo(f"pushed: {pushed.commit}")
    click.echo(f"{pushed.url} is built now, which takes some minutes the first time")
