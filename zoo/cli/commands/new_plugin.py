"""`zoo new-plugin`: create a plugin package."""

from __future__ import annotations

from pathlib import Path

import click

from zoo.cli.output.next_steps import Step, print_next_steps


@click.command("new-plugin")
@click.argument("name")
@click.option(
    "--into",
    type=click.Path(path_type=Path),
    default=Path(),
    help="The folder in which the package is created; by default the current one.",
)
def command(name: str, into: Path) -> None:
    """Create a plugin package with a small model that can be installed, tested and trained as it is.

    NAME is the name of the package, such as my-gate; the model is called my_gate.
    """
    from zoo.new_plugin import new_plugin

    folder = new_plugin(name, parent=into)
    model = name.replace("-", "_")
    click.echo(f"Saved to {folder}")
    click.echo()
    print_next_steps(
        [
            Step("install the package, so that the zoo finds its model", "pip install -e", [folder]),
            Step("check the model", "zoo verify", [model]),
            Step("train the model on the synthetic sample", "zoo train", [model]),
            Step("run the tests of the package, which make the same checks (needs pytest)", "pytest", [folder]),
        ]
    )
