from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from zoo.errors import CatalogError
from zoo.registry.catalog import Catalog, read_catalog
from zoo.registry.registry_files import builtin_file

Read = Callable[[str, str], Catalog]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def read(name: str, text: str) -> Catalog:
        (tmp_path / name).write_text(text, encoding="utf-8")
        return read_catalog(tmp_path / name)

    return read


MINE = "models:\n  other: {architecture: a}\n  mine:\n    architecture: a\n"


@pytest.mark.parametrize(
    ("rows", "what", "line"),
    [
        ("models:\n  mine: {architecture: b}\n", "model 'mine'", 3),
        ("recipes:\n  ours: {summary: s}\n", "recipe 'ours'", 6),
        ("papers:\n  p: {title: t, authors: a, year: 1, link: l}\n", "paper 'p'", 8),
    ],
)
def test_a_name_defined_in_two_files_is_an_error_with_both_places(
    read: Read, tmp_path: Path, rows: str, what: str, line: int
) -> None:
    catalog = read(
        "a.yaml",
        MINE + "recipes:\n  ours: {summary: s}\npapers:\n  p: {title: t, authors: a, year: 1, link: l}\n",
    )
    with pytest.raises(CatalogError) as caught:
        catalog.add(read("b.yaml", rows))
    assert str(caught.value) == f"{tmp_path}/b.yaml:2: {what} is already defined at {tmp_path}/a.yaml:{line}"


@pytest.mark.parametrize("name", ["a/b", "..", "-x", "''", '"a\\nb"', "two words", "größe"])
def test_a_model_whose_name_cannot_be_that_of_a_folder_is_refused_with_its_line(read: Read, name: str) -> None:
    with pytest.raises(
        CatalogError, match=r"a\.yaml:2: .* cannot be the name of a model: a name has at most 100 letters"
    ):
        read("a.yaml", f"models:\n  {name}: {{architecture: a}}\n")


def test_add_with_replace_takes_the_row_of_the_later_file(read: Read) -> None:
    catalog = read("a.yaml", MINE)
    catalog.add(read("b.yaml", "models:\n  mine: {architecture: b}\n"), replace=True)
    assert {name: entry.architecture for name, entry in catalog.models.items()} == {"other": "a", "mine": "b"}
    assert catalog.models["mine"].where.endswith("b.yaml:2")


def test_a_model_and_a_recipe_may_share_a_name(read: Read) -> None:
    catalog = read("a.yaml", MINE)
    catalog.add(read("b.yaml", "recipes:\n  mine: {summary: s}\n"))
    assert "mine" in catalog.models
    assert "mine" in catalog.recipes


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (
            "recipes:\n  ours: {summary: s}\nmodels:\n  mine:\n    architecture: a\n    recipe: our\n",
            "6: model 'mine': unknown recipe 'our'\n  did you mean ours?",
        ),
        (
            "recipes:\n  modern: {summary: s}\nmodels:\n  mine:\n    architecture: a\n    paper: liu\n",
            "6: model 'mine': unknown paper 'liu'\n  none is defined",
        ),
        ("recipes:\n  r:\n    summary: s\n    paper: liu\n", "4: recipe 'r': unknown paper 'liu'"),
        ("models:\n  a: {architecture: x}\n", "2: model 'a': unknown recipe 'modern'"),
    ],
)
def test_an_unknown_recipe_or_paper_is_an_error_with_file_and_line(
    read: Read, tmp_path: Path, rows: str, said: str
) -> None:
    catalog = read("a.yaml", rows)
    with pytest.raises(CatalogError) as caught:
        catalog.check()
    assert str(caught.value).startswith(f"{tmp_path}/a.yaml:{said}")


def test_joining_two_catalogs_changes_neither(read: Read) -> None:
    a, b = read("a.yaml", "recipes:\n  modern: {summary: s}\n"), read("b.yaml", MINE)
    both = a.joined(b)
    assert (set(both.models), set(both.recipes)) == ({"mine", "other"}, {"modern"})
    assert (a.models, b.recipes) == ({}, {})


def test_every_claim_in_the_builtin_file_names_its_paper() -> None:
    catalog = read_catalog(builtin_file())
    catalog.check()
    assert {"dala", "resnet50", "resnet20"} <= set(catalog.models)
    assert all(entry.paper for entry in catalog.models.values() if entry.claims)
    assert all(paper.link is None or paper.link.startswith("https://") for paper in catalog.papers.values())


def test_published_weights_are_pinned_to_a_commit(read: Read) -> None:
    pinned = f"ada/mine@{'5' * 40}"
    assert read("a.yaml", f"{MINE}    weights: {pinned}\n").models["mine"].weights == pinned
    for loose in ("ada/mine", "ada/mine@main", "ada/mine@5555555", f"mine@{'5' * 40}"):
        with pytest.raises(CatalogError, match=r"a\.yaml:5: weights must be a repository at a commit"):
            read("a.yaml", f"{MINE}    weights: {loose}\n")
