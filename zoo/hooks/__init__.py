"""How plugins reach the zoo."""

from zoo.hooks.manager import Plugin, Plugins, plugins
from zoo.hooks.spec import hookimpl

__all__ = ["Plugin", "Plugins", "hookimpl", "plugins"]
