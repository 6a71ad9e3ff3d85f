from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from zoo import train
from zoo.config.plain import from_plain, plain
from zoo.config.recipe import Recipe
from zoo.config.train_config import TrainConfig
from zoo.data.source_lookup import read_manifest
from zoo.errors import DataError, UnknownNameError, UsageError
from zoo.progress import Silent
from zoo.registry import registry
from zoo.training.plan import Plan, make_plan


def planned(model: str = "resnet20", **given: Any) -> Plan:
    return make_plan(TrainConfig.from_keywords(model, given))


def test_without_a_configured_recipe_that_of_the_models_registry_entry_is_used() -> None:
    assert planned("dala", data="breakhis", root="x").recipe.name == registry().model("dala").entry.recipe


def test_the_synthetic_sample_is_trained_with_the_quick_recipe() -> None:
    assert planned("dala").recipe.name == "quick"


def test_a_configured_recipe_is_used_with_the_configured_changes() -> None:
    found = planned(recipe="modern", epochs=3, augment=("blur",)).recipe
    assert found == registry().recipe("modern").changed({"epochs": 3, "augment": ("blur",)})


def test_a_recipe_file_changes_the_recipe_named_as_its_base(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("base: modern\nlr: 1e-5\n", encoding="utf-8")
    found = planned(recipe=str(tmp_path / "mine.yaml"), epochs=4).recipe
    assert (found.name, found.lr, found.epochs) == ("mine", 1e-5, 4)
    assert found.patience == registry().recipe("modern").patience


def test_height_and_width_set_the_input_size_of_the_network() -> None:
    found = planned(height=32, width=48).blueprint.preprocessing
    assert (found.height, found.width) == (32, 48)


def test_the_plan_has_every_option_of_the_data_source_with_its_default() -> None:
    assert planned(data="breakhis", root="x", options={"magnification": 40}).source_options == {
        "magnification": "40",
        "labels": "class",
        "patient": "case",
    }


def test_paths_become_absolute_and_a_folder_of_classes_is_recognized(
    tiles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tiles.parent)
    config = planned(data="tiles/", split_file="a.csv").config
    assert (config.data.source, config.data.root) == ("folder", tiles.resolve())
    assert config.split_file == tiles.parent.resolve() / "a.csv"


def test_a_table_that_is_a_link_is_trained_on_the_images_beside_the_link_as_it_is_inspected(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "t.csv").write_text("path,label\na.png,a\nb.png,b\n")
    (tmp_path / "mine").mkdir()
    table = tmp_path / "mine" / "t.csv"
    table.symlink_to("../shared/t.csv")
    for folder in ("shared", "mine"):
        for name in "ab":
            (tmp_path / folder / f"{name}.png").touch()
    inspected = read_manifest(registry().source("csv"), root=table)
    trained = planned(data=str(table)).manifest(Silent())
    for manifest in (inspected, trained):
        assert [sample.path for sample in manifest.samples] == [tmp_path / "mine" / name for name in ("a.png", "b.png")]


def test_a_setting_given_as_its_default_makes_the_same_plan_as_one_not_given() -> None:
    one, other = planned(recipe="quick"), planned(model_options={"depth": 20}, options={"seed": "0"})
    assert one.settings == other.settings
    assert one.settings["epochs"] == registry().recipe("quick").epochs


@pytest.mark.parametrize(
    ("given", "error", "said"),
    [
        ({"model": "resnet21"}, UnknownNameError, r"unknown model 'resnet21'\n  did you mean"),
        ({"recipe": "modem"}, UnknownNameError, r"unknown recipe 'modem'\n  did you mean modern\?"),
        ({"data": "brakhis"}, UnknownNameError, r"unknown data source 'brakhis'\n  did you mean breakhis\?"),
        ({"data": "no/where"}, DataError, "there is no such folder"),
        ({"augment": ("symetries",)}, UnknownNameError, r"did you mean symmetries\?"),
        ({"augment": ("crop", "crop")}, UsageError, "augment names one augmentation twice: crop, crop"),
        ({"model_options": {"deph": 20}}, UnknownNameError, r"did you mean depth\?"),
        ({"options": {"sed": 1}}, UnknownNameError, r"unknown option of the data source sample 'sed'"),
        ({"options": {"seed": "x"}}, UsageError, "option seed must be a whole number, not 'x'"),
        ({"init": "imagenet"}, UsageError, "there are no pretrained weights for resnet20"),
    ],
)
def test_an_unknown_name_or_invalid_value_is_refused_with_an_error_that_names_it(
    given: Any, error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        planned(**given)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"fold": 0}, "fold has no effect, since folds, the number of folds, is not given"),
        ({"folds": 5, "fractions": (0.6, 0.1, 0.3)}, "fractions has no effect, since folds decides"),
        ({"folds": 5, "split_file": "split.csv"}, "folds has no effect, since split_file decides"),
        ({"fractions": (0.6, 0.1, 0.3), "split_file": "split.csv"}, "fractions has no effect, since split_file"),
        ({"split": "image", "split_file": "split.csv"}, "split has no effect, since split_file decides"),
        ({"split_seed": 1, "split_file": "split.csv"}, "split_seed has no effect, since split_file decides"),
        ({"select": "last", "patience": 3}, "patience has no effect, since select is last"),
        ({"tune": "head", "early_rate": 0.1}, "early_rate has no effect, since tune is head"),
    ],
)
def test_a_setting_that_would_change_nothing_is_refused(given: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        planned(recipe="modern", **given)


def test_the_split_has_the_seed_of_the_training_unless_it_has_one_of_its_own() -> None:
    assert planned(seed=3).split_policy.seed == 3
    assert planned(seed=3, split_seed=0).split_policy == planned(seed=4, split_seed=0).split_policy
    assert planned(seed=3, split_seed=0).config.seed == 3


def test_settings_of_a_recipe_may_be_overruled_by_those_that_are_given() -> None:
    assert planned(recipe="kim2023", select="last").recipe.patience == 5
    assert planned(recipe="kim2023", select="last", patience=None).recipe.patience is None
    assert planned(recipe="modern", split_file="a.csv", split="fixed").recipe.split == "fixed"


def test_options_of_a_data_source_are_checked_before_data_are_read(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="option magnification must be one of"):
        train("resnet20", data="breakhis", root=tmp_path / "nowhere", options={"magnification": 50})


def test_run_yaml_has_the_complete_recipe_with_all_changes(tmp_path: Path, quick: dict[str, Any]) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("base: guo2024\nepochs: 1\naveraging: 0.5\n", encoding="utf-8")
    settings = {key: value for key, value in quick.items() if key not in ("recipe", "epochs")}
    kept = train("resnet20", recipe=str(file), fractions=(0.6, 0.1, 0.3), **settings).record.resolved.recipe
    assert (kept.name, kept.epochs, kept.averaging, kept.schedule) == ("mine", 1, 0.5, "step")


@pytest.mark.parametrize("name", ["modern", "quick", "liu2023", "guo2024", "kim2023"])
def test_every_recipe_of_the_registry_survives_being_written_and_read(name: str) -> None:
    recipe = registry().recipe(name)
    assert from_plain(Recipe, plain(recipe)) == recipe
