"""`zoo data list`: list the data sources."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from zoo.cli.completion import complete_source
from zoo.cli.output.option_lines import option_lines
from zoo.cli.output.tables import print_facts, print_json, print_table
from zoo.cli.shared_options import json_option

if TYPE_CHECKING:
    from zoo.spec import Source


@click.command("list")
@click.argument("name", required=False, shell_complete=complete_source)
@json_option
def command(name: str | None, as_json: bool) -> None:
    """List the data sources: license, size, and how to get the data.

    NAME is that of a data source; its options (-o) are listed too, with their defaults.
    """
    from zoo.registry import registry

    plugins = registry().plugins.loaded
    sources = [(source, plugin.name) for plugin in plugins for source in plugin.sources.values()]
    sources.sort(key=lambda pair: (not pair[0].synthetic, pair[0].name))
    if name is not None:
        chosen = registry().source(name)
        sources = [pair for pair in sources if pair[0] is chosen]
    if as_json:
        print_json([_document(source, plugin) for source, plugin in sources])
        return
    if name is not None:
        _print_source(*sources[0])
        return
    print_table(
        ["--data", "summary", "license", "size", "how to get it"],
        [[source.name, source.summary, source.license, source.size or "", how_to_get(source)] for source, _ in sources],
    )


def _print_source(source: Source, plugin: str) -> None:
    """Print everything about one data source."""
    print_facts(
        [
            ("--data", source.name),
            ("summary", source.summary),
            ("license", source.license),
            ("size", source.size or ""),
            ("home page", source.home or ""),
            ("how to get it", how_to_get(source)),
            ("options (-o)", option_lines(source.options)),
            ("plugin", plugin),
        ]
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
