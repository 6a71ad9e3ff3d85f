"""Loading plugins one at a time, so that a broken one is reported and does not affect the others."""

from __future__ import annotations

import inspect
import sys
from collections import ChainMap
from collections.abc import Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import Distribution, EntryPoint
from pathlib import Path, PurePath
from types import ModuleType
from typing import Any

import pluggy

from zoo.errors import PluginError
from zoo.plugins import hookspecs
from zoo.plugins.discovery import HISTOZOO, check_requirement, discover, name_of, select, version_of
from zoo.plugins.trace import traced
from zoo.plugins.validate import check_architecture, check_source
from zoo.spec import Architecture, Source
from zoo.version import __version__

HOOKS = tuple(name for name in vars(hookspecs) if name.startswith("zoo_"))


@dataclass(kw_only=True)
class Plugin:
    """What one entry point registers, or why it could not be loaded."""

    name: str
    module: str
    distribution: str
    version: str
    models: dict[str, Architecture] = field(default_factory=dict)
    sources: dict[str, Source] = field(default_factory=dict)
    files: tuple[Path, ...] = ()
    error: str | None = None

    def fail(self, reason: str) -> None:
        """Mark this plugin as broken and remove all that it registered: a plugin works as a whole or not at all."""
        self.error = reason
        self.models, self.sources, self.files = {}, {}, ()

    @property
    def origin(self) -> str:
        """The plugin's name with its package and version."""
        return f"{self.name} ({self.distribution} {self.version})"


class Plugins:
    """All plugins of this installation, including broken plugins with their errors."""

    def __init__(self) -> None:
        self._manager = pluggy.PluginManager("zoo")
        self._manager.add_hookspecs(hookspecs)
        self.loaded: list[Plugin] = []
        self.left_out: list[str] = []
        """Names of the plugins that ZOO_PLUGINS leaves out."""

    @property
    def models(self) -> Mapping[str, Architecture]:
        """All registered architectures by name."""
        return ChainMap(*(plugin.models for plugin in self.loaded))

    @property
    def sources(self) -> Mapping[str, Source]:
        """All registered data sources by name."""
        return ChainMap(*(plugin.sources for plugin in self.loaded))

    @property
    def broken(self) -> list[Plugin]:
        """The plugins that could not be loaded."""
        return [plugin for plugin in self.loaded if plugin.error is not None]

    @property
    def missing(self) -> list[str]:
        """The names of installed plugins that are not loaded: broken or left out."""
        return [plugin.name for plugin in self.broken] + self.left_out

    def owner(self, architecture: str) -> Plugin:
        """Return the plugin that registers an architecture."""
        return next(plugin for plugin in self.loaded if architecture in plugin.models)

    def load(self, entry_point: EntryPoint, distribution: Distribution) -> Plugin:
        """Load one entry point and return its plugin: with everything it registers, or with nothing and an error."""
        plugin = Plugin(
            name=entry_point.name,
            module=entry_point.value,
            distribution=name_of(distribution),
            version=version_of(distribution),
        )
        try:
            if plugin.distribution != HISTOZOO:
                check_requirement(distribution, __version__)
            self._check_name_is_free(plugin)
            module = traced(plugin.name, f"import {entry_point.value}", entry_point.load)
            self._check_module_is_new(module)
            self._manager.register(module, name=plugin.name)
            try:
                self._collect(plugin, module)
            except BaseException:
                self._manager.unregister(module)
                raise
        except (Exception, SystemExit) as error:  # noqa: BLE001 - a plugin may raise anything
            plugin.fail(str(error) if isinstance(error, PluginError) else f"{type(error).__name__}: {error}")
        self.loaded.append(plugin)
        return plugin

    def _check_name_is_free(self, plugin: Plugin) -> None:
        """Raise a PluginError if another plugin has the same name."""
        for other in self.loaded:
            if other.name == plugin.name:
                raise PluginError(f"the plugin name {plugin.name!r} is taken by {other.origin}")

    def _check_module_is_new(self, module: object) -> None:
        """Raise a PluginError if another entry point names the same module."""
        if self._manager.is_registered(module):
            raise PluginError(f"its module is already loaded, as the plugin {self._manager.get_name(module)!r}")

    def _collect(self, plugin: Plugin, module: object) -> None:
        """Call the plugin's hooks and keep what they register."""
        _check_hooks(self._manager, module)

        def add_model(model: Architecture) -> None:
            self._add("model", check_architecture(model), plugin)

        def add_source(source: Source) -> None:
            self._add("source", check_source(source), plugin)

        self._call("zoo_register_models", plugin, module, register=add_model)
        self._call("zoo_register_sources", plugin, module, register=add_source)
        files = self._call("zoo_registry_files", plugin, module)
        if any(isinstance(paths, str | PurePath) for paths in files):
            raise PluginError(f"zoo_registry_files returns {files[0]!r}; it must return a list of paths")
        plugin.files = tuple(Path(path) for paths in files for path in paths)

    def _call(self, name: str, plugin: Plugin, module: object, **arguments: Any) -> list[Any]:
        """Call a hook of this plugin only."""
        others = [other for other in self._manager.get_plugins() if other is not module]
        hook = self._manager.subset_hook_caller(name, others)
        results: list[Any] = traced(plugin.name, name, lambda: hook(**arguments)) if hook.get_hookimpls() else []
        return results

    def _add(self, kind: str, spec: Any, plugin: Plugin) -> None:
        """Add a model or a source to a plugin; a PluginError names the plugin that already registers the name."""
        for other in [*self.loaded, plugin]:
            names: dict[str, Any] = other.models if kind == "model" else other.sources
            if spec.name in names:
                owner = "it" if other is plugin else other.origin
                raise PluginError(f"registers the {kind} {spec.name!r}, which {owner} already registers")
        registered: dict[str, Any] = plugin.models if kind == "model" else plugin.sources
        registered[spec.name] = spec


def _check_hooks(manager: pluggy.PluginManager, module: object) -> None:
    """Raise a PluginError for a hook with an unknown name or argument, or without its mark, or for no hook at all."""
    try:
        manager.check_pending()
    except pluggy.PluginValidationError as error:
        raise PluginError(str(error).splitlines()[0], hint=f"hooks are: {', '.join(HOOKS)}") from error
    if not isinstance(module, ModuleType):
        raise PluginError(f"the entry point names {module!r}; it must name a module")
    for name in HOOKS:
        if inspect.isfunction(getattr(module, name, None)) and manager.parse_hookimpl_opts(module, name) is None:
            raise PluginError(f"{name} is not marked as a hook", hint=f"mark {name} with @zoo.hookimpl")
    if not manager.get_hookcallers(module):
        raise PluginError("the module has no hook", hint=f"hooks are: {', '.join(HOOKS)}")


@cache
def plugins() -> Plugins:
    """Return the plugins of this installation. They are loaded at the first call."""
    manager = Plugins()
    found = discover()
    selected = select(found)
    names = {point.name for point, _ in selected}
    manager.left_out = [point.name for point, _ in found if point.name not in names]
    with redirect_stdout(sys.stderr):  # a plugin that prints must not spoil a JSON document
        for point, distribution in selected:
            manager.load(point, distribution)
    return manager
