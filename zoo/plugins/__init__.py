"""Plugins: discovered through entry points, loaded with pluggy, checked."""

from zoo.plugins.hookspecs import hookimpl
from zoo.plugins.loading import Plugin, Plugins, plugins

__all__ = ["Plugin", "Plugins", "hookimpl", "plugins"]
