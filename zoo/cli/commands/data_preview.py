"""`zoo data preview`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from zoo.cli.output.progress import make_reporter
from zoo.cli.shared_options import source_options


@click.command("preview")
@click.argument("path", type=click.Path())
@source_options
@click.option("--recipe", default="modern", show_default=True, help="Whose augmentation to show.")
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--out", type=click.Path(path_type=Path), default=Path("preview.png"), show_default=True)
def command(path: str, data: str | None, options: Mapping[str, str], recipe: str, seed: int, out: Path) -> None:
    """Write a picture of a batch before and after a recipe's augmentation.

    PATH is where the data lie, or `sample`.
    """
    from zoo.data.preview import preview
    from zoo.data.source_lookup import find_source, read_manifest
    from zoo.registry import registry

    book = registry()
    sources = book.plugins.sources
    chosen = book.recipe(recipe)
    source, place = find_source(data, path, sources) if data else find_source(path, None, sources)
    manifest = read_manifest(source, root=place, options=options, progress=make_reporter())
    picture = preview(manifest, chosen, seed=seed)
    picture.save(out, format="PNG")
    click.echo(f"written to {out}: above as they are, then one row for each of {', '.join(chosen.augment) or 'none'}")
    click.echo("and last all of them together, as training sees them" + _mixed(chosen.mixing))


def _mixed(mixing: str) -> str:
    return "" if mixing == "none" else f", mixed by {mixing}"
