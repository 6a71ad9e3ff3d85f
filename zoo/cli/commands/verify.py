"""`zoo verify`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from zoo.cli.output.progress import make_reporter
from zoo.cli.output.tables import print_json
from zoo.cli.shared_options import complete_model, json_option


@click.command("verify")
@click.argument("model", shell_complete=complete_model)
@click.option("--height", type=int, help="Check at this size, to save time.")
@click.option("--width", type=int)
@json_option
def command(model: str, height: int | None, width: int | None, as_json: bool) -> None:
    """Check a model's code by its name, or a trained model's files.

    By name (`zoo verify dala`): everything the zoo promises of a network. A run, a bundle or a Hub id: that its
    weights are whole, load strictly, and give the outputs they gave when they were saved.
    """
    from zoo.bundle.bundle_files import is_bundle
    from zoo.errors import UnknownNameError
    from zoo.registry import registry
    from zoo.runs import is_run

    book = registry()
    known = {*book.names(), *(plugin.name for plugin in book.plugins.broken)}
    path = Path(model)
    if "/" in model or is_run(path) or is_bundle(path):
        _verify_bundle(model, as_json)
    elif model not in known:
        raise UnknownNameError("model", model, known)
    else:
        _verify_code(model, height, width, as_json)


def _verify_code(name: str, height: int | None, width: int | None, as_json: bool) -> None:
    from zoo.testing import outcomes

    found = []
    for one in outcomes(name, height=height, width=width):
        found.append(one)
        if not as_json:
            click.echo(f"{'ok    ' if one.error is None else 'FAILED'}  {one.promise}")
            if one.error:
                click.echo("        " + one.error.replace("\n", "\n        "))
    broken = sum(one.error is not None for one in found)
    if as_json:
        print_json([{"check": one.check, "promise": one.promise, "error": one.error} for one in found])
    else:
        click.echo(f"{name} breaks {broken} of {len(found)}" if broken else f"{name} keeps all {len(found)} promises")
    if broken:
        sys.exit(1)


def _verify_bundle(model: str, as_json: bool) -> None:
    from zoo.classifier import verify_bundle
    from zoo.classifier.resolve import resolve

    folder = resolve(model, progress=make_reporter())
    difference = verify_bundle(folder)
    if as_json:
        print_json({"bundle": str(folder), "largest_difference": difference})
        return
    click.echo(f"{folder}: whole, and its outputs are as they were saved (largest difference {difference:.1e})")
