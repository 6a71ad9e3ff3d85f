"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])


def json_option(command: Command) -> Command:
    """`--json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")(command)


def data_options(command: Command) -> Command:
    """Which data, and where they lie."""
    return source_options(click.option("--root", type=click.Path(), help="Where the data lie.")(command))


def source_options(command: Command) -> Command:
    """Which data source, and its options."""
    command = click.option(
        "-o",
        "--option",
        "options",
        multiple=True,
        metavar="KEY=VALUE",
        callback=pairs,
        help="An option of the data source, such as magnification=40.",
    )(command)
    what = "A data source (`zoo data list`), or a path that says by itself what it is."
    return click.option("--data", metavar="SOURCE", help=what)(command)


def model_options(command: Command) -> Command:
    """Options of the architecture."""
    return click.option(
        "-m",
        "--model-option",
        "model_options",
        multiple=True,
        metavar="KEY=VALUE",
        callback=pairs,
        help="An option of the architecture; `zoo show NAME` lists them.",
    )(command)


def device_option(command: Command) -> Command:
    """`--device`."""
    return click.option("--device", default="auto", show_default=True, help="auto, cpu, cuda, cuda:1, mps.")(command)


def computing_options(command: Command) -> Command:
    """On what, in which precision and layout; what is left alone is chosen, and the choice is said."""
    either = click.Choice(["auto", "yes", "no"])
    kinds: list[tuple[str, Any, str]] = [
        ("--precision", click.Choice(["auto", "float32", "bfloat16"]), "auto: bfloat16 where the hardware has it."),
        ("--layout", click.Choice(["auto", "channels_last", "contiguous"]), "How images lie in memory."),
        ("--compile", either, "torch.compile; auto: where it pays."),
        ("--resident", either, "All images in the GPU's memory; auto: if they fit."),
        ("--sync-norm", either, "Batch norm over all processes; auto: where each has few images."),
    ]
    flag = click.option("--deterministic", is_flag=True, help="The same bits every time, on a GPU too; slower there.")
    command = flag(command)
    for name, kind, meaning in reversed(kinds):
        command = click.option(name, type=kind, default="auto", show_default=True, help=meaning)(command)
    return device_option(command)


def model_argument(command: Command) -> Command:
    """A run folder, a bundle folder or a Hub id."""
    return click.argument("model")(command)


def complete_model(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:  # noqa: ARG001
    """Names for shell completion."""
    from zoo.registry import list_models

    return list_models(f"{incomplete}*")


def pairs(ctx: click.Context, param: click.Parameter, values: Sequence[str]) -> dict[str, str]:
    """Texts such as KEY=VALUE."""
    found = {}
    for value in values:
        name, equals, text = value.partition("=")
        if not equals or not name:
            raise click.BadParameter(f"{value!r} is not KEY=VALUE", ctx, param)
        found[name.replace("-", "_")] = text
    return found
