"""The table of recipes in docs/training.md; `python -m tests.docs.recipes_table` writes it again."""

from __future__ import annotations

import re
from pathlib import Path

import zoo
from zoo.config.fields import settings_of
from zoo.config.recipe import Recipe
from zoo.registry import registry

PAGE = Path(zoo.__file__).resolve().parent.parent / "docs" / "training.md"
BEGIN, END = "<!-- written by python -m tests.docs.recipes_table -->", "<!-- end -->"


def recipes_table() -> str:
    """Return the table: a row for each setting, and a column for each recipe."""
    recipes = registry().catalog.recipes
    rows = [
        f"| `{name}` | {' | '.join(_cell(getattr(recipe, name)) for recipe in recipes.values())} |"
        for name in settings_of(Recipe)
    ]
    head = f"| setting | {' | '.join(f'`{name}`' for name in recipes)} |"
    return "\n".join([head, f"|---|{'---|' * len(recipes)}", *rows])


def with_recipes(text: str) -> str:
    """Return the text of docs/training.md with the table of now."""
    part = re.compile(f"{re.escape(BEGIN)}\n.*?{re.escape(END)}", re.DOTALL)
    return part.sub(lambda _: f"{BEGIN}\n\n{recipes_table()}\n\n{END}", text)


def _cell(value: object) -> str:
    """Return a value as the command line takes it, and a dash for one that is not set."""
    if isinstance(value, tuple):
        return ",".join(_cell(item) for item in value) or "none"
    if value is None:
        return "–"
    return f"{value:g}" if isinstance(value, float) else str(value)


if __name__ == "__main__":
    PAGE.write_text(with_recipes(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
