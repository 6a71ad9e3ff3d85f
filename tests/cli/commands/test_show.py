from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import zoo
from tests.cli.conftest import one_document
from tests.installed_packages import Answer

Command = Callable[..., Answer]


def test_zoo_show_prints_everything_known_about_dala(run: Command) -> None:
    answer = run("show", "dala")
    assert (answer.status, answer.err) == (0, "")
    for text in (
        "Suxing Liu",  # the paper
        "https://arxiv.org/abs/2308.13150",
        "24,038,594 with two classes",
        "gate = relu (one of relu, sigmoid)",
        "fusion = sum",
        "224x224",  # the preprocessing
        "mean (0.485, 0.456, 0.406)",
        "layer attention",  # of the activation map
        "liu2023: ",  # the recipe
        "epochs 50, batch_size 32",
        "optimizer adam, lr 0.0001",
        "interpretation: the optimizer is not stated; here Adam",
        "timm/resnet50.a1_in1k at 767268603ca0 (apache-2.0)",  # where training begins
        "none published",
        "breakhis 40x: accuracy 0.986",  # what the paper claims
        "the gate is ReLU (option gate)",  # an interpretation of the paper
        f"dala (histozoo {zoo.__version__})",
        "registry.yaml:",
    ):
        assert text in answer.out


def test_zoo_show_prints_the_values_of_a_recipe_as_they_are_typed(run: Command) -> None:
    """`fractions 0.6,0.1,0.3` is what --fractions takes; only the mistake in --lr is reported."""
    assert "fractions 0.6,0.1,0.3" in run("show", "dala").out
    answer = run("train", "dala", "--fractions", "0.6,0.1,0.3", "--lr", "x")
    assert "--lr" in answer.err
    assert "--fractions" not in answer.err


def test_a_model_without_pretrained_weights_is_shown_as_trained_from_scratch(run: Command) -> None:
    answer = run("show", "resnet20")
    assert "none: trained from scratch" in answer.out
    assert "depth = 20 (at least 8 and at most 1202): number of layers" in answer.out
    assert "64x64" in answer.out


def test_zoo_show_json_has_everything_known_about_a_model(run: Command) -> None:
    found = one_document(run("show", "dala", "--json"))
    assert isinstance(found, dict)
    assert (found["name"], found["parameters"], found["head"]) == ("dala", 24038594, "softmax")
    assert found["architecture"]["build"] == "zoo_dala.dala_resnet:build"
    assert found["architecture"]["pretrained"][0]["revision"] == "767268603ca0cb0bfe326fa87277f19c419566ef"
    assert found["options"] == {"gate": "relu", "fusion": "sum", "dropout": 0.25}
    assert found["preprocessing"]["mean"] == [0.485, 0.456, 0.406]
    assert (found["recipe"]["name"], found["recipe"]["optimizer"]) == ("liu2023", "adam")
    assert found["paper"]["year"] == 2023
    assert found["claims"]["breakhis 40x"]["iba"] == 0.985
    assert len(found["readings"]) >= 2
    assert found["plugin"] == f"dala (histozoo {zoo.__version__})"


@pytest.mark.parametrize("flags", [[], ["--json"]])
def test_every_model_can_be_shown(run: Command, flags: list[str]) -> None:
    for name in zoo.list_models():
        answer = run("show", name, *flags)
        assert (answer.status, answer.err) == (0, "")
        assert name in answer.out


def test_zoo_show_cost_measures_multiply_adds_and_speed(run: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zoo.classifier.cost.SECONDS", 0.01)
    answer = run("show", "resnet20", "--cost", "--device", "cpu")
    assert answer.status == 0, answer.err
    assert "billion multiply-adds per image" in answer.out
    found: Any = one_document(run("show", "resnet20", "--cost", "--device", "cpu", "--json"))
    assert found["cost"]["parameters"] == 271_954


def test_zoo_show_prints_the_settings_of_a_recipe(run: Command) -> None:
    answer = run("show", "guo2024")
    assert (answer.status, answer.err) == (0, "")
    for text in ("recipe", "epochs", "200", "0.9,0.0,0.1", "augment", "none", "Guo", "interpretation"):
        assert text in answer.out
    found = one_document(run("show", "modern", "--json"))
    assert isinstance(found, dict)
    assert (found["name"], found["epochs"], found["augment"][0]) == ("modern", 50, "symmetries")


def test_a_misspelt_name_is_compared_with_models_and_recipes(run: Command) -> None:
    assert "did you mean modern?" in run("show", "moden").err
    assert "did you mean dala?" in run("show", "dalla").err


def test_a_recipe_has_no_cost(run: Command) -> None:
    answer = run("show", "modern", "--cost")
    assert answer.status == 2
    assert "--cost is only for a model, and modern is a recipe" in answer.err
