"""`zoo train`."""

from __future__ import annotations

from typing import Any, get_type_hints

import click
from click.core import ParameterSource

from zoo.cli.output.grid_summary import GRID_ONLY, grid_options, is_grid, run_grid
from zoo.cli.output.printing import print_json
from zoo.cli.output.progress import make_reporter
from zoo.cli.shared_options import complete_model, computing_options, data_options, json_option, model_options
from zoo.config import values as typed
from zoo.config.recipe import MEANINGS, RecipeChanges
from zoo.process import keep_freed_memory

ANYTIME = ("resume", "save_every", "track", "as_json")
"""Options that change no number."""


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
@click.argument("names", metavar="[NAME]...", nargs=-1, shell_complete=complete_model)
@click.option("--resume", type=click.Path(), help="Go on with a run, or a grid, that was stopped or killed.")
@grid_options
@data_options
@model_options
@click.option("--recipe", help="How to train: a name, or a YAML file. `zoo show NAME` prints the model's own.")
@click.option("--init", type=click.Choice(["auto", "imagenet", "scratch"]), default="auto", show_default=True)
@click.option("--seed", type=int, default=0, show_default=True, help="Decides the split and the training.")
@click.option("--split-file", type=click.Path(), help="A table that says which image is in which part.")
@click.option("--store/--no-store", default=True, help="Decode each image once into the cache, or whenever it is read.")
@click.option("--tolerate", type=float, help="The share of images that may be unreadable; 0.01 by default.")
@click.option("--out", type=click.Path(), help="The folder; by default the next free runs/NAME-DATA-N, or runs/grid-N.")
@click.option("--save-every", type=float, help="Seconds between two checkpoints; 60 by default.")
@click.option("--track", metavar="[tensorboard|trackio|none]", help="Follow the epochs with an experiment tracker.")
@computing_options
@json_option
@_recipe_options
@click.pass_context
def command(ctx: click.Context, /, names: tuple[str, ...], resume: str | None, as_json: bool, **given: Any) -> int:
    """Train a model and evaluate it on held-out data.

    Without --data this is the built-in synthetic sample. The options from --split on change the recipe, which says how
    the model is trained; `zoo show NAME` prints it.

    Several names, --seeds N, or --folds K without --fold make a grid: every run of it, and one table at the end.

    Several processes, on several GPUs say: torchrun --nproc-per-node 4 -m zoo train NAME ...
    """
    if is_grid(names, resume, typed_options(ctx)):
        return run_grid(names, resume, typed_options(ctx), as_json=as_json)
    from zoo import training
    from zoo.cli.output.run_summary import print_summary
    from zoo.distributed.rank import is_chief

    said = typed_options(ctx)  # with what was said to be `none`, which is not the same as nothing said
    chosen = {key: value for key, value in given.items() if key not in GRID_ONLY and (value is not None or key in said)}
    keep_freed_memory()
    if resume is not None:
        again = {key: value for key, value in said.items() if key not in ANYTIME}
        again |= {"name": names[0]} if names else {}
        anytime = {key: chosen[key] for key in ("save_every", "track") if key in chosen}
        run = training.resume(resume, given=again, progress=make_reporter(), **anytime)
    elif not names:
        raise click.UsageError("which model? `zoo list` prints all; or give --resume RUN")
    else:
        run = training.train(names[0], progress=make_reporter(), **chosen)
    if not is_chief():
        return 0
    if as_json:
        print_json({"run": str(run), **run.record, "evaluation": run.metrics})
    else:
        print_summary(run)
    return 0


def typed_options(ctx: click.Context) -> dict[str, Any]:
    """What stood on the command line, the names aside."""
    said = ParameterSource.COMMANDLINE
    return {
        name: value for name, value in ctx.params.items() if name != "names" and ctx.get_parameter_source(name) is said
    }
