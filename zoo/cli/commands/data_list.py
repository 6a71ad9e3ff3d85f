"""`zoo data list`: list the data sources."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from zoo.cli.output.tables import print_json, print_table
from zoo.cli.shared_options import json_option

if TYPE_CHECKING:
    from zoo.spec import Source


@click.command("list")
@json_option
def command(as_json: bool) -> None:
    """List the data sources: license, size, and how to get the data."""
    from zoo.registry import registry

    sources = [(source, plugin.name) for plugin in registry().plugins.loaded for source in plugin.sources.values()]
    if as_json:
        print_json([_document(source, plugin) for source, plugin in sources])
        return
    print_table(
        ["--data", "summary", "license", "size", "how to get it"],
        [[source.name, source.summary, source.license, source.size or "", how_to_get(source)] for source, _ in sources],
    )


def how_to_get(source: Source) -> str:
    """Return what to do to get the data onto this machine."""
    if source.archive:
        return f"zoo data fetch {source.name}"
    if source.takes == "nothing":
        return "nothing to do: drawn on first use"
    if source.home:
        return f"download from {source.home}, then --root PATH"
    return "your own data: --root PATH"


def _document(source: Source, plugin: str) -> dict[str, object]:
    """Return a data source as a JSON document."""
    return {
        "name": source.name,
        "plugin": plugin,
        "summary": source.summary,
        "license": source.license,
        "size": source.size,
        "home": source.home,
        "archive": source.archive.url if source.archive else None,
        "takes": source.takes,
        "synthetic": source.synthetic,
        "options": {
            name: {"default": option.default, "choices": list(option.choices), "help": option.help}
            for name, option in source.options.items()
        },
        "how_to_get": how_to_get(source),
    }
