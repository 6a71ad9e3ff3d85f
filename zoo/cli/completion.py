"""Shell completion of values: models, runs, data sources, recipes, augmentations."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from glob import escape, iglob
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

from zoo.errors import ZooError

if TYPE_CHECKING:
    from zoo.registry import Registry

MAX_FOLDERS = 1000
"""How many folders completion looks at, so that it is always fast."""


def complete_model(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG001
    """Complete the name of a model that can be trained."""
    return _named(lambda registry: {name: registry.model(name).summary for name in registry.names()}, incomplete)


def complete_trained_model(
    ctx: click.Context,  # noqa: ARG001
    param: click.Parameter,  # noqa: ARG001
    incomplete: str,
) -> list[CompletionItem]:
    """Complete the path of a run folder or of a bundle folder."""
    from zoo.bundle.bundle_files import is_bundle
    from zoo.runs import is_run

    return _folders(lambda path: is_run(path) or is_bundle(path), incomplete)


def complete_model_or_file(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete the path of a run folder or of a bundle folder, or any path."""
    return [CompletionItem(incomplete, type="file"), *complete_trained_model(ctx, param, incomplete)]


def complete_model_or_run(
    ctx: click.Context,  # noqa: ARG001
    param: click.Parameter,  # noqa: ARG001
    incomplete: str,
) -> list[CompletionItem]:
    """Complete the path of a run folder, of a bundle folder or of a grid's folder."""
    from zoo.bundle.bundle_files import is_bundle
    from zoo.runs import is_run
    from zoo.runs.grid_folder import is_grid

    return _folders(lambda path: is_run(path) or is_bundle(path) or is_grid(path), incomplete)


def complete_run(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG001
    """Complete the path of a run folder or of a grid's folder, for `--resume`."""
    from zoo.runs import is_run
    from zoo.runs.grid_folder import is_grid

    return _folders(lambda path: is_run(path) or is_grid(path), incomplete)


def complete_source(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG001
    """Complete the name of a data source, or a path."""
    names = _named(
        lambda registry: {name: source.summary for name, source in registry.plugins.sources.items()},
        incomplete,
    )
    return [CompletionItem(incomplete, type="file"), *names]


def complete_recipe(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG001
    """Complete the name of a recipe, or the path of a recipe file."""
    names = _named(
        lambda registry: {name: recipe.summary for name, recipe in registry.catalog.recipes.items()}, incomplete
    )
    return [CompletionItem(incomplete, type="file"), *names]


def complete_augmentation(
    ctx: click.Context,  # noqa: ARG001
    param: click.Parameter,  # noqa: ARG001
    incomplete: str,
) -> list[CompletionItem]:
    """Complete the last name in a list of augmentations with commas; a name is not offered twice."""
    from zoo.data.augmentation import AUGMENTATIONS

    before, comma, last = incomplete.rpartition(",")
    given = before.split(",")
    return [
        CompletionItem(f"{before}{comma}{name}", help=augmentation.summary)
        for name, augmentation in AUGMENTATIONS.items()
        if name.startswith(last) and name not in given
    ]


def _named(names: Callable[[Registry], Mapping[str, str]], incomplete: str) -> list[CompletionItem]:
    """Return the names in the registry that begin with `incomplete`; none if the registry cannot be read."""
    from zoo.registry import registry

    try:
        summaries = names(registry())
    except ZooError:
        return []
    return [CompletionItem(name, help=text) for name, text in sorted(summaries.items()) if name.startswith(incomplete)]


def _folders(wanted: Callable[[Path], bool], incomplete: str) -> list[CompletionItem]:
    """Return the wanted folders with a path that begins with `incomplete`, and wanted folders inside of such folders.

    If there are none, or a path needs quotes, the shell itself completes folders.
    """
    prefix = escape(incomplete)
    paths = islice(chain(iglob(f"{prefix}*"), iglob(f"{prefix}*/*")), MAX_FOLDERS)  # noqa: PTH207 - keeps a typed "./"
    folders = sorted(path for path in paths if shlex.quote(path) == path and wanted(Path(path)))
    return [CompletionItem(incomplete, type="dir"), *map(CompletionItem, folders)]
