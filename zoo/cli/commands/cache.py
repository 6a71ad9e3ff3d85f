"""`zoo cache`: list or clear the cache."""

from __future__ import annotations

import click

from zoo.cli.output.tables import print_json, print_table
from zoo.cli.shared_options import json_option


@click.command("cache")
@click.option("--clear", is_flag=True, help="Remove everything; what is needed is made again.")
@json_option
def command(clear: bool, as_json: bool) -> None:
    """List or clear the cache: decoded images, the synthetic sample, file hashes."""
    from zoo.data.cache import cache_folder, clear_cache, contents

    found = contents()
    kept = clear_cache() if clear else []
    if as_json:
        plain = [one.as_dict() for one in found]
        print_json({"folder": str(cache_folder()), "cleared": clear, "kept": kept, "contents": plain})
        return
    total = sum(one.bytes for one in found)
    if found:
        rows = [[one.name, one.kind, f"{one.bytes / 1e6:,.1f} MB", one.used] for one in found]
        print_table(["in the cache", "content", "size", "last used"], rows, right=["size"])
    click.echo(f"{cache_folder()}: {total / 1e6:,.1f} MB{', removed' if clear else ''}")
    for name in kept:
        click.echo(f"kept: {name}, because another process is writing it")
