"""Shell completion of values: models, runs, data sources, recipes, augmentations, explanation methods."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from glob import escape, iglob
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

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


def complete_initial_weights(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete a word for initial weights, or the path of a trained model."""
    from zoo.config.train_config import INITIAL_WEIGHTS

    words = [CompletionItem(word) for word in INITIAL_WEIGHTS if word.startswith(incomplete)]
    return [*words, *complete_trained_model(ctx, param, incomplete)]


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


def complete_paper(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG001
    """Complete the name of a paper that can be reproduced."""
    return _named(_papers, incomplete)


def complete_protocol(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG001
    """Complete the name of the protocol of a benchmark, or the path of a file with one."""
    from zoo.benchmark.protocol import protocols

    found = [CompletionItem(name, help=one.title) for name, one in protocols().items() if name.startswith(incomplete)]
    return found or [CompletionItem(incomplete, type="file")]


def _papers(registry: Registry) -> dict[str, str]:
    """Return the titles of the papers whose results are on data that a source reads."""
    return {name: paper.title for name, paper in registry.catalog.papers.items() if paper.data}


def complete_reproduction(
    ctx: click.Context,  # noqa: ARG001
    param: click.Parameter,  # noqa: ARG001
    incomplete: str,
) -> list[CompletionItem]:
    """Complete the path of the folder of a reproduction, for `--resume`."""
    return _folders(lambda path: (path / "reproduction.yaml").is_file(), incomplete)


def complete_source(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG001
    """Complete the name of a data source, or a path."""
    names = _named(lambda registry: _summaries(registry.plugins.sources), incomplete)
    return [CompletionItem(incomplete, type="file"), *names]


def complete_recipe(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG001
    """Complete the name of a recipe, or the path of a recipe file."""
    names = _named(lambda registry: _summaries(registry.catalog.recipes), incomplete)
    return [CompletionItem(incomplete, type="file"), *names]


def complete_augmentation(
    ctx: click.Context,  # noqa: ARG001
    param: click.Parameter,  # noqa: ARG001
    incomplete: str,
) -> list[CompletionItem]:
    """Complete the last name in a list of augmentations with commas; a name is not offered twice."""
    before, comma, last = incomplete.rpartition(",")
    given = before.split(",")
    found = _named(lambda registry: _summaries(registry.plugins.augmentations), last)
    return [CompletionItem(f"{before}{comma}{item.value}", help=item.help) for item in found if item.value not in given]


def complete_explanation_method(
    ctx: click.Context,  # noqa: ARG001
    param: click.Parameter,  # noqa: ARG001
    incomplete: str,
) -> list[CompletionItem]:
    """Complete the name of an explanation method."""
    return _named(lambda registry: _summaries(registry.plugins.explanation_methods), incomplete)


def complete_exporter(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG001
    """Complete the name of a format that models are exported to."""
    return _named(lambda registry: _summaries(registry.plugins.exporters), incomplete)


class _Summarized(Protocol):
    """What has a summary: a recipe, or something that a plugin registers."""

    @property
    def summary(self) -> str: ...


def _summaries(things: Mapping[str, _Summarized]) -> dict[str, str]:
    """Return the summary of each thing, by name."""
    return {name: thing.summary for name, thing in things.items()}


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
