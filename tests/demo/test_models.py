from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

import zoo
from zoo_demo.models import all_classes, load_models

CPU = torch.device("cpu")


def test_models_have_short_unique_names(
    bundles: dict[str, Path], runs: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = runs("dala-sample-1")
    models = load_models([str(run), str(run / "bundle"), str(bundles["fresh"])], device=CPU)
    assert [model.name for model in models] == ["dala-sample-1", "dala-sample-1 (2)", "fresh"]
    monkeypatch.chdir(run)
    assert load_models(["."], device=CPU)[0].name == "dala-sample-1"


def test_a_number_that_a_folder_has_in_its_name_is_not_given_to_another_model(
    bundles: dict[str, Path], tmp_path: Path
) -> None:
    folders = [tmp_path / name for name in ("a/m", "b/m", "c/m (2)", "d/m")]
    for folder in folders:
        shutil.copytree(bundles["fresh"], folder)
    models = load_models([str(folder) for folder in folders], device=CPU)
    assert [model.name for model in models] == ["m", "m (2)", "m (2) (2)", "m (3)"]


def test_a_name_is_one_line_that_is_safe_to_print(bundles: dict[str, Path], tmp_path: Path) -> None:
    for name in ("a\x1b[31m\nb\u202e", "<script>,%2C"):
        shutil.copytree(bundles["fresh"], tmp_path / name)
    models = load_models([str(tmp_path / "a\x1b[31m\nb\u202e"), str(tmp_path / "<script>,%2C")], device=CPU)
    assert [model.name for model in models] == ["a\\x1b[31m b\\u202e", "<script>,%2C"]


def test_all_classes_are_those_of_every_model_without_repeats(bundles: dict[str, Path], tmp_path: Path) -> None:
    zoo.create_model("resnet20", classes=("malignant", "normal")).save(tmp_path / "other")
    models = load_models([str(bundles["fresh"]), str(tmp_path / "other")], device=CPU)
    assert all_classes(models) == ["benign", "malignant", "normal"]
