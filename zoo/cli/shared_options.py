"""Options and arguments that several commands share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import wraps
from typing import Any, TypeVar, cast

import click

from zoo.cli.completion import Complete, complete_model_or_file, complete_trained_model
from zoo.cli.output.reserved_output import reserve_standard_output

Command = TypeVar("Command", bound=Callable[..., Any])


def json_option(command: Command) -> Command:
    """Add `--json` to a command."""
    from zoo.cli.config_options import GroupedOption

    return click.option(
        "--json",
        "as_json",
        cls=GroupedOption,
        group="output",
        is_flag=True,
        callback=reserve_standard_output,
        help="Print one JSON document instead of text.",
    )(command)


def resume_option(*, help_text: str, complete: Complete) -> Callable[[Command], Command]:
    """Return a decorator that adds `--resume` to a command.

    Args:
        help_text: The help of `--resume`.
        complete: Completes the folder to resume.
    """
    from zoo.cli.config_options import GroupedOption

    return click.option(
        "--resume", cls=GroupedOption, group="output", type=click.Path(), shell_complete=complete, help=help_text
    )


def data_options(*keywords: str, without_data: str) -> Callable[[Command], Command]:
    """Return a decorator that adds the data options with these keywords; the value of an option not given is None.

    Args:
        keywords: The keywords.
        without_data: What is done without `--data`, for the help.
    """
    from zoo.cli.config_options import config_options
    from zoo.config.fields import settings_of
    from zoo.config.train_config import DataConfig

    known = dict(settings_of(DataConfig))
    known["data"] = replace(known["data"], default=None, help=f"{known['data'].help} Without it, {without_data}.")
    return config_options([known[keyword] for keyword in keywords])


def device_option(command: Command) -> Command:
    """Add `--device` to a command."""
    from zoo.cli.config_options import GroupedOption
    from zoo.config.fields import settings_of
    from zoo.config.train_config import ComputeConfig

    device = settings_of(ComputeConfig)["device"]
    return click.option(
        "--device",
        cls=GroupedOption,
        group=device.group,
        default=device.default,
        show_default=True,
        help=device.help,
    )(command)


def answer_options(command: Command) -> Command:
    """Add `--coverage` and `--threshold` to a command; the value of an option not given is None."""
    from zoo.cli.config_options import config_options
    from zoo.config.answer_config import AnswerConfig
    from zoo.config.fields import settings_of
    from zoo.config.recipe import Recipe

    answers = [settings_of(AnswerConfig)["coverage"], settings_of(Recipe)["threshold"]]
    return config_options(answers, group="output")(command)


def token_option(command: Command) -> Command:
    """Add `--token` to a command."""
    return click.option(
        "--token",
        metavar="TOKEN",
        help="An access token for the Hub (default: HF_TOKEN or `hf auth login`, which keep it out of process "
        "listings).",
    )(command)


def revision_option(command: Command) -> Command:
    """Add `--revision` to a command: its one model on the Hub is then named with that revision."""
    from zoo.cli.config_options import GroupedOption

    @click.option(
        "--revision",
        cls=GroupedOption,
        group="model",
        help="A branch, tag or commit of the model on the Hub, as in you/name@revision.",
    )
    @wraps(command)
    def named(*positional: Any, revision: str | None, **given: Any) -> Any:
        if revision is not None:
            given |= _at_revision(given, revision)
        return command(*positional, **given)

    return cast("Command", named)


def _at_revision(given: Mapping[str, Any], revision: str) -> dict[str, Any]:
    """Return the arguments that name models, with a revision."""
    from zoo.batch_prediction.model_arguments import split_models_and_paths
    from zoo.hub.hub_name import at_revision

    if "model" in given:
        return {"model": at_revision([given["model"]], revision)[0]}
    if "models" in given:
        return {"models": tuple(at_revision(given["models"], revision))}
    models, paths = split_models_and_paths(given["models_and_paths"])
    return {"models_and_paths": (*at_revision(models, revision), *paths)}


def models_and_paths_argument(command: Command) -> Command:
    """Add the argument MODEL... PATH...: one or several models, and after them the paths of images."""
    return click.argument(
        "models_and_paths",
        nargs=-1,
        required=True,
        metavar="MODEL... PATH...",
        type=click.Path(),
        shell_complete=complete_model_or_file,
    )(command)


def model_argument(command: Command) -> Command:
    """Add the argument MODEL to a command: a run folder, a bundle folder or a Hub id."""
    return click.argument("model", shell_complete=complete_trained_model)(command)
