"""How plugins reach the zoo."""

from zoo.plugins.hookspecs import hookimpl
from zoo.plugins.manager import Plugin, Plugins, plugins

__all__ = ["Plugin", "Plugins", "hookimpl", "plugins"]
