from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from zoo import train
from zoo.config.recipe import plain, recipe_from
from zoo.errors import CatalogError, UnknownNameError, UsageError
from zoo.registry import registry
from zoo.training.plan import make_plan


def _written(tmp_path: Path, text: str) -> str:
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_file_changes_the_recipe_that_it_names(tmp_path: Path) -> None:
    found = make_plan("resnet20", recipe=_written(tmp_path, "base: modern\nlr: 1e-5\naugment: [blur]\n")).recipe
    modern = registry().recipe("modern")
    assert (found.name, found.lr, found.augment) == ("mine", 1e-5, ("blur",))
    assert (found.epochs, found.averaging, found.patience) == (modern.epochs, modern.averaging, modern.patience)


def test_without_a_base_the_rest_is_as_documented(tmp_path: Path) -> None:
    found = make_plan("resnet20", recipe=_written(tmp_path, "epochs: 3\nsummary: three\n")).recipe
    assert (found.epochs, found.summary, found.batch_size, found.averaging) == (3, "three", 32, 0.0)


def test_the_command_line_changes_it_further(tmp_path: Path) -> None:
    found = make_plan("resnet20", recipe=_written(tmp_path, "epochs: 3\n"), changes={"epochs": 4}).recipe
    assert found.epochs == 4


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("epoch: 3", r"mine\.yaml:1: unknown key 'epoch'\n  did you mean epochs\?"),
        ("lr: fast", r"mine\.yaml:1: lr must be a number, not 'fast'"),
        ("lr: 1\nlr: 2", r"mine\.yaml:2: 'lr' stands here twice"),
        ("[1, 2]", r"mine\.yaml:1: must be a mapping"),
        ("lr: [", r"mine\.yaml:\d: is not YAML"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(CatalogError, match=said):
        make_plan("resnet20", recipe=_written(tmp_path, text))


@pytest.mark.parametrize(
    ("text", "said"), [("averaging: 1.5", "averaging is a decay"), ("epochs: 0", "epochs must be")]
)
def test_ranges_are_checked(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        make_plan("resnet20", recipe=_written(tmp_path, text))


def test_a_base_nobody_knows_and_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="unknown recipe 'modem'"):
        make_plan("resnet20", recipe=_written(tmp_path, "base: modem"))
    with pytest.raises(CatalogError, match="cannot be read"):
        make_plan("resnet20", recipe=str(tmp_path / "none.yaml"))


def test_a_run_remembers_all_of_it(tmp_path: Path, quick: dict[str, Any]) -> None:
    file = _written(tmp_path, "base: guo2024\nepochs: 1\naveraging: 0.5\n")
    settings = {key: value for key, value in quick.items() if key not in ("recipe", "epochs")}
    run = train("resnet20", recipe=file, fractions=(0.6, 0.1, 0.3), **settings)
    kept = recipe_from(run.record["recipe"])
    assert (kept.name, kept.epochs, kept.averaging, kept.schedule) == ("mine", 1, 0.5, "step")


@pytest.mark.parametrize("name", ["modern", "quick", "liu2023", "guo2024", "kim2023"])
def test_a_recipe_survives_being_written_down(name: str) -> None:
    recipe = registry().recipe(name)
    assert recipe_from(plain(recipe)) == recipe
