"""`zoo pull`: download a published model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from zoo.cli.output.printed_verdict import print_verdict, verdict_document
from zoo.cli.output.tables import print_json
from zoo.cli.shared_options import json_option, token_option
from zoo.progress import command_reporter

if TYPE_CHECKING:
    from zoo.classifier.verdict import Verdict


@click.command("pull")
@click.argument("repo")
@click.option("--revision", help="A branch, tag or commit; by default the newest version.")
@click.option(
    "--into",
    type=click.Path(path_type=Path),
    help="A new folder to save the model to; by default the cache of the Hugging Face Hub.",
)
@click.option(
    "--verify/--no-verify",
    "verified",
    default=True,
    help="Check the files, the card and the outputs of the model after the download.",
)
@click.option("--force-download", is_flag=True, help="Download again what was downloaded earlier.")
@token_option
@json_option
def command(
    repo: str,
    revision: str | None,
    into: Path | None,
    verified: bool,
    force_download: bool,
    token: str | None,
    as_json: bool,
) -> int:
    """Download a published model from the Hugging Face Hub, check it, and print its folder.

    REPO is a Hub id such as you/dala-breakhis-40x, the same with @ and a revision, or its address. The checks are those
    of zoo verify: the model must give here what it gave where it was saved.
    """
    from zoo.hub import pull

    folder = pull(
        repo, revision=revision, into=into, token=token, force_download=force_download, progress=command_reporter()
    )
    verdict = _verdict(folder) if verified else None
    if as_json:
        checked = {} if verdict is None else {"verdict": verdict_document(verdict)}
        print_json({"repo": repo, "folder": str(folder), **checked})
    else:
        if verdict is not None:
            print_verdict(verdict, err=True)
        click.echo(str(folder))
    if verdict is not None and not verdict.passed:
        click.echo("checks failed: do not use this model", err=True)
        return 1
    return 0


def _verdict(folder: Path) -> Verdict:
    """Check a bundle."""
    from zoo.classifier.verdict import verify

    return verify(folder)
