"""`zoo push`: publish a trained model."""

from __future__ import annotations

import click

from zoo.cli.output.next_steps import Step, print_next_steps
from zoo.cli.output.tables import print_json
from zoo.cli.shared_options import json_option, model_argument
from zoo.progress import command_reporter


@click.command("push")
@model_argument
@click.argument("repo")
@click.option("--private", is_flag=True, help="Create a private repository, which only you can see.")
@click.option("--message", help="The commit message.")
@json_option
def command(model: str, repo: str, private: bool, message: str | None, as_json: bool) -> None:
    """Publish a trained model on the Hugging Face Hub, with its model card, in one commit.

    MODEL is a run folder or a bundle folder. REPO is the Hub id to publish it as, such as you/dala-breakhis-40x; the
    repository is created if it does not exist.
    """
    from zoo.classifier.resolve import resolve
    from zoo.hub import push

    address = push(resolve(model), repo, private=private, message=message, progress=command_reporter())
    if as_json:
        print_json({"repo": repo, "commit": address})
        return
    click.echo(f"published: {address}")
    click.echo(f'in Python: zoo.from_pretrained("{repo}")')
    click.echo()
    print_next_steps([Step("predict the class of an image with it", "zoo predict", [repo, "tile.png"])])
