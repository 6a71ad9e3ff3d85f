from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

import zoo
from zoo_demo.models import classes, load

CPU = torch.device("cpu")


def test_models_have_short_names_of_their_own(
    bundles: dict[str, Path], runs: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = runs("dala-sample-1")
    named = load([str(run), str(run / "bundle"), str(bundles["fresh"])], device=CPU)
    assert [model.name for model in named] == ["dala-sample-1", "dala-sample-1 (2)", "fresh"]
    monkeypatch.chdir(run)
    assert load(["."], device=CPU)[0].name == "dala-sample-1"


def test_all_classes_are_known(bundles: dict[str, Path], tmp_path: Path) -> None:
    zoo.create_model("resnet20", classes=("malignant", "normal")).save(tmp_path / "other")
    models = load([str(bundles["fresh"]), str(tmp_path / "other")], device=CPU)
    assert classes(models) == ["benign", "malignant", "normal"]
