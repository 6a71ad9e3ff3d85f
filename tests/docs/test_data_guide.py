"""docs/data.md agrees with the code."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

import zoo
from tests.docs.guide import blocks
from tests.installed_packages import Answer
from zoo.config.recipe import Recipe
from zoo.config.train_config import TOLERATED
from zoo.data.augmentation import AUGMENTATIONS
from zoo.data.images import FORMATS, MAX_PIXELS
from zoo.registry import registry

ROOT = Path(zoo.__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "data.md"
TEXT = PAGE.read_text(encoding="utf-8")
SHOWN = {block.title: block.text for block in blocks(PAGE) if block.kind == "python"}


def test_the_example_plugin_is_shown_in_full() -> None:
    files = sorted((ROOT / "plugins" / "zoo_idc").glob("*.py"))
    assert sorted(map(str, SHOWN)) == [path.relative_to(ROOT).as_posix() for path in files]
    for path in files:
        assert SHOWN[path.relative_to(ROOT).as_posix()].strip() == path.read_text(encoding="utf-8").strip()


def _rows(first: str) -> dict[str, list[str]]:
    """Return the rows of a table by their first cell."""
    table = TEXT[TEXT.index(f"| {first} |") :].partition("\n\n")[0].splitlines()[2:]
    cells = ([cell.strip() for cell in row.strip("|").split("|")] for row in table)
    return {row[0].strip("`"): row[1:] for row in cells}


def test_every_source_is_in_the_table() -> None:
    assert set(_rows("`--data`")) == set(registry().plugins.sources)


def test_every_augmentation_is_in_the_table_with_its_summary() -> None:
    assert _rows("`--augment`") == {one.name: [one.summary] for one in AUGMENTATIONS}


def test_the_table_of_recipes_has_their_augmentation_and_class_balance() -> None:
    def chosen(recipe: Recipe) -> list[str]:
        augment = ", ".join(recipe.augment) or "none"
        return [augment, recipe.mixing, recipe.class_weights, recipe.sampling, recipe.loss]

    assert _rows("recipe") == {name: chosen(recipe) for name, recipe in registry().catalog.recipes.items()}


def test_limits_and_formats_are_those_of_the_code() -> None:
    assert f"more than {MAX_PIXELS // 1_000_000} million pixels" in TEXT
    assert f"more than {TOLERATED * 100:.0f} % cannot be read" in TEXT
    assert all(name in TEXT for name in FORMATS)


def test_the_shares_of_the_parts_are_those_of_the_recipes() -> None:
    usual = dict.fromkeys(("modern", "quick", "liu2023"), "6 : 1 : 3")
    named = usual | {"kim2023": "8 : 1 : 1", "guo2024": "9 : 0 : 1"}
    recipes = registry().catalog.recipes.items()
    assert {name: " : ".join(f"{share * 10:.0f}" for share in one.fractions) for name, one in recipes} == named
    assert "6 : 1 : 3 in `modern`, `quick` and `liu2023`, 8 : 1 : 1 in `kim2023`, and 9 : 0 : 1 in `guo2024`" in TEXT


COMMANDS = [line.partition("#")[0].split() for line in TEXT.splitlines() if re.match(r"zoo \w+", line)]


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_option_in_a_command_exists(words: list[str], command: Callable[..., Answer]) -> None:
    path = words[1 : 3 if words[1] == "data" else 2]
    shown = command(*path, "--help").out
    for word in words:
        if word.startswith("-"):
            assert word in shown
