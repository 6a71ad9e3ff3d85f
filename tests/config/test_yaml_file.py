"""A registry file is checked while it is read; every error names the file and the line."""

from __future__ import annotations

from pathlib import Path

import pytest

from zoo.errors import CatalogError
from zoo.registry.catalog import read_catalog

ROW = "models:\n  mine:\n    architecture: dala\n"
PAPER = "papers:\n  mine:\n    title: T\n    authors: A\n    year: 2025\n"
RECIPE = "recipes:\n  mine:\n    summary: ours\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "rows.yaml"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("modles:\n  mine:\n    architecture: dala\n", "1: unknown key 'modles'\n  did you mean models?"),
        (ROW + "    recpie: modern\n", "4: unknown key 'recpie'\n  did you mean recipe?"),
        (ROW + "    option:\n\n      gate: relu\n", "4: unknown key 'option'\n  did you mean options?"),
        (ROW + "    name: other\n", "4: unknown key 'name'"),
        (ROW + "    where: here\n", "4: unknown key 'where'"),
        (ROW + "    parameters: many\n", "4: parameters must be a whole number or none, not 'many'"),
        (ROW + "    parameters: '5'\n", "4: parameters must be a whole number or none, not '5'"),
        (ROW + "    head: sigmiod\n", "4: head must be one of softmax, sigmoid, not 'sigmiod'"),
        (ROW + "    options: [gate]\n", "4: options must be a mapping of names to values"),
        (ROW + "    options:\n      gate: [relu]\n", "5: options.gate must be"),
        (ROW + "    readings: one\n", "4: readings must be a list of strings"),
        (ROW + "    readings: {a: b}\n", "4: readings must be a list of strings, not a mapping"),
        ("papers:\n  p: {title: t, authors: a, year: 2026, digits: 30}\n", "2: digits must be from 0 to 9"),
        (ROW + "    claims:\n      breakhis: 0.9\n", "5: claims.breakhis must be a mapping"),
        (
            ROW + "    claims:\n      breakhis:\n        iba: high\n",
            "6: claims.breakhis.iba must be a number, not 'high'",
        ),
        (ROW + "    claims: {breakhis: {iba: nan}}\n", "4: claims.breakhis.iba must be a number, not 'nan'"),
        (PAPER + "    data:\n      tiles: {sauce: folder}\n", "7: unknown key 'sauce'\n  did you mean source?"),
        (PAPER + "    data:\n      tiles: {images: 40}\n", "7: the key 'source' is missing"),
        (
            PAPER + "    data:\n      tiles: {source: folder, images: many}\n",
            "7: images must be a whole number or none",
        ),
        (PAPER + "    data:\n      tiles: folder\n", "7: must be a mapping of names to values"),
        ("models:\n  mine:\n    architecture: [dala]\n", "3: architecture must be a string, not a list"),
        ("models:\n  mine:\n    recipe: modern\n", "3: the key 'architecture' is missing"),
        ("models:\n  mine:\n", "2: the key 'architecture' is missing"),
        ("models:\n  mine: dala\n", "2: must be a mapping of names to values"),
        ("models: dala\n", "1: must be a mapping of names to values"),
        ("models:\n  ? [a, b]\n  : {architecture: dala}\n", "2: a name must be a string"),
        (ROW + "  mine:\n    architecture: dala\n", "4: the key 'mine' occurs twice"),
        (ROW + "    recipe: a\n    recipe: b\n", "5: the key 'recipe' occurs twice"),
        (RECIPE + "    epochs: ten\n", "4: epochs must be a whole number, not 'ten'"),
        (RECIPE + "    epochs: 1.5\n", "4: epochs must be a whole number, not '1.5'"),
        (RECIPE + "    lr: .inf\n", "4: lr must be a number, not '.inf'"),
        (RECIPE + "    fractions: [0.5, 0.5]\n", "4: fractions must be 3 numbers, not [0.5, 0.5]"),
        (RECIPE + "    fractions:\n      - 0.5\n      - 0.5\n      - x\n", "7: fractions must be a number, not 'x'"),
        (RECIPE + "    fractions: 0.5\n", "4: fractions must be 3 numbers, in brackets"),
        (RECIPE + "    split: slide\n", "4: split must be one of "),
        ("recipes:\n  mine: {epochs: 3}\n", "2: the key 'summary' is missing"),
        ("papers:\n  a: {title: t, authors: x, year: soon, link: l}\n", "2: year must be a whole number, not 'soon'"),
        ("papers:\n  a: {title: t, year: 2023}\n", "2: the key 'authors' is missing"),
        ("- mine\n", "1: must be a mapping of names to values"),
        ("hello\n", "1: must be a mapping of names to values"),
        ("models:\n  mine: [1,\n", "is not YAML"),
        ("models:\n\tmine: 1\n", "2: is not YAML"),
        ("models:\n---\nmodels:\n", "2: is not YAML"),
        ("models: \0\n", "is not YAML"),
    ],
)
def test_an_error_in_a_yaml_file_names_file_line_and_problem(file: Path, text: str, said: str) -> None:
    file.write_text(text, encoding="utf-8")
    with pytest.raises(CatalogError) as caught:
        read_catalog(file)
    told = str(caught.value)
    assert told.startswith(f"{file}:")
    assert said in told


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "models:\n", "models: ~\npapers: null\n", "{}", "\ufeff"])
def test_an_empty_registry_file_defines_nothing(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8")
    catalog = read_catalog(file)
    assert (catalog.models, catalog.recipes, catalog.papers) == ({}, {}, {})


def test_values_in_a_yaml_file_are_read_as_their_declared_type(file: Path) -> None:
    file.write_text(
        "papers:\n  2023: {title: no, authors: 'yes', year: 2023, link: 1e5}\n"
        "recipes:\n  on: {summary: off, lr: 1e-4, epochs: 3, augment: [symmetries], height: ~}\n"
        "models:\n  50:\n    architecture: dala\n    options: {a: 1, b: 0.5, c: true, d: 'true', e: word, f: ~}\n"
        "    claims: {40x: {iba: 1}}\n    readings: [no, 7]\n",
        encoding="utf-8",
    )
    catalog = read_catalog(file)
    paper, recipe, entry = catalog.papers["2023"], catalog.recipes["on"], catalog.models["50"]
    assert (paper.title, paper.authors, paper.year, paper.link) == ("no", "yes", 2023, "1e5")
    assert (recipe.name, recipe.summary, recipe.lr, recipe.epochs) == ("on", "off", 1e-4, 3)
    assert (recipe.augment, recipe.height) == (("symmetries",), None)
    assert entry.options == {"a": 1, "b": 0.5, "c": True, "d": "true", "e": "word", "f": None}
    assert entry.claims == {"40x": {"iba": 1.0}}
    assert entry.readings == ("no", "7")
    assert (entry.name, entry.where) == ("50", f"{file}:6")


def test_tags_in_a_yaml_file_run_no_code(file: Path, tmp_path: Path) -> None:
    made = tmp_path / "made"
    file.write_text(f"models: !!python/object/apply:os.mkdir ['{made}']\n", encoding="utf-8")
    with pytest.raises(CatalogError):
        read_catalog(file)
    assert not made.exists()


def test_a_missing_registry_file_is_an_error_that_says_where_files_are_named(file: Path) -> None:
    with pytest.raises(CatalogError) as caught:
        read_catalog(file)
    assert str(caught.value).startswith(f"{file}: cannot be read: No such file or directory\n")
    assert "--registry and ZOO_REGISTRY" in str(caught.value)


def test_a_folder_in_place_of_a_registry_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match="cannot be read"):
        read_catalog(tmp_path)


def test_a_yaml_file_that_is_not_utf8_is_refused(file: Path) -> None:
    file.write_bytes(b"models:\n  caf\xe9: {architecture: dala}\n")
    with pytest.raises(CatalogError, match=r"rows\.yaml: is not UTF-8 text"):
        read_catalog(file)
