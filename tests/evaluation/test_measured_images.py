"""metrics.json says which images were measured: as a hash, which names none of them."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest
from PIL import Image

from zoo import create_model, evaluate
from zoo.runs import Run


@pytest.fixture(scope="module")
def untrained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that has seen no image, so that all images of any data are measured."""
    return create_model("resnet20", classes=("bright", "dark")).save(tmp_path_factory.mktemp("models") / "untrained")


@pytest.fixture
def tested(trained: Run, tiles: Path, tmp_path: Path) -> Path:
    """A folder of the test images of a run alone."""
    with (trained.path / "split.csv").open(newline="") as file:
        keys = [row["key"] for row in csv.DictReader(file) if row["part"] == "test"]
    for key in keys:
        (tmp_path / "tested" / key).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(tiles / key, tmp_path / "tested" / key)
    return tmp_path / "tested"


def _hash(model: Path | Run, folder: Path) -> str | None:
    return evaluate(model, data="folder", root=folder, device="cpu").metrics.split.images_hash


def test_the_same_images_have_the_same_hash_whichever_model_and_split_they_were_measured_with(
    trained: Run, untrained: Path, tiles: Path, tested: Path
) -> None:
    found = trained.metrics.split.images_hash
    assert found is not None
    assert _hash(trained, tiles) == found
    assert _hash(untrained, tested) == found
    assert _hash(untrained, tiles) != found
    assert evaluate(trained, part="train").metrics.split.images_hash != found


def test_one_image_more_less_renamed_or_changed_gives_another_hash(untrained: Path, tested: Path) -> None:
    found = {_hash(untrained, tested)}
    image = min(tested.rglob("*.png"))
    other = image.rename(image.with_name("renamed.png"))
    found.add(_hash(untrained, tested))
    shutil.copy(other, image)
    found.add(_hash(untrained, tested))
    other.unlink()
    with Image.open(image) as old:
        old.transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(image)
    found.add(_hash(untrained, tested))
    image.unlink()
    found.add(_hash(untrained, tested))
    assert len(found) == 5
