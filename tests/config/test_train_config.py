from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from zoo.config.fields import settings_of
from zoo.config.plain import from_plain, plain
from zoo.config.recipe import Recipe
from zoo.config.train_config import (
    ComputeConfig,
    DataConfig,
    ModelConfig,
    RecipeConfig,
    SessionConfig,
    TrainConfig,
    keywords,
)
from zoo.errors import UnknownNameError, UsageError
from zoo.registry.catalog import read_catalog
from zoo.registry.registry_files import builtin_file

EVERYTHING: dict[str, Any] = {
    "model_options": {"depth": 32},
    "init": "scratch",
    "data": "breakhis",
    "root": Path("BreaKHis_v1"),
    "options": {"magnification": "40"},
    "store": False,
    "tolerate": 0.5,
    "recipe": "modern",
    "epochs": 3,
    "augment": ("crop", "blur"),
    "device": "cpu",
    "precision": "float32",
    "deterministic": True,
    "out": Path("here"),
    "save_every": 5,
    "track": "trackio",
    "split_file": Path("split.csv"),
    "seed": 4,
}


def test_keywords_reach_the_parts_of_the_configuration() -> None:
    config = TrainConfig.from_keywords("dala", EVERYTHING)
    assert config.model == ModelConfig(name="dala", options={"depth": 32}, init="scratch")
    assert config.data.source == "breakhis"
    assert config.recipe == RecipeConfig(name="modern", changes={"epochs": 3, "augment": ("crop", "blur")})
    assert config.compute == ComputeConfig(device="cpu", precision="float32", deterministic=True)
    assert config.session == SessionConfig(out=Path("here"), save_every=5, track="trackio")
    assert (config.split_file, config.seed) == (Path("split.csv"), 4)


def test_the_value_of_every_keyword_is_the_one_that_was_given() -> None:
    config = TrainConfig.from_keywords("dala", EVERYTHING)
    assert {keyword: config.value(keyword) for keyword in EVERYTHING} == EVERYTHING


def test_a_setting_that_is_not_given_has_its_default() -> None:
    assert TrainConfig.from_keywords("dala", {}) == TrainConfig(model=ModelConfig(name="dala"))


def test_changing_a_setting_keeps_the_others() -> None:
    config = TrainConfig.from_keywords("dala", EVERYTHING).changed({"lr": 0.1, "seed": 5})
    assert config.recipe.changes == {"epochs": 3, "augment": ("crop", "blur"), "lr": 0.1}
    assert (config.recipe.name, config.seed, config.data.source) == ("modern", 5, "breakhis")


def test_every_setting_has_its_own_keyword() -> None:
    kinds = (ModelConfig, DataConfig, RecipeConfig, ComputeConfig, SessionConfig, TrainConfig, Recipe)
    assert len(keywords()) == sum(len(settings_of(kind)) for kind in kinds)


def test_the_help_of_every_setting_is_a_sentence() -> None:
    short = [keyword for keyword, (_, one) in keywords().items() if len(one.help) < 12 or not one.help.endswith(".")]
    assert short == []


def test_the_help_of_recipe_names_every_recipe_of_the_zoo() -> None:
    named = keywords()["recipe"][1].help.removeprefix("Recipe: ").partition(", one of a plugin")[0]
    assert sorted(named.split(", ")) == sorted(read_catalog(builtin_file()).recipes)


def test_every_number_has_a_range() -> None:
    numbers = [one for _, one in keywords().values() if one.hint in (int, float)]
    assert [one.keyword for one in numbers if not str(one.range)] == []


def test_a_configuration_goes_through_json_and_yaml_unchanged() -> None:
    config = TrainConfig.from_keywords("dala", EVERYTHING)
    assert from_plain(TrainConfig, json.loads(json.dumps(plain(config)))) == config
    assert from_plain(TrainConfig, yaml.safe_load(yaml.safe_dump(plain(config)))) == config


@pytest.mark.parametrize("name", [3, None, ["dala"], b"dala"])
def test_a_model_is_named_by_a_string(name: Any) -> None:
    with pytest.raises(UsageError, match="the name of a model must be a string"):
        TrainConfig.from_keywords(name, {})


def test_a_misspelt_keyword_suggests_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match=r"unknown option 'epoch'\n  did you mean epochs\?"):
        TrainConfig.from_keywords("dala", {"epoch": 3})


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"seed": -1}, "seed must be at least 0 and below 2^63, not -1"),
        ({"seed": 1 << 63}, "seed must be at least 0 and below 2^63"),
        ({"save_every": -1}, "save_every must be at least 0"),
        ({"save_every": float("inf")}, "save_every must be a number"),
        ({"tolerate": 1.1}, "tolerate must be at least 0 and at most 1"),
        ({"precision": "half"}, "precision must be one of auto, float32, bfloat16, not 'half'"),
        ({"store": "yes"}, "store must be true or false, not 'yes'"),
        ({"track": "wandb"}, "track must be one of none, tensorboard, trackio, not 'wandb'"),
        ({"init": 3}, "init must be a string or a path, not 3"),
        ({"options": {"a": []}}, "options 'a' must be"),
        ({"options": {1: 2}}, "options must be a mapping of names to values"),
        ({"root": 3}, "root must be a path or none, not 3"),
        ({"epochs": 0}, "epochs must be at least 1"),
    ],
)
def test_a_value_out_of_its_range_or_type_is_refused_with_what_is_allowed(given: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError) as caught:
        TrainConfig.from_keywords("dala", given)
    assert said in str(caught.value)
