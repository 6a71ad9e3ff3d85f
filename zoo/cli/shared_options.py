"""Options and arguments that several commands share, and shell completion of their values."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from glob import escape, iglob
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.shell_completion import CompletionItem

from zoo.errors import ZooError

if TYPE_CHECKING:
    from zoo.registry import Registry

Command = TypeVar("Command", bound=Callable[..., Any])
LOOKED_AT = 1000
"""How many folders completion looks at, so that it never keeps anybody waiting."""


def complete_model(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG001
    """Complete the name of a model that can be trained."""
    return _named(lambda book: {name: book.model(name).summary for name in book.names()}, incomplete)


def complete_trained_model(
    ctx: click.Context,  # noqa: ARG001
    param: click.Parameter,  # noqa: ARG001
    incomplete: str,
) -> list[CompletionItem]:
    """Complete the path of a run folder or of a bundle folder."""
    from zoo.bundle.bundle_files import is_bundle
    from zoo.runs import is_run

    return _folders(lambda path: is_run(path) or is_bundle(path), incomplete)


def complete_run(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG001
    """Complete the path of a run folder or of a grid's folder, for `--resume`."""
    from zoo.grid.grid_folder import is_grid
    from zoo.runs import is_run

    return _folders(lambda path: is_run(path) or is_grid(path), incomplete)


def complete_source(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG001
    """Complete the name of a data source, or a path."""
    names = _named(
        lambda book: {name: source.summary for name, source in book.plugins.sources.items()},
        incomplete,
    )
    return [CompletionItem(incomplete, type="file"), *names]


def complete_recipe(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG001
    """Complete the name of a recipe, or the path of a recipe file."""
    names = _named(lambda book: {name: recipe.summary for name, recipe in book.catalog.recipes.items()}, incomplete)
    return [CompletionItem(incomplete, type="file"), *names]


def complete_augmentation(
    ctx: click.Context,  # noqa: ARG001
    param: click.Parameter,  # noqa: ARG001
    incomplete: str,
) -> list[CompletionItem]:
    """Complete the last of several augmentations with commas between them, none of them twice."""
    from zoo.data.augmentation import AUGMENTATIONS

    before, comma, last = incomplete.rpartition(",")
    given = before.split(",")
    return [
        CompletionItem(f"{before}{comma}{name}", help=one.summary)
        for name, one in AUGMENTATIONS.items()
        if name.startswith(last) and name not in given
    ]


def _named(names: Callable[[Registry], Mapping[str, str]], incomplete: str) -> list[CompletionItem]:
    """Return the names in the registry that begin with `incomplete`; none where the registry cannot be read."""
    from zoo.registry import registry

    try:
        found = names(registry())
    except ZooError:
        return []
    return [CompletionItem(name, help=text) for name, text in sorted(found.items()) if name.startswith(incomplete)]


def _folders(wanted: Callable[[Path], bool], incomplete: str) -> list[CompletionItem]:
    """Return the wanted folders whose path begins with `incomplete`, and those inside the folders that match.

    Shells complete folders by themselves where none is found, and where a path needs quotes.
    """
    begun = escape(incomplete)
    places = islice(chain(iglob(f"{begun}*"), iglob(f"{begun}*/*")), LOOKED_AT)  # noqa: PTH207 - keeps a typed "./"
    found = sorted(place for place in places if shlex.quote(place) == place and wanted(Path(place)))
    return [CompletionItem(incomplete, type="dir"), *map(CompletionItem, found)]


def json_option(command: Command) -> Command:
    """Add `--json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of text.")(command)


def data_options(command: Command) -> Command:
    """Add the options that name the data: `--data`, `--root`, `-o`."""
    root = click.option("--root", type=click.Path(), help="The folder, or the CSV file, with the data.")
    return source_options(root(command))


def source_options(command: Command) -> Command:
    """Add the options that name the data source: `--data`, `-o`."""
    command = click.option(
        "-o",
        "--option",
        "options",
        multiple=True,
        metavar="KEY=VALUE",
        callback=pairs,
        help="An option of the data source, such as magnification=40. Can be given several times.",
    )(command)
    what = "A data source (`zoo data list`), or a path whose layout is recognised."
    return click.option("--data", metavar="SOURCE", shell_complete=complete_source, help=what)(command)


def model_options(command: Command) -> Command:
    """Add `-m`, the options of the architecture."""
    return click.option(
        "-m",
        "--model-option",
        "model_options",
        multiple=True,
        metavar="KEY=VALUE",
        callback=pairs,
        help="An option of the architecture; `zoo show NAME` lists them. Can be given several times.",
    )(command)


def device_option(command: Command) -> Command:
    """Add `--device`."""
    what = "auto, cpu, cuda, cuda:1 or mps; auto takes a GPU if there is one."
    return click.option("--device", default="auto", show_default=True, help=what)(command)


def computing_options(command: Command) -> Command:
    """Add the options of device, precision, memory layout and compilation."""
    either = click.Choice(["auto", "yes", "no"])
    kinds: list[tuple[str, Any, str]] = [
        (
            "--precision",
            click.Choice(["auto", "float32", "bfloat16"]),
            "auto: bfloat16 where the hardware supports it.",
        ),
        ("--layout", click.Choice(["auto", "channels_last", "contiguous"]), "Memory layout of images and weights."),
        ("--compile", either, "Use torch.compile; auto: where it saves time."),
        ("--resident", either, "Keep all images in GPU memory; auto: if they fit."),
        ("--sync-norm", either, "Batch norm over all processes; auto: where each has few images."),
    ]
    flag = click.option(
        "--deterministic", is_flag=True, help="The same result in every run, also on a GPU; slower there."
    )
    command = flag(command)
    for name, kind, meaning in reversed(kinds):
        command = click.option(name, type=kind, default="auto", show_default=True, help=meaning)(command)
    return device_option(command)


def model_argument(command: Command) -> Command:
    """Add MODEL: a run folder, a bundle folder or a Hub id."""
    return click.argument("model", shell_complete=complete_trained_model)(command)


def pairs(ctx: click.Context, param: click.Parameter, values: Sequence[str]) -> dict[str, str]:
    """Return texts such as KEY=VALUE as a dictionary."""
    found = {}
    for value in values:
        name, equals, text = value.partition("=")
        if not equals or not name:
            raise click.BadParameter(f"{value!r} is not KEY=VALUE", ctx, param)
        found[name.replace("-", "_")] = text
    return found
