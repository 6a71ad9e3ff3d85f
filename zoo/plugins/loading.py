"""Loading plugins one at a time, so that a broken one is reported and does not affect the others."""

from __future__ import annotations

import inspect
import sys
from collections import ChainMap
from collections.abc import Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from functools import cache, partial
from importlib.metadata import Distribution, EntryPoint
from pathlib import Path, PurePath
from types import ModuleType
from typing import Any

from zoo.errors import PluginError
from zoo.plugin_code import describe_error, notice_if_slow
from zoo.plugins.discovery import (
    HISTOZOO,
    NONE,
    UNKNOWN,
    VARIABLE,
    check_metadata,
    check_requirement,
    discover,
    name_of,
    select,
    version_of,
)
from zoo.plugins.hook_checks import checked_hooks, described, line_of_function
from zoo.plugins.kinds import KINDS, Kind
from zoo.plugins.trace import traced
from zoo.plugins.validate import check_name
from zoo.signals import StopRequested, watch_for_ctrl_c
from zoo.spec import Architecture, Augmentation, Command, ExplanationMethod, Exporter, Measure, Source
from zoo.version import __version__


@dataclass(kw_only=True)
class Plugin:
    """What one entry point registers, or why it could not be loaded."""

    name: str
    module: str
    distribution: str
    version: str
    models: dict[str, Architecture] = field(default_factory=dict)
    sources: dict[str, Source] = field(default_factory=dict)
    augmentations: dict[str, Augmentation] = field(default_factory=dict)
    explanation_methods: dict[str, ExplanationMethod] = field(default_factory=dict)
    measures: dict[str, Measure] = field(default_factory=dict)
    exporters: dict[str, Exporter] = field(default_factory=dict)
    commands: dict[str, Command] = field(default_factory=dict)
    files: tuple[Path, ...] = ()
    error: str | None = None

    def fail(self, reason: str) -> None:
        """Mark this plugin as broken and remove all that it registered: a plugin works as a whole or not at all."""
        self.error = reason
        self.files = ()
        for kind in KINDS:
            self.registered(kind.name).clear()

    def registered(self, kind: str) -> dict[str, Any]:
        """Return what this plugin registers of one kind, by name."""
        found: dict[str, Any] = getattr(self, kind)
        return found

    @property
    def origin(self) -> str:
        """The plugin's name with its package and version."""
        return f"{self.name} ({self.distribution} {self.version})"


