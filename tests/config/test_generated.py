"""What is generated from the settings is up to date, and a new setting needs one edit."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

import zoo
from tests.warm_python import WarmPython
from zoo.config.generated import generated_files

PACKAGE = Path(zoo.__file__).resolve().parent
FIELD = '    clip: float | None = setting(None, "Largest norm of the gradient.", group="optimizer", above=0)\n'


def test_the_generated_files_are_up_to_date() -> None:
    """`python -m zoo.config` writes them."""
    assert [path.name for path, text in generated_files() if path.read_text(encoding="utf-8") != text] == []


@dataclass(frozen=True)
class House:
    """A copy of the checkout, and the Python that runs it."""

    folder: Path
    warm: WarmPython

    def python(self, *words: str, status: int = 0) -> str:
        """Run Python on the copy; returns what it printed."""
        path = os.pathsep.join([str(self.folder), str(self.folder / "plugins"), os.environ.get("PYTHONPATH", "")])
        env = {**os.environ, "PYTHONPATH": path, "EXECUTABLE_OF_PROGRAMS": self.warm.executable}
        done = self.warm.run(words, folder=self.folder, env=env)
        assert done.returncode == status, done.stderr
        return done.stdout + done.stderr

    def train(self, tiles: Path, *words: str, status: int = 0) -> str:
        size = ("--height", "32", "--width", "32", "--epochs", "1", "--batch-size", "8", "--device", "cpu")
        data = ("--data", "folder", "--root", str(tiles), "--augment", "symmetries")
        return self.python("-m", "zoo", "train", "resnet20", *data, *size, *words, status=status)


@pytest.fixture(scope="module")
def house(warm_python: WarmPython, tmp_path_factory: pytest.TempPathFactory) -> House:
    """A copy of the checkout with one more setting of recipes, and with the generated files written again."""
    copy = tmp_path_factory.mktemp("house")
    for name in ("zoo", "plugins", "docs"):
        shutil.copytree(PACKAGE.parent / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copyfile(PACKAGE.parent / "registry.yaml", copy / "registry.yaml")
    recipe = copy / "zoo" / "config" / "recipe.py"
    before, mark, after = recipe.read_text(encoding="utf-8").partition("    weight_decay: float = ")
    assert mark
    recipe.write_text(before + FIELD + mark + after, encoding="utf-8")
    made = House(copy, warm_python)
    made.python("-m", "zoo.config")
    return made


def test_one_new_field_reaches_everything_that_is_derived_from_the_settings(house: House, tiles: Path) -> None:
    # the command line, with its range
    help_text = " ".join(house.python("-m", "zoo", "train", "--help").split())
    assert "--clip X Largest norm of the gradient." in help_text
    assert "must be above 0" in house.train(tiles, "--clip", "-1", status=2)
    # the generated keywords and the documentation
    assert "clip: float | None" in (house.folder / "zoo" / "config" / "keywords.py").read_text(encoding="utf-8")
    assert "clip: Largest norm of the gradient." in (house.folder / "zoo" / "training" / "train.py").read_text(
        encoding="utf-8"
    )
    assert "| `--clip` | a number or none, above 0 | the recipe's | Largest norm" in (
        house.folder / "docs" / "training.md"
    ).read_text(encoding="utf-8")
    # a recipe file, with file and line in an error
    recipe = house.folder / "mine.yaml"
    recipe.write_text("base: modern\nclip: 0\n", encoding="utf-8")
    assert "mine.yaml:2: clip must be above 0" in house.train(tiles, "--recipe", "mine.yaml", status=1)
    recipe.write_text("base: modern\nclip: 2.5\n", encoding="utf-8")
    # run.yaml
    house.train(tiles, "--recipe", "mine.yaml", "--out", "run")
    record = yaml.safe_load((house.folder / "run" / "run.yaml").read_text(encoding="utf-8"))
    assert record["resolved"]["recipe"]["clip"] == 2.5
    # a refused resume
    said = house.python("-m", "zoo", "train", "--resume", "run", "--clip", "3", status=1)
    assert "clip: 2.5 then, 3.0 now" in said
    # the runs of a grid
    house.train(tiles, "--clip", "1.5", "--seeds", "1", "--recipe", "modern", "--out", "grid")
    record = yaml.safe_load((house.folder / "grid" / "resnet20-seed0" / "run.yaml").read_text(encoding="utf-8"))
    assert record["resolved"]["recipe"]["clip"] == 1.5
    assert (
        yaml.safe_load((house.folder / "grid" / "grid.yaml").read_text())["train"]["recipe"]["changes"]["clip"] == 1.5
    )
