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

Complete = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]
"""Returns what is offered for a value that is typed so far."""
MAX_FOLDERS = 1000
"""How many folders completion looks at, so that it is always fast."""


class _Summarized(Protocol):
    """What has a summary: a recipe, or something that a plugin registers."""

    @property
    def summary(self) -> str: ...


def _summaries(things: Mapping[str, _Summarized]) -> dict[str, str]:
    """Return the summary of each thing, by name."""
    return {name: thing.summary for name, thing in things.items()}


def _named(names: Callable[[Registry], Mapping[str, str]], *, or_file: bool = False) -> Complete:
    """Return the completion of names in the registry, or also of any path; of none if the registry cannot be read."""

    def complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG001
        from zoo.registry import registry

        file = [CompletionItem(incomplete, type="file")] if or_file else []
        try:
            known = sorted(names(registry()).items())
        except ZooError:
            return file
        return [*file, *(CompletionItem(name, help=text) for name, text in known if name.startswith(incomplete))]

    return complete


def _folders(*kinds: Callable[[Path], bool]) -> Complete:
    """Return the completion of folders of these kinds, also of those inside of folders that begin with what is typed.

    If there are none, or a path needs quotes, the shell itself completes folders.
    """

    def complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG001
        prefix = escape(incomplete)
        paths = chain(iglob(f"{prefix}*"), iglob(f"{prefix}*/*"))  # noqa: PTH207 - keeps a typed "./"
        plain = [path for path in islice(paths, MAX_FOLDERS) if shlex.quote(path) == path]
        folders = sorted(path for path in plain if any(kind(Path(path)) for kind in kinds))
        return [CompletionItem(incomplete, type="dir"), *map(CompletionItem, folders)]

    return complete


def _is_run(path: Path) -> bool:
    from zoo.runs import is_run

    return is_run(path)


def _is_bundle(path: Path) -> bool:
    from zoo.bundle.bundle_files import is_bundle

    return is_bundle(path)


def _is_grid(path: Path) -> bool:
    from zoo.runs.grid_folder import is_grid

    return is_grid(path)


def _is_reproduction(path: Path) -> bool:
    from zoo.runs.reproduction_folder import is_reproduction

    return is_reproduction(path)


complete_model = _named(lambda registry: {name: registry.model(name).summary for name in registry.names()})
complete_model_or_recipe = _named(
    lambda registry: {
        **_summaries(registry.catalog.recipes),
        **{name: registry.model(name).summary for name in registry.names()},
    }
)
complete_paper = _named(
    lambda registry: {name: paper.title for name, paper in registry.catalog.papers.items() if paper.data}
)
complete_source = _named(lambda registry: _summaries(registry.plugins.sources), or_file=True)
complete_recipe = _named(lambda registry: _summaries(registry.catalog.recipes), or_file=True)
complete_explanation_method = _named(lambda registry: _summaries(registry.plugins.explanation_methods))
complete_exporter = _named(lambda registry: _summaries(registry.plugins.exporters))
_complete_augmentation = _named(lambda registry: _summaries(registry.plugins.augmentations))
complete_trained_model = _folders(_is_run, _is_bundle)
complete_model_or_run = _folders(_is_run, _is_bundle, _is_grid)
complete_run = _folders(_is_run, _is_grid)
complete_reproduction = _folders(_is_reproduction)


def complete_initial_weights(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete a word for initial weights, or the path of a trained model."""
    from zoo.config.train_config import INITIAL_WEIGHTS

    words = [CompletionItem(word) for word in INITIAL_WEIGHTS if word.startswith(incomplete)]
    return [*words, *complete_trained_model(ctx, param, incomplete)]


def complete_model_or_file(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete the path of a run folder or of a bundle folder, or any path."""
    return [CompletionItem(incomplete, type="file"), *complete_trained_model(ctx, param, incomplete)]


def complete_protocol(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG001
    """Complete the name of the protocol of a benchmark, or the path of a file with one."""
    from zoo.benchmark.protocol import protocols

    found = [CompletionItem(name, help=one.title) for name, one in protocols().items() if name.startswith(incomplete)]
    return found or [CompletionItem(incomplete, type="file")]


def complete_augmentation(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete the last name in a list of augmentations with commas; a name is not offered twice."""
    before, comma, last = incomplete.rpartition(",")
    given = before.split(",")
    found = _complete_augmentation(ctx, param, last)
    return [CompletionItem(f"{before}{comma}{item.value}", help=item.help) for item in found if item.value not in given]
