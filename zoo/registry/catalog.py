"""The catalogue: papers, recipes and models as the registry files name them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from zoo.config.recipe import Recipe
from zoo.config.yaml_file import YamlFile
from zoo.errors import CatalogError, did_you_mean
from zoo.registry.registry_files import VARIABLE
from zoo.spec import Entry, Paper

SECTIONS: dict[str, Any] = {"papers": Paper, "recipes": Recipe, "models": Entry}


@dataclass
class Catalog:
    """What one registry file, or several together, say."""

    papers: dict[str, Paper] = field(default_factory=dict)
    recipes: dict[str, Recipe] = field(default_factory=dict)
    models: dict[str, Entry] = field(default_factory=dict)
    places: dict[tuple[str, ...], str] = field(default_factory=dict)
    """(section, name) and (section, name, key) -> file and line."""

    def add(self, other: Catalog, *, replace: bool = False) -> None:
        """Take another catalogue's rows in. A name that is here already is an error unless it may be replaced."""
        for section in SECTIONS:
            mine, theirs = getattr(self, section), getattr(other, section)
            for name in theirs:
                if name in mine and not replace:
                    raise CatalogError(
                        f"{section[:-1]} {name!r} is already defined at {self.places[section, name]}",
                        where=other.places[section, name],
                    )
            mine.update(theirs)
        self.places.update(other.places)

    def joined(self, other: Catalog) -> Catalog:
        """Both together, as a new catalogue, checked."""
        both = Catalog()
        both.add(self)
        both.add(other)
        both.check()
        return both

    def check(self) -> None:
        """Every recipe and paper that a row names exists."""
        for name, entry in self.models.items():
            self.check_known("models", name, "recipe", entry.recipe, self.recipes)
            self.check_known("models", name, "paper", entry.paper, self.papers)
        for name, recipe in self.recipes.items():
            self.check_known("recipes", name, "paper", recipe.paper, self.papers)

    def check_known(self, section: str, name: str, key: str, value: str | None, known: Iterable[str]) -> None:
        """The value that a row gives for a key is one of the known names; None is no name."""
        if value is not None and value not in known:
            raise CatalogError(
                f"{section[:-1]} {name!r}: unknown {key} {value!r}",
                where=self.place(section, name, key),
                hint=did_you_mean(value, known),
            )

    def place(self, section: str, name: str, key: str) -> str:
        """File and line of a key, or of its row where the key does not stand."""
        return self.places.get((section, name, key), self.places[section, name])


def read_catalog(path: Path) -> Catalog:
    """Read and check one registry file by itself."""
    document = YamlFile(path, hint=f"registry files of yours are named by --registry and {VARIABLE}")
    catalog = Catalog()
    for section, rows in document.checked_pairs(document.root, SECTIONS).items():
        kind = SECTIONS[section]
        places = document.places(rows)
        for name, node in document.pairs(rows).items():
            given = {} if kind is Paper else {"name": name}
            if kind is Entry:
                given["where"] = places[name]
            getattr(catalog, section)[name] = document.make(node, kind, **given)
            catalog.places[section, name] = places[name]
            for key, place in document.places(node).items():
                catalog.places[section, name, key] = place
    return catalog
