"""The catalog: the papers, recipes and models of registry files."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from zoo.config.recipe import Recipe, is_recipe_file
from zoo.config.yaml_file import YamlFile
from zoo.errors import CatalogError, did_you_mean
from zoo.registry.registry_files import VARIABLE
from zoo.spec import Entry, Paper
from zoo.text import quoted
from zoo.valid_names import is_name, name_error

_PINNED = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*@[0-9a-f]{40}", re.ASCII)
MOST_DIGITS = 9
SECTIONS: dict[str, Any] = {"papers": Paper, "recipes": Recipe, "models": Entry}


@dataclass
class Catalog:
    """The contents of one registry file, or of several."""

    papers: dict[str, Paper] = field(default_factory=dict)
    recipes: dict[str, Recipe] = field(default_factory=dict)
    models: dict[str, Entry] = field(default_factory=dict)
    places: dict[tuple[str, ...], str] = field(default_factory=dict)
    """(section, name) and (section, name, key) -> file and line."""

    def add(self, other: Catalog, *, replace: bool = False) -> None:
        """Add another catalog's rows. A name that both define is an error, unless `replace` is true."""
        for section in SECTIONS:
            rows, added = getattr(self, section), getattr(other, section)
            for name in added:
                if name in rows and not replace:
                    raise CatalogError(
                        f"{section[:-1]} {name!r} is already defined at {self.places[section, name]}",
                        where=other.places[section, name],
                    )
            rows.update(added)
        self.places.update(other.places)

    def joined(self, other: Catalog) -> Catalog:
        """Return a new catalog with the rows of both, checked."""
        both = Catalog()
        both.add(self)
        both.add(other)
        both.check()
        return both

    def check(self) -> None:
        """Raise a CatalogError if a row names a recipe or a paper that does not exist."""
        for name, entry in self.models.items():
            self.check_known("models", name, "recipe", entry.recipe, self.recipes)
            self.check_known("models", name, "paper", entry.paper, self.papers)
        for name, recipe in self.recipes.items():
            self.check_known("recipes", name, "paper", recipe.paper, self.papers)

    def check_known(self, section: str, name: str, key: str, value: str | None, known: Iterable[str]) -> None:
        """Raise a CatalogError if the value of a key in a row is neither None nor a known name."""
        if value is not None and value not in known:
            raise CatalogError(
                f"{section[:-1]} {name!r}: unknown {key} {value!r}",
                where=self.place(section, name, key),
                hint=did_you_mean(value, known),
            )

    def place(self, section: str, name: str, key: str) -> str:
        """Return the file and line of a key, or of its row if the row does not have the key."""
        return self.places.get((section, name, key), self.places[section, name])


def read_catalog(path: Path) -> Catalog:
    """Read one registry file and check its values, but not the names it refers to."""
    document = YamlFile(path, hint=f"--registry and {VARIABLE} name additional registry files")
    catalog = Catalog()
    for section, rows in document.checked_pairs(document.root, SECTIONS).items():
        kind = SECTIONS[section]
        places = document.places(rows)
        for name, node in document.pairs(rows).items():
            if kind is Recipe and is_recipe_file(name):
                raise CatalogError(f"a recipe cannot be called {name!r}, which means a file", where=places[name])
            if not is_name(name):
                raise CatalogError(name_error(section[:-1], name), where=places[name])
            given = {} if kind is Paper else {"name": name}
            if kind is Entry:
                given["where"] = places[name]
            row = getattr(catalog, section)[name] = document.make(node, kind, **given)
            if isinstance(row, Entry) and row.cam_tokens is not None and row.cam_tokens < 0:
                raise CatalogError("cam_tokens must be at least 0", where=document.places(node)["cam_tokens"])
            if isinstance(row, Paper) and row.digits is not None and not 0 <= row.digits <= MOST_DIGITS:
                raise CatalogError(f"digits must be from 0 to {MOST_DIGITS}", where=document.places(node)["digits"])
            if isinstance(row, Entry) and row.weights is not None and not _PINNED.fullmatch(row.weights):
                raise CatalogError(
                    f"weights must be a repository at a commit, not {quoted(row.weights)}",
                    where=document.places(node)["weights"],
                    hint="write you/name@ and the 40 hexadecimal digits of the commit, which `zoo push` prints",
                )
            catalog.places[section, name] = places[name]
            for key, place in document.places(node).items():
                catalog.places[section, name, key] = place
    return catalog
