from __future__ import annotations

from collections.abc import Callable

import zoo
from tests.cli.conftest import one_document
from tests.installed_packages import Answer

Command = Callable[..., Answer]


def test_zoo_list_prints_parameters_recipe_weights_and_summary(run: Command) -> None:
    answer = run("list")
    assert (answer.status, answer.err) == (0, "")
    dala = next(line for line in answer.out.splitlines() if line.startswith(" dala "))
    for text in ("24,038,594", "liu2023", "ImageNet-1k", "dual-activated lightweight attention"):
        assert text in dala


def test_zoo_list_json_has_a_document_for_every_model(run: Command) -> None:
    rows = one_document(run("list", "--json"))
    assert isinstance(rows, list)
    assert [row["name"] for row in rows] == zoo.list_models()
    dala = next(row for row in rows if row["name"] == "dala")
    assert dala == {
        "name": "dala",
        "architecture": "dala",
        "plugin": f"dala (histozoo {zoo.__version__})",
        "parameters": 24038594,
        "recipe": "liu2023",
        "paper": "liu2023",
        "pretrained": True,
        "weights": None,
        "summary": dala["summary"],
    }
    small = next(row for row in rows if row["name"] == "resnet20")
    assert (small["architecture"], small["parameters"], small["pretrained"]) == ("small_resnet", 271954, False)


def test_a_pattern_selects_the_models_that_zoo_list_prints(run: Command) -> None:
    rows = one_document(run("list", "resnet?0", "--json"))
    assert isinstance(rows, list)
    assert [row["name"] for row in rows] == ["resnet20", "resnet50"]
    assert "dala" not in run("list", "resnet*").out


def test_zoo_list_with_a_pattern_that_matches_nothing_is_an_error_and_an_empty_json_list(run: Command) -> None:
    answer = run("list", "nothing*")
    assert (answer.status, answer.out) == (1, "")
    assert "unknown model 'nothing*'" in answer.err
    assert one_document(run("list", "nothing*", "--json")) == []


def test_zoo_list_shows_published_weights_if_there_are_any(run: Command, rows: Callable[[str, str], str]) -> None:
    assert "weights" not in run("list").out.splitlines()[1].split()
    registry = rows("mine", f"    weights: ada/mine@{'5' * 40}\n")
    answer = run("--registry", registry, "list", "mine")
    assert "ada/mine@55555555" in answer.out
    assert "published weights: ada/mine@5555" in run("--registry", registry, "evaluate", "mine").err
