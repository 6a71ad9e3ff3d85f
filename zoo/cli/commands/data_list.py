"""`zoo data list`."""

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
    """What can be trained on: what it is, its licence, its size, and how to get it."""
    from zoo.registry import registry

    found = [(source, plugin.name) for plugin in registry().plugins.loaded for source in plugin.sources.values()]
    if as_json:
        print_json([_document(source, plugin) for source, plugin in found])
        return
    print_table(
        ["--data", "what it is", "licence", "a whole copy", "how to get it"],
        [[source.name, source.summary, source.licence, source.size or "", how_to_get(source)] for source, _ in found],
    )


def how_to_get(source: Source) -> str:
    """What to do for it to be on this disk."""
    if source.archive:
        return f"zoo data fetch {source.name}"
    if source.takes == "nothing":
        return "nothing to do: it is made when it is used"
    if source.home:
        return f"from {source.home}, then --root PATH"
    return "your own: --root PATH"


def _document(source: Source, plugin: str) -> dict[str, object]:
    return {
        "name": source.name,
        "plugin": plugin,
        "summary": source.summary,
        "licence": source.licence,
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
