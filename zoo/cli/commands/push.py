"""`zoo push`: publish a trained model."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

import click

from zoo.cli.output.next_steps import Step, print_next_steps
from zoo.cli.output.tables import print_json, print_table
from zoo.cli.shared_options import json_option, model_argument, token_option
from zoo.progress import command_reporter
from zoo.text import printable, storage_size

if TYPE_CHECKING:
    from zoo.hub import PushPlan


@click.command("push")
@model_argument
@click.argument("repo")
@click.option("--private", is_flag=True, help="Create a private repository, which only you can see.")
@click.option("--revision", help="The branch to push to, which is created if need be; by default the main branch.")
@click.option("--tag", help="A name for this version, such as v1: `you/name@v1` will always load this version.")
@click.option("--create-pr", is_flag=True, help="Open a pull request, in someone else's repository.")
@click.option("--license", "license_name", help="The license of the model, as the Hub names it, such as apache-2.0.")
@click.option("--new-card", is_flag=True, help="Rewrite the whole model card, discarding your own text.")
@click.option("--message", help="The commit message.")
@click.option("--dry-run", is_flag=True, help="Show what would be uploaded, and how the card would change.")
@token_option
@json_option
def command(model: str, repo: str, license_name: str | None, dry_run: bool, as_json: bool, **options: Any) -> None:
    """Publish a trained model on the Hugging Face Hub, with its model card, in one commit.

    MODEL is a run folder or a bundle folder. REPO is the Hub id to publish it as, such as you/dala-breakhis-40x; the
    repository is created if it does not exist.

    What you write in the card on the Hub is kept: your text above or below the part of histozoo, the license, tags.
    """
    from zoo.classifier.resolve import resolve
    from zoo.hub import plan_push, push
    from zoo.hub.push import push_target

    folder = resolve(model)
    if dry_run:
        options.pop("message")
        plan = plan_push(folder, repo, license=license_name, **options)
        print_json(asdict(plan)) if as_json else _print_plan(plan)
        return
    address = push(folder, repo, license=license_name, progress=command_reporter(), **options)
    target = push_target(repo, options["revision"])
    if as_json:
        print_json({"repo": target.repo, "commit": address})
        return
    if options["create_pr"]:
        click.echo(f"pull request: {address}")
        return
    name = str(replace(target, revision=options["tag"] or target.revision))
    click.echo(f"published: {address}")
    click.echo(f'in Python: zoo.from_pretrained("{name}")')
    click.echo()
    print_next_steps([Step("predict the class of an image with it", "zoo predict", [name, "tile.png"])])


def _print_plan(plan: PushPlan) -> None:
    """Print what a push would change."""
    branch = f", branch {plan.revision}" if plan.revision else ""
    creates = f"; the {plan.creates} would be created" if plan.creates else ""
    click.echo(printable(f"to {plan.repo}{branch}{creates}"))
    click.echo()
    rows = [[file.name, storage_size(file.size), file.change] for file in plan.files]
    print_table(["file", "size", "on the Hub"], rows, right=["size"])
    click.echo()
    if plan.note:
        click.echo(plan.note)
    if plan.card_changes:
        click.echo("the card:" if plan.creates == "repository" else "changes in the card:")
        click.echo(printable(plan.card_changes))
    same = all(file.change == "unchanged" for file in plan.files)
    click.echo(
        "nothing was sent, and nothing would change"
        if same
        else f"nothing was sent; without --dry-run, the upload would be {storage_size(plan.upload)}"
    )
