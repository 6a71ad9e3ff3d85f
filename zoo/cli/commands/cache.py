"""`zoo cache`: list or clear the cache."""

from __future__ import annotations

import click

from zoo.cli.output.tables import print_json, print_table
from zoo.cli.shared_options import json_option
from zoo.config.plain import plain
from zoo.text import storage_size


@click.command("cache")
@click.option("--clear", is_flag=True, help="Delete the contents; they are created again when needed.")
@json_option
def command(clear: bool, as_json: bool) -> None:
    """List or clear the cache: decoded images, the synthetic sample, file hashes."""
    from zoo.data.cache import cache_folder, clear_cache, contents

    items = contents()
    kept = clear_cache() if clear else []
    if as_json:
        print_json({"folder": str(cache_folder()), "cleared": clear, "kept": kept, "contents": plain(items)})
        return
    total = sum(item.bytes for item in items)
    if items:
        rows = [[item.name, item.kind, storage_size(item.bytes), item.used] for item in items]
        print_table(["in the cache", "content", "size", "last used"], rows, right=["size"])
    click.echo(f"{cache_folder()}: {storage_size(total)}{', deleted' if clear else ''}")
    for name in kept:
        click.echo(f"not deleted: {name}, because another process is writing it")
