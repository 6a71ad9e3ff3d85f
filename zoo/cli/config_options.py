"""Options of commands, derived from the settings of a configuration, and listed in groups."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal, TypeVar, get_args, get_origin

import click
from click.core import ParameterSource
from click.shell_completion import CompletionItem

from zoo.cli.completion import complete_augmentation, complete_recipe, complete_source
from zoo.config.fields import Group, Setting, SettingError, settings_of
from zoo.config.plain import plain
from zoo.config.recipe import Recipe
from zoo.config.values import choices, describe

Command = TypeVar("Command", bound=Callable[..., Any])
GROUPS: tuple[str, ...] = get_args(Group)
OTHER = "other"
"""The heading for options that belong to no group."""
COMPLETIONS: dict[str, Callable[[click.Context, click.Parameter, str], list[CompletionItem]]] = {
    "augment": complete_augmentation,
    "data": complete_source,
    "recipe": complete_recipe,
}
"""Shell completion of values that are known by name, by keyword."""


class GroupedOption(click.Option):
    """An option that is listed under a heading."""

    def __init__(self, *args: Any, group: str = OTHER, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.group = group


class GroupedCommand(click.Command):
    """A command whose help lists its options under headings."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options group by group, the common ones first."""
        rows: dict[str, list[tuple[str, str]]] = {group: [] for group in (*GROUPS, OTHER)}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None and isinstance(parameter, click.Option):
                rows[getattr(parameter, "group", OTHER)].append(record)
        for group, found in rows.items():
            if found:
                with formatter.section(group.capitalize()):
                    formatter.write_dl(found)


class ValueType(click.ParamType[Any]):
    """A value of a declared type, within its range."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.name = describe(setting.hint)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the value that a text stands for, or fail with what is allowed."""
        try:
            return self.setting.read(value) if isinstance(value, str) else value
        except SettingError as error:
            self.fail("; ".join(filter(None, [error.problem, error.hint])), param, ctx)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Complete the choices of a setting, or what is known under its keyword."""
        if complete := COMPLETIONS.get(self.setting.keyword):
            return complete(ctx, param, incomplete)
        names = [str(choice) for choice in choices(self.setting.hint)]
        return [CompletionItem(name) for name in names if name.startswith(incomplete)]


def config_options(settings: Iterable[Setting]) -> Callable[[Command], Command]:
    """Return a decorator that adds an option for each setting. Options that are not given are None."""
    options = [_option(one) for one in settings]

    def decorate(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


def given_options(ctx: click.Context, known: Iterable[str]) -> dict[str, Any]:
    """Return the values that were typed, by keyword."""
    typed = ParameterSource.COMMANDLINE
    return {name: ctx.params[name] for name in known if ctx.get_parameter_source(name) is typed}


def _option(one: Setting) -> Callable[[Command], Command]:
    help_text = one.help + _default(one)
    common: dict[str, Any] = {"cls": GroupedOption, "group": one.group, "help": help_text, "default": None}
    if one.hint is bool:
        flag = one.flags[-1]
        flags = [f"{flag}/--no-{flag.removeprefix('--')}"] if one.default else [flag]
        return click.option(*flags, one.keyword, is_flag=True, **common)
    if get_origin(one.hint) not in (Literal, tuple) and "Mapping" in one.annotation:
        return click.option(
            *one.flags, one.keyword, multiple=True, metavar="KEY=VALUE", callback=_pairs, **{**common, "default": ()}
        )
    return click.option(*one.flags, one.keyword, type=ValueType(one), metavar=_metavar(one), **common)


def _default(one: Setting) -> str:
    """The default as the help shows it; a recipe's settings have those of the recipe."""
    value = plain(one.default)
    if one.keyword in settings_of(Recipe) or value in (None, {}, [], False, True):
        return ""
    return f"  [default: {f'{value:g}' if isinstance(value, float) else value}]"


def _metavar(one: Setting) -> str:
    """How a value looks, in a word."""
    if known := choices(one.hint):
        return "[" + "|".join(map(str, known)) + "]"
    words = {"a whole number": "N", "a number": "X", "a path": "PATH", "a list of texts": "NAMES"}
    described = describe(one.hint).removesuffix(" or none")
    return words.get(described, "X,X,X" if get_origin(one.hint) is tuple else "NAME")


def _pairs(ctx: click.Context, param: click.Parameter, values: Sequence[str]) -> dict[str, str]:
    """Return texts such as KEY=VALUE as a dictionary."""
    found = {}
    for value in values:
        name, equals, text = value.partition("=")
        if not equals or not name:
            raise click.BadParameter(f"{value!r} is not KEY=VALUE", ctx, param)
        found[name.replace("-", "_")] = text
    return found
