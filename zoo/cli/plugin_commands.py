"""The commands of plugins: listed without importing them, imported when they run, and reported when they fail."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout, suppress
from typing import TYPE_CHECKING, Any

import click

from zoo.cli.lazy_group import LazyGroup
from zoo.errors import PluginError, ZooError
from zoo.imports import import_object
from zoo.plugin_code import error_text, line_of

if TYPE_CHECKING:
    from zoo.plugins import Plugin, Plugins


class ExtensibleGroup(LazyGroup):
    """A group of built-in commands to which plugins add others, which never take the place of one that is built in."""

    def sections(self) -> dict[str, dict[str, str]]:
        """Return the line of help of each command, by section: each plugin has one of its own."""
        found = super().sections()
        for plugin in self._plugins():
            lines = {name: command.summary for name, command in plugin.commands.items()}
            found[f"Commands of the plugin {plugin.origin}"] = lines
        return found

    def has_command(self, name: str) -> bool:
        """Return whether there is a command of this name; plugins are loaded only if it is not built in."""
        return super().has_command(name) or self._owner(name) is not None

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return one command, or None if there is no command of this name."""
        plugin = None if super().has_command(cmd_name) else self._owner(cmd_name)
        return super().get_command(ctx, cmd_name) if plugin is None else _load(plugin, cmd_name)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that is called. What the command of a plugin returns is not an exit status."""
        try:
            result = super().invoke(ctx)
        except (ZooError, OSError, click.ClickException, click.Abort, click.exceptions.Exit):
            raise
        except Exception as error:
            name = ctx.invoked_subcommand or ""
            plugin = None if super().has_command(name) else self._owner(name)
            if plugin is None:
                raise
            raise _described(error, plugin, name) from error
        return result if super().has_command(ctx.invoked_subcommand or "") else None

    def describe_unknown(self, name: str) -> str:
        """Return the error message for a name that is not a command; it may be that of a broken plugin."""
        found = _installed()
        message = super().describe_unknown(name)
        if found is not None and found.broken:
            broken = ", ".join(plugin.name for plugin in found.broken)
            return f"{message} (broken plugins, of which `zoo plugins` shows the errors: {broken})"
        return message

    def _plugins(self) -> list[Plugin]:
        """Return the plugins that add commands."""
        found = _installed()
        return [plugin for plugin in found.loaded if set(plugin.commands) - set(self.lines)] if found else []

    def _owner(self, name: str) -> Plugin | None:
        """Return the plugin that adds a command; None if none does."""
        return next((plugin for plugin in self._plugins() if name in plugin.commands), None)


def _installed() -> Plugins | None:
    """Return the plugins of this installation; None if ZOO_PLUGINS names one that does not exist.

    An invalid registry file of the user is not the reason why a command of a plugin does not run.
    """
    from zoo.plugins import plugins
    from zoo.registry import registry

    with suppress(ZooError):
        return registry().plugins
    with suppress(ZooError):
        return plugins()
    return None


def _load(plugin: Plugin, name: str) -> click.Command:
    """Import and return the command of a plugin. What it prints while it is imported goes to standard error."""
    text, what = plugin.commands[name].command, f"command {name} of the plugin {plugin.origin}"
    with redirect_stdout(sys.stderr):
        command: Any = import_object(text, plugin=what)
    if not isinstance(command, click.Command):
        raise PluginError(f"{text} is not a command", where=what, hint="decorate the function with @click.command()")
    return command


def _described(error: Exception, plugin: Plugin, name: str) -> PluginError:
    """Return the error of a command with its plugin, file and line."""
    text = plugin.commands[name].command
    line = line_of(error, package=text)
    return PluginError(
        f"{text} failed: {error_text(error)}",
        where=f"command {name} of the plugin {plugin.origin}{f' ({line})' if line else ''}",
        hint="--debug shows the traceback",
    )
