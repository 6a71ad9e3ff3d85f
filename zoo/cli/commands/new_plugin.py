"""`zoo new-plugin`."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("new-plugin")
@click.argument("name")
@click.option("--into", type=click.Path(path_type=Path), default=Path(), help="Where; by default here.")
def command(name: str, into: Path) -> None:
    """Write a plugin package that installs, passes its tests and trains at once."""
    from zoo.new_plugin import new_plugin

    folder = new_plugin(name, parent=into)
    model = name.replace("-", "_")
    click.echo(f"written to {folder}")
    click.echo()
    click.echo("Next:")
    for line, why in (
        (f"pip install -e {folder}", "from now on the zoo knows it"),
        (f"zoo verify {model}", "everything the zoo promises of a network"),
        (f"zoo train {model}", "on the synthetic sample"),
        (f"pytest {folder}", "the same promises, as your package's test"),
    ):
        click.echo(f"  {line.ljust(28)}  {why}")