class Plugins:
    """All plugins of this installation, including broken plugins with their errors."""

    def __init__(self) -> None:
        self._modules: list[tuple[object, str]] = []
        self.loaded: list[Plugin] = []
        self.left_out: list[str] = []
        """Names of the plugins that ZOO_PLUGINS leaves out."""

    @property
    def models(self) -> Mapping[str, Architecture]:
        """All registered architectures by name."""
        return self._all("models")

    @property
    def sources(self) -> Mapping[str, Source]:
        """All registered data sources by name."""
        return self._all("sources")

    @property
    def augmentations(self) -> Mapping[str, Augmentation]:
        """All registered augmentations by name."""
        return self._all("augmentations")

    @property
    def explanation_methods(self) -> Mapping[str, ExplanationMethod]:
        """All registered explanation methods by name."""
        return self._all("explanation_methods")

    @property
    def measures(self) -> Mapping[str, Measure]:
        """All registered measures by name."""
        return self._all("measures")

    @property
    def exporters(self) -> Mapping[str, Exporter]:
        """All registered export formats by name."""
        return self._all("exporters")

    @property
    def commands(self) -> Mapping[str, Command]:
        """All registered commands by name."""
        return self._all("commands")

    def _all(self, kind: str) -> Mapping[str, Any]:
        """Return all that is registered of one kind, by name, in the order of loading: ours comes first in a list."""
        maps = [plugin.registered(kind) for plugin in self.loaded]
        return ChainMap(*reversed(maps))  # a ChainMap lists its last map first

    @property
    def broken(self) -> list[Plugin]:
        """The plugins that could not be loaded."""
        return [plugin for plugin in self.loaded if plugin.error is not None]

    @property
    def missing(self) -> list[str]:
        """The names of installed plugins that are not loaded: broken or left out."""
        return [plugin.name for plugin in self.broken] + self.left_out

    def owner(self, name: str, kind: str = "models") -> Plugin:
        """Return the plugin that registers an architecture, or something of another kind."""
        return next(plugin for plugin in self.loaded if name in plugin.registered(kind))

    def load(self, entry_point: EntryPoint, distribution: Distribution) -> Plugin:
        """Load one entry point and return its plugin: with everything it registers, or with nothing and an error."""
        plugin = Plugin(
            name=entry_point.name,
            module=entry_point.value,
            distribution=name_of(distribution),
            version=version_of(distribution),
        )
        with watch_for_ctrl_c() as is_pressed:
            try:
                self._load(plugin, entry_point, distribution)
            except StopRequested:
                raise
            except BaseException as error:
                if is_pressed() and isinstance(error, KeyboardInterrupt):
                    raise
                plugin.fail(describe_error(error, package=entry_point.value))
            if is_pressed():
                raise KeyboardInterrupt
        self.loaded.append(plugin)
        return plugin

    def _load(self, plugin: Plugin, entry_point: EntryPoint, distribution: Distribution) -> None:
        """Import a plugin's module and keep what its hooks register."""
        check_metadata(distribution)
        if plugin.distribution != HISTOZOO:
            check_requirement(distribution, __version__)
        if plugin.name == NONE:
            raise PluginError(
                f"{NONE!r} cannot be the name of a plugin, since {VARIABLE}={NONE} means that none is loaded"
            )
        check_name("plugin", plugin.name)
        self._check_name_is_free(plugin)
        if not EntryPoint.pattern.match(entry_point.value):
            raise PluginError(f"the entry point names {entry_point.value!r}; it must name a module")
        leave_out = f"press Ctrl-C and set {VARIABLE}=-{plugin.name} to leave it out"
        with notice_if_slow(f"loading the plugin {plugin.origin}", hint=leave_out):
            module = traced(plugin.name, f"import {entry_point.value}", entry_point.load)
            self._check_module_is_new(module)
            self._collect(plugin, module)
        self._modules.append((module, plugin.name))

    def _check_name_is_free(self, plugin: Plugin) -> None:
        """Raise a PluginError if another plugin has the same name."""
        for other in self.loaded:
            if other.name == plugin.name:
                raise PluginError(f"the plugin name {plugin.name!r} is taken by {other.origin}")

    def _check_module_is_new(self, module: object) -> None:
        """Raise a PluginError if another entry point names the same module."""
        for other, name in self._modules:
            if other is module:
                raise PluginError(f"its module is already loaded, as the plugin {name!r}")

    def _collect(self, plugin: Plugin, module: ModuleType) -> None:
        """Call the plugin's hooks and keep what they register."""
        hooks = checked_hooks(module)

        def call(name: str, **arguments: Any) -> list[Any]:
            hook = getattr(hooks, name)
            results: list[Any] = traced(plugin.name, name, lambda: hook(**arguments)) if hook.get_hookimpls() else []
            return results

        for kind in KINDS:
            if results := call(kind.hook, register=partial(self._add, plugin, kind)):
                raise PluginError(
                    f"{kind.hook} returns {described(results[0])}; it must only call register with each object",
                    where=line_of_function(getattr(module, kind.hook)),
                )
        files = call("zoo_registry_files")
        if any(isinstance(paths, str | PurePath) or inspect.isawaitable(paths) for paths in files):
            raise PluginError(
                f"zoo_registry_files returns {described(files[0])}; it must return a list of paths",
                where=line_of_function(module.zoo_registry_files),
            )
        plugin.files = tuple(Path(path) for paths in files for path in paths)

    def _add(self, plugin: Plugin, kind: Kind, spec: Any) -> None:
        """Add what a plugin registers; a PluginError names the plugin that already registers the name."""
        kind.check(spec)
        for other in [*self.loaded, plugin]:
            if spec.name in other.registered(kind.name):
                owner = "it" if other is plugin else other.origin
                raise PluginError(f"registers the {kind.noun} {spec.name!r}, which {owner} already registers")
        plugin.registered(kind.name)[spec.name] = spec


@cache
def plugins() -> Plugins:
    """Return the plugins of this installation. They are loaded at the first call."""
    manager = Plugins()
    found, damaged = discover()
    selected = select(found)
    manager.left_out = [item.point.name for item in found if item not in selected]
    with redirect_stdout(sys.stderr):  # what a plugin prints must not be between the lines of a table
        for item in selected:
            manager.load(item.point, item.distribution)
    for package in damaged:
        name = package.distribution
        manager.loaded.append(Plugin(name=name, module="", distribution=name, version=UNKNOWN, error=package.reason))
    return manager
