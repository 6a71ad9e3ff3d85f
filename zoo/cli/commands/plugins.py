"""`zoo plugins`: list the installed plugins."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from zoo.cli.output.tables import print_json, print_table
from zoo.cli.shared_options import json_option

if TYPE_CHECKING:
    from zoo.plugins import Plugin


@click.command("plugins")
@json_option
def command(as_json: bool) -> None:
    """List the installed plugins, what each registers, and the errors of broken plugins."""
    from zoo.plugins.kinds import KINDS
    from zoo.registry import registry

    plugins = registry().plugins.loaded
    if as_json:
        rows = [
            {
                "name": plugin.name,
                "module": plugin.module,
                "distribution": plugin.distribution,
                "version": plugin.version,
                **{kind.name: sorted(plugin.registered(kind.name)) for kind in KINDS},
                "files": [str(file) for file in plugin.files],
                "error": plugin.error,
            }
            for plugin in plugins
        ]
        print_json(rows)
        return
    print_table(
        ["plugin", "distribution", "registers"],
        [
            [
                plugin.name,
                f"{plugin.distribution} {plugin.version}",
                f"BROKEN: {plugin.error}" if plugin.error else _registered(plugin),
            ]
            for plugin in plugins
        ],
    )


def _registered(plugin: Plugin) -> str:
    """Return the names that a plugin registers, as one line."""
    from zoo.plugins.kinds import KINDS

    files = [file.name for file in plugin.files]
    parts: list[tuple[str, Iterable[str]]] = [(kind.title, plugin.registered(kind.name)) for kind in KINDS]
    parts.append(("registry files", files))
    return "; ".join(f"{kind}: {', '.join(sorted(names))}" for kind, names in parts if names)
