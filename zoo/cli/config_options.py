"""Options of commands, derived from the settings of a configuration, and listed in groups."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal, TypeVar, get_args, get_origin

import click
from click.core import ParameterSource
from click.shell_completion import CompletionItem

from zoo.cli.completion import (
    Complete,
    complete_augmentation,
    complete_initial_weights,
    complete_recipe,
    complete_source,
)
from zoo.config.fields import Group, Setting, SettingError, settings_of
from zoo.config.plain import plain
from zoo.config.recipe import Recipe
from zoo.config.values import choices, describe

Command = TypeVar("Command", bound=Callable[..., Any])
GROUPS: tuple[str, ...] = get_args(Group)
OTHER = "other"
"""The heading for options that belong to no group."""
COMPLETIONS: dict[str, Complete] = {
    "augment": complete_augmentation,
    "data": complete_source,
    "init": complete_initial_weights,
    "recipe": complete_recipe,
}
"""The shell completion of values that are names, by keyword."""


class GroupedOption(click.Option):
    """An option that is listed under a heading."""

    def __init__(self, *args: Any, group: str = OTHER, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.group = group


class GroupedCommand(click.Command):
    """A command with options that are listed under headings in its help."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options group by group, in the order of GROUPS; groups of the command's own come after these."""
        rows: dict[str, list[tuple[str, str]]] = {group: [] for group in GROUPS}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None and isinstance(parameter, click.Option):
                rows.setdefault(getattr(parameter, "group", OTHER), []).append(record)
        for group, records in sorted(rows.items(), key=lambda item: item[0] == OTHER):
            if records:
                with formatter.section(group.capitalize()):
                    formatter.write_dl(records)


class ValueType(click.ParamType[Any]):
    """The click type of a setting: a value of its declared type, within its range."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.name = describe(setting.hint)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the value of a text, or fail with a message that says what is allowed."""
        try:
            return self.setting.read(value) if isinstance(value, str) else value
        except SettingError as error:
            self.fail("; ".join(filter(None, [error.problem, error.hint])), param, ctx)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Complete the choices of a setting, or the names that its keyword accepts."""
        if complete := COMPLETIONS.get(self.setting.keyword):
            return complete(ctx, param, incomplete)
        names = [str(choice) for choice in choices(self.setting.hint)]
        return [CompletionItem(name) for name in names if name.startswith(incomplete)]


def config_options(settings: Iterable[Setting], *, group: str | None = None) -> Callable[[Command], Command]:
    """Return a decorator that adds an option for each setting; the value of an option that is not given is None.

    Args:
        settings: The settings.
        group: The heading under which all of them are listed; by default that of each setting.
    """
    options = [_option(setting, group or setting.group) for setting in settings]

    def decorate(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


def given_options(ctx: click.Context, known: Iterable[str]) -> dict[str, Any]:
    """Return the values that were typed, by keyword."""
    typed = ParameterSource.COMMANDLINE
    return {name: ctx.params[name] for name in known if ctx.get_parameter_source(name) is typed}


def _option(setting: Setting, group: str) -> Callable[[Command], Command]:
    """Return the click option of a setting, listed in a group."""
    help_text = setting.help + _default(setting)
    common: dict[str, Any] = {"cls": GroupedOption, "group": group, "help": help_text, "default": None}
    if setting.hint is bool:
        flag = setting.flags[-1]
        flags = [f"{flag}/--no-{flag.removeprefix('--')}"] if setting.default else [flag]
        return click.option(*flags, setting.keyword, is_flag=True, **common)
    if get_origin(setting.hint) not in (Literal, tuple) and "Mapping" in setting.annotation:
        return click.option(
            *setting.flags,
            setting.keyword,
            multiple=True,
            metavar="KEY=VALUE",
            callback=_pairs,
            **{**common, "default": ()},
        )
    return click.option(*setting.flags, setting.keyword, type=ValueType(setting), metavar=_metavar(setting), **common)


def _default(setting: Setting) -> str:
    """Return the default for the help; empty for a setting of a recipe, which has the value in the recipe."""
    value = plain(setting.default)
    if settings_of(Recipe).get(setting.keyword) == setting or value in (None, {}, []) or isinstance(value, bool):
        return ""
    return f"  [default: {f'{value:g}' if isinstance(value, float) else value}]"


def _metavar(setting: Setting) -> str:
    """Return the placeholder for the value in the help, such as N or PATH."""
    if known := choices(setting.hint):
        if float in get_args(setting.hint):
            return "|".join(["X", *map(str, known)])
        return "[" + "|".join(map(str, known)) + "]"
    placeholders = {
        "a whole number": "N",
        "a number": "X",
        "a path": "PATH",
        "a string or a path": "NAME|MODEL",
        "a list of strings": "NAMES",
    }
    described = describe(setting.hint).removesuffix(" or none")
    return placeholders.get(described, "X,X,X" if get_origin(setting.hint) is tuple else "NAME")


def _pairs(ctx: click.Context, param: click.Parameter, values: Sequence[str]) -> dict[str, str]:
    """Return texts such as KEY=VALUE as a dictionary."""
    pairs: dict[str, str] = {}
    for value in values:
        name, equals, text = value.partition("=")
        if not equals or not name:
            raise click.BadParameter(f"{value!r} is not KEY=VALUE", ctx, param)
        key = name.replace("-", "_")
        if pairs.setdefault(key, text) != text:
            raise click.BadParameter(f"two values of {key!r} are given: {pairs[key]!r} and {text!r}", ctx, param)
    return pairs
