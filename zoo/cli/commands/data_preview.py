"""`zoo data preview`: a picture of a recipe's augmentation."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from shlex import quote

import click

from zoo.cli.completion import complete_recipe
from zoo.cli.shared_options import data_options
from zoo.progress import command_reporter


@click.command("preview")
@click.argument("path", type=click.Path())
@data_options("data", "options", without_data="the layout of PATH decides")
@click.option(
    "--recipe",
    default="modern",
    show_default=True,
    shell_complete=complete_recipe,
    help="The recipe with the augmentation to show.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Random seed of the images and of augmentation.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("preview.png"),
    show_default=True,
    help="The PNG file to write; it must not exist.",
)
def command(path: str, data: str | None, options: Mapping[str, str], recipe: str, seed: int, out: Path) -> None:
    """Write a picture of a batch before and after a recipe's augmentation.

    PATH is the folder or CSV file with the data, or `sample`.
    """
    from zoo.data.preview import preview
    from zoo.data.source_lookup import find_source_at, read_manifest
    from zoo.files import atomic_file, next_free, refuse_existing
    from zoo.registry import registry

    refuse_existing(out, hint=f"choose another file: --out {quote(str(next_free(out)))}")
    chosen = registry().recipe(recipe)
    source, root = find_source_at(path, data, registry().plugins.sources)
    manifest = read_manifest(source, root=root, options=options, progress=command_reporter())
    sheet = preview(manifest, chosen, seed=seed)
    with atomic_file(out) as part:
        sheet.save(part, format="PNG")
    steps = [*chosen.augment, *([] if chosen.mixing == "none" else [chosen.mixing])]
    click.echo(f"Saved to {out}. Rows: the original images, then each augmentation alone, then all together.")
    click.echo(f"Augmentation of {recipe}: {', '.join(steps) or 'none'}.")
