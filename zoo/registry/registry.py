"""The registry: what plugins register, joined with the rows of registry files."""

from __future__ import annotations

from fnmatch import fnmatch
from functools import cache
from pathlib import Path

from zoo.config.plugin_options import checked_options
from zoo.config.recipe import Recipe
from zoo.errors import CatalogError, PluginError, UnknownNameError, ZooError, look_up
from zoo.plugins import Plugins, plugins
from zoo.registry.blueprint import Blueprint, HeatMapLayer, changed_preprocessing
from zoo.registry.catalog import Catalog, read_catalog
from zoo.registry.registry_files import builtin_file, user_files
from zoo.spec import Architecture, Augmentation, Entry, ExplanationMethod, Paper, Source
from zoo.text import natural_order


class Registry:
    """Models, recipes, papers, and all that plugins register, by name.

    Args:
        loaded: The plugins.
        builtin: The built-in registry file.
        own: Registry files of the user; their rows may replace others.
    """

    def __init__(self, loaded: Plugins, builtin: Path, own: tuple[Path, ...] = ()) -> None:
        self.plugins = loaded
        self.catalog = read_catalog(builtin)
        self.catalog.check()
        self._add_packages()
        users = Catalog()
        for file in own:
            users.add(read_catalog(file))
        self.catalog.add(users, replace=True)
        self.catalog.check()
        self._check_architectures()
        self._add_bare_architectures()

    def _add_packages(self) -> None:
        """Add the registry files of plugins. A plugin with an invalid file is marked as broken; the others are kept."""
        for plugin in self.plugins.loaded:
            try:
                catalog = self.catalog
                for file in plugin.files:
                    shipped = read_catalog(file)
                    catalog = catalog.joined(shipped)
                    for name, entry in shipped.models.items():
                        catalog.check_known("models", name, "architecture", entry.architecture, self.plugins.models)
                        self._join(entry)
                self.catalog = catalog
            except CatalogError as error:
                plugin.fail(str(error))

    def _check_architectures(self) -> None:
        """Raise a CatalogError for a row with an unknown architecture, unless a missing plugin may register it."""
        known = self.plugins.models
        for name, entry in self.catalog.models.items():
            if not self.plugins.missing:
                self.catalog.check_known("models", name, "architecture", entry.architecture, known)
            if entry.architecture in known:
                self._join(entry)

    def _add_bare_architectures(self) -> None:
        """Add a row for each architecture that has none."""
        named = {entry.architecture for entry in self.catalog.models.values()}
        for name, architecture in self.plugins.models.items():
            if architecture.standalone and name not in named and name not in self.catalog.models:
                self.catalog.models[name] = Entry(name=name, architecture=architecture.name)

    def names(self, pattern: str = "*") -> list[str]:
        """Return the names of all models that can be built, in natural order: cbam20 before cbam110."""
        architectures = self.plugins.models
        rows = self.catalog.models.items()
        names = [name for name, entry in rows if entry.architecture in architectures and fnmatch(name, pattern)]
        return sorted(names, key=natural_order)

    def model(self, name: str) -> Blueprint:
        """Return a model by name; an UnknownNameError suggests similar names."""
        entry = self.catalog.models.get(name) if isinstance(name, str) else None
        if entry is None:
            self._check_not_broken(name)
            raise UnknownNameError("model", name, self.names())
        if entry.architecture not in self.plugins.models:
            raise PluginError(
                f"model {name!r} needs the architecture {entry.architecture!r}, which no loaded plugin registers",
                hint=f"plugins that are not loaded: {', '.join(self.plugins.missing)}; `zoo plugins` shows why",
            )
        return self._join(entry)

    def _check_not_broken(self, name: str) -> None:
        """Raise a broken plugin's error if the plugin has this name: a plugin and its model often share one."""
        for plugin in self.plugins.broken:
            if plugin.name == name:
                raise PluginError(f"this plugin is broken: {plugin.error}", where=plugin.origin)

    def _join(self, entry: Entry) -> Blueprint:
        """Return a row joined with its architecture; a CatalogError says which option or value is invalid."""
        owner = self.plugins.owner(entry.architecture)
        architecture = owner.models[entry.architecture]
        options = {name: option.default for name, option in architecture.options.items()}
        try:
            chosen = checked_options(architecture.options, entry.options, of=entry.name)
            preprocessing = changed_preprocessing(architecture.preprocessing, entry.preprocessing, of=entry.name)
        except ZooError as error:
            raise CatalogError(error.message, where=entry.where or owner.origin, hint=error.hint) from error
        return Blueprint(
            entry=entry,
            architecture=architecture,
            plugin=owner.origin,
            options={**options, **chosen},
            preprocessing=preprocessing,
        )

    def row_or_architecture(self, name: str, architecture: str) -> Blueprint:
        """Return the model that a trained one was made from: its row, or its architecture if there is no such row."""
        self.architecture(architecture)
        entry = self.catalog.models.get(name)
        if entry is None or entry.architecture != architecture:
            entry = Entry(name=architecture, architecture=architecture)
        return self._join(entry)

    def heat_map(self, name: str, architecture: str) -> HeatMapLayer:
        """Return the layer for the heat map of a model: that of its row, or of its architecture if there is no row."""
        return self.row_or_architecture(name, architecture).heat_map

    def architecture(self, name: str) -> tuple[Architecture, str]:
        """Return an architecture by name, and the plugin that registers it."""
        return look_up("architecture", name, self.plugins.models), self.plugins.owner(name).origin

    def architectures(self) -> list[tuple[Architecture, str]]:
        """Return all architectures, each with the plugin that registers it."""
        return [self.architecture(name) for name in self.plugins.models]

    def recipe(self, name: str) -> Recipe:
        """Return a recipe by name."""
        return look_up("recipe", name, self.catalog.recipes)

    def source(self, name: str) -> Source:
        """Return a data source by name."""
        return look_up("data source", name, self.plugins.sources)

    def augmentation(self, name: str) -> Augmentation:
        """Return an augmentation by name."""
        return look_up("augmentation", name, self.plugins.augmentations)

    def explanation_method(self, name: str) -> ExplanationMethod:
        """Return an explanation method by name."""
        return look_up("method", name, self.plugins.explanation_methods)

    def paper(self, name: str | None) -> Paper | None:
        """Return a paper by name, or None for None."""
        return self.catalog.papers[name] if name else None


@cache
def registry() -> Registry:
    """Return the registry of this installation. It is read at the first call."""
    return Registry(plugins(), builtin_file(), user_files())


def list_models(pattern: str = "*") -> list[str]:
    """Return the names of all models, in natural order.

    Args:
        pattern: A shell pattern that the names must match.

    Examples:
        >>> zoo.list_models("cbam*")
        ['cbam20', 'cbam32', 'cbam56', 'cbam110']
    """
    return registry().names(pattern)
