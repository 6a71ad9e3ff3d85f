"""A recipe in a file of its own: its values as registry.yaml has them, and perhaps the name of one that it changes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from zoo.config.yaml_file import Document
from zoo.spec import Recipe

BASE = "base"


def read_recipe(path: Path) -> tuple[str | None, dict[str, Any]]:
    """The base's name, and the values that stand in the file."""
    document = Document(path, hint="a recipe is a name that `zoo show NAME` prints, or a YAML file")
    pairs = document.pairs(document.root)
    base = pairs.pop(BASE, None)
    return (base.value if base is not None else None), document.values(document.root, Recipe, but=(BASE,))
