"""`zoo train`."""

from __future__ import annotations

from typing import Any, get_type_hints

import click

from zoo import typed
from zoo.cli.options import complete_model, data_options, device_option, json_option, model_options
from zoo.cli.printing import print_json
from zoo.cli.watching import watcher
from zoo.recipes import MEANINGS, RecipeChanges


class _Typed(click.ParamType[Any]):
    """A value of a declared type."""

    def __init__(self, hint: Any) -> None:
        self.hint = hint
        self.name = typed.describe(hint)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            return typed.parse(value, self.hint)
        except ValueError as error:
            self.fail(str(error), param, ctx)


def _recipe_options(command: Any) -> Any:
    """One option for each value of a recipe."""
    for name, hint in reversed(get_type_hints(RecipeChanges).items()):
        kind = _Typed(hint)
        flag = "--" + name.replace("_", "-")
        command = click.option(flag, name, type=kind, metavar=_metavar(hint), help=MEANINGS[name])(command)
    return command


def _metavar(hint: Any) -> str:
    """How a value looks, in a word."""
    words = {"a whole number": "N", "a number": "X", "a whole number or none": "N", "a list of texts": "NAMES"}
    described = typed.describe(hint)
    if described.startswith("one of "):
        return "[" + described.removeprefix("one of ").replace(", ", "|") + "]"
    return words.get(described, "X,X,X")


@click.command("train")
@click.argument("name", shell_complete=complete_model)
@data_options
@model_options
@click.option("--recipe", help="How to train; `zoo show NAME` prints the model's own.")
@click.option("--init", type=click.Choice(["auto", "imagenet", "scratch"]), default="auto", show_default=True)
@click.option("--seed", type=int, default=0, show_default=True, help="Decides the split and the training.")
@click.option("--split-file", type=click.Path(), help="A table that says which image is in which part.")
@click.option("--store/--no-store", default=True, help="Decode each image once into the cache, or whenever it is read.")
@click.option("--tolerate", type=float, help="The share of images that may be unreadable; 0.01 by default.")
@click.option("--out", type=click.Path(), help="The run folder; by default the next free runs/NAME-DATA-N.")
@device_option
@click.option("--precision", type=click.Choice(["auto", "float32", "bfloat16"]), default="auto", show_default=True)
@json_option
@_recipe_options
def command(name: str, data: str | None, as_json: bool, **given: Any) -> None:
    """Train a model and evaluate it on held-out data.

    Without --data this is the built-in synthetic sample. The options from --split on change the recipe, which says how
    the model is trained; `zoo show NAME` prints it.
    """
    from zoo.cli.summary import print_summary
    from zoo.engine import train

    chosen = {key: value for key, value in given.items() if value is not None}
    run = train(name, data=data or "sample", watch=watcher(), **chosen)
    if as_json:
        print_json({"run": str(run), **run.record, "evaluation": run.metrics})
        return
    print_summary(run)
