"""Loading plugins one at a time, so that a broken one is shown and hurts nothing else."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import Distribution, EntryPoint, distributions
from pathlib import Path
from types import ModuleType

import pluggy

from zoo.errors import PluginError
from zoo.hooks import spec
from zoo.spec import Architecture, Source

GROUP = "zoo"
HOME = "histozoo"
"""Our own distribution: its plugins load first, so that a stranger cannot take one of their names."""


@dataclass(kw_only=True)
class Plugin:
    """What one entry point brought, or why it could not be loaded."""

    name: str
    module: str
    distribution: str
    version: str
    models: dict[str, Architecture] = field(default_factory=dict)
    sources: dict[str, Source] = field(default_factory=dict)
    files: tuple[Path, ...] = ()
    error: str | None = None

    def fail(self, reason: str) -> None:
        """Withdraw all that this plugin brought: a plugin works as a whole or not at all."""
        self.error = reason
        self.models, self.sources, self.files = {}, {}, ()

    @property
    def origin(self) -> str:
        """The package as a person knows it."""
        return f"{self.name} ({self.distribution} {self.version})"


class Plugins:
    """All plugins of this installation, the broken ones with their error."""

    def __init__(self) -> None:
        self._manager = pluggy.PluginManager("zoo")
        self._manager.add_hookspecs(spec)
        self.loaded: list[Plugin] = []

    @property
    def models(self) -> dict[str, Architecture]:
        """Every registered architecture by name."""
        return {name: model for plugin in self.loaded for name, model in plugin.models.items()}

    @property
    def sources(self) -> dict[str, Source]:
        """Every registered source by name."""
        return {name: source for plugin in self.loaded for name, source in plugin.sources.items()}

    @property
    def broken(self) -> list[Plugin]:
        """The plugins that could not be loaded."""
        return [plugin for plugin in self.loaded if plugin.error is not None]

    def owner(self, architecture: str) -> Plugin:
        """The plugin that registered an architecture."""
        return next(plugin for plugin in self.loaded if architecture in plugin.models)

    def load(self, entry_point: EntryPoint, distribution: Distribution) -> Plugin:
        """Load one entry point: everything it registers, or nothing and the reason."""
        plugin = Plugin(
            name=entry_point.name,
            module=entry_point.value,
            distribution=distribution.name,
            version=distribution.version,
        )
        try:
            module = entry_point.load()
            self._check_free(plugin)
            self._manager.register(module, name=plugin.name)
            try:
                self._collect(plugin, module)
            except BaseException:
                self._manager.unregister(module)
                raise
        except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever a stranger's module raises is its fault
            plugin.fail(str(error) if isinstance(error, PluginError) else f"{type(error).__name__}: {error}")
        self.loaded.append(plugin)
        return plugin

    def _check_free(self, plugin: Plugin) -> None:
        for other in self.loaded:
            if other.name == plugin.name:
                raise PluginError(f"the plugin name {plugin.name!r} is taken by {other.origin}")

    def _collect(self, plugin: Plugin, module: object) -> None:
        self._check_hooks(module)
        others = [other for other in self._manager.get_plugins() if other is not module]

        def add_model(model: Architecture) -> None:
            _check_kind(model, Architecture, "zoo_register_models")
            _check_new(model.name, "model", plugin.models, self.models, self.loaded)
            plugin.models[model.name] = model

        def add_source(source: Source) -> None:
            _check_kind(source, Source, "zoo_register_sources")
            _check_new(source.name, "source", plugin.sources, self.sources, self.loaded)
            plugin.sources[source.name] = source

        hook = self._manager.subset_hook_caller
        hook("zoo_register_models", others)(register=add_model)
        hook("zoo_register_sources", others)(register=add_source)
        plugin.files = tuple(Path(file) for files in hook("zoo_registry_files", others)() for file in files)

    def _check_hooks(self, module: object) -> None:
        """A hook that nobody would ever call is a mistake, not a private matter."""
        known = sorted(name for name in vars(spec) if name.startswith("zoo_"))
        try:
            self._manager.check_pending()
        except pluggy.PluginValidationError as error:
            raise PluginError(str(error).splitlines()[0], hint=f"hooks are: {', '.join(known)}") from error
        if not isinstance(module, ModuleType):
            raise PluginError(f"the entry point names {module!r}; it must name a module")
        if not self._manager.get_hookcallers(module):
            unmarked = [name for name, value in vars(module).items() if name in known and inspect.isfunction(value)]
            hint = f"mark {unmarked[0]} with @zoo.hookimpl" if unmarked else f"hooks are: {', '.join(known)}"
            raise PluginError("the module has no hook", hint=hint)


def _check_kind(thing: object, kind: type, hook: str) -> None:
    if not isinstance(thing, kind):
        raise PluginError(f"{hook} registers {thing!r}; it must be a zoo.spec.{kind.__name__}")


def _check_new(name: str, kind: str, own: Iterable[str], taken: Iterable[str], loaded: Iterable[Plugin]) -> None:
    if name in own:
        raise PluginError(f"registers the {kind} {name!r} twice")
    if name in taken:
        first = next(plugin for plugin in loaded if name in plugin.models or name in plugin.sources)
        raise PluginError(f"registers the {kind} {name!r}, which {first.origin} registers already")


def _entry_points() -> list[tuple[EntryPoint, Distribution]]:
    """Every entry point of our group once, ours first and the others by name."""
    found: dict[tuple[str, str], tuple[EntryPoint, Distribution]] = {}
    for distribution in distributions():
        for point in distribution.entry_points:
            if point.group == GROUP:
                found.setdefault((distribution.name, point.name), (point, distribution))
    return sorted(found.values(), key=lambda pair: (pair[1].name != HOME, pair[1].name, pair[0].name))


@cache
def plugins() -> Plugins:
    """The plugins of this installation, loaded at the first call."""
    manager = Plugins()
    for point, distribution in _entry_points():
        manager.load(point, distribution)
    return manager
