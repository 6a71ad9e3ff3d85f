"""`zoo verify`: check the code of a model, or the files of a trained model."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path

import click
from click.shell_completion import CompletionItem

from zoo.cli.completion import complete_model, complete_trained_model
from zoo.cli.output.tables import print_json
from zoo.cli.shared_options import json_option, revision_option
from zoo.progress import command_reporter


def complete_any_model(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete the name of a model, or the path of a trained one."""
    return [*complete_trained_model(ctx, param, incomplete), *complete_model(ctx, param, incomplete)]


@click.command("verify")
@click.argument("model", shell_complete=complete_any_model)
@click.option("--height", type=int, help="Input height for the checks, in pixels; small images save time.")
@click.option("--width", type=int, help="Input width for the checks, in pixels.")
@revision_option
@json_option
def command(model: str, height: int | None, width: int | None, as_json: bool) -> None:
    """Check the code of a model, or the files of a trained model.

    With the name of a model (zoo verify dala), its network is built and run through all checks of the zoo. With a run
    folder, a bundle folder or a Hub id, the weights are loaded and must give the outputs that were saved with them.
    """
    from zoo.bundle.bundle_files import is_bundle
    from zoo.errors import UnknownNameError
    from zoo.registry import registry
    from zoo.runs import is_run

    known = {*registry().names(), *(plugin.name for plugin in registry().plugins.broken)}
    path = Path(model)
    if "/" in model or is_run(path) or is_bundle(path):
        _verify_bundle(model, as_json)
    elif model not in known:
        raise UnknownNameError("model", model, known)
    else:
        _verify_code(model, height, width, as_json)


def _verify_code(name: str, height: int | None, width: int | None, as_json: bool) -> None:
    """Run all checks on a model, and print each result immediately."""
    from zoo.testing import outcomes

    results = []
    for outcome in outcomes(name, height=height, width=width):
        results.append(outcome)
        if not as_json:
            click.echo(f"{'ok    ' if outcome.error is None else 'FAILED'}  {outcome.promise}")
            if outcome.error:
                click.echo("        " + outcome.error.replace("\n", "\n        "))
    failed = sum(outcome.error is not None for outcome in results)
    if as_json:
        print_json([asdict(outcome) for outcome in results])
    else:
        click.echo(
            f"{name} fails {failed} of {len(results)} checks" if failed else f"{name} passes all {len(results)} checks"
        )
    if failed:
        sys.exit(1)


def _verify_bundle(model: str, as_json: bool) -> None:
    """Check the weights of a trained model against the outputs saved with them."""
    from zoo.classifier import verify_bundle
    from zoo.classifier.resolve import resolve

    folder = resolve(model, progress=command_reporter())
    difference = verify_bundle(folder)
    if as_json:
        print_json({"bundle": str(folder), "largest_difference": difference})
        return
    click.echo(f"{folder}: the files are complete, and the outputs are as saved (largest difference {difference:.1e})")
