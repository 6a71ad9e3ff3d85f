from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
import torch
from PIL import Image

from tests.installed_packages import Answer
from zoo.data import Manifest
from zoo.data.device_images import DeviceImages
from zoo.data.pixels.prepare import prepare
from zoo.data.preview import COLUMNS, preview
from zoo.data.rng import shuffled
from zoo.data.split.split import Split
from zoo.errors import DataError
from zoo.progress import Silent
from zoo.registry import registry
from zoo.spec import Preprocessing
from zoo.training.batches import Batches
from zoo.training.training_data import TrainingData

RECIPE = replace(registry().recipe("modern"), height=24, width=16)


def test_a_preview_has_a_row_of_originals_one_per_augmentation_and_one_of_all_together(few: Manifest) -> None:
    sheet = preview(few, RECIPE, seed=0)
    assert sheet.size == (COLUMNS * 16, (len(RECIPE.augment) + 2) * 24)
    rows = np.asarray(sheet).reshape(len(RECIPE.augment) + 2, 24, COLUMNS * 16, 3)
    assert all((rows[0] != row).any() for row in rows[1:])


def test_mixup_changes_only_the_last_row_of_a_preview(few: Manifest) -> None:
    plain, mixed = (np.asarray(preview(few, replace(RECIPE, mixing=how), seed=0)) for how in ("none", "mixup"))
    assert (plain[:-24] == mixed[:-24]).all()
    assert (plain[-24:] != mixed[-24:]).any()


@pytest.mark.parametrize("mixing", ["mixup", "cutmix"])
def test_the_last_row_of_a_preview_is_the_batch_that_training_sees(
    few: Manifest, mixing: Literal["mixup", "cutmix"]
) -> None:
    recipe = replace(RECIPE, mixing=mixing, augment=("symmetries",))
    data = TrainingData(
        prepared=prepare(few, Preprocessing(height=24, width=16), Silent(), store=False),
        split=Split(unit="image", seed=0, train=tuple(range(len(few.samples))), val=(), test=()),
    )
    device = torch.device("cpu")
    batches = Batches(DeviceImages(data.pixels, device), data, recipe, seed=3, device=device)
    shown = shuffled(3, 0, np.arange(len(few.samples)))[:COLUMNS]
    batches._partners = shown  # only the images of the preview can be mixed with
    batches._epoch, batches._order, batches._numbers = 1, shown, shown
    trained = batches.take(1, 0, slice(0, COLUMNS)).images
    sheet = np.asarray(preview(few, recipe, seed=3))[-24:]
    expected = torch.cat(list(trained), dim=2).permute(1, 2, 0).numpy()
    assert (sheet == (expected * 255).round().astype(np.uint8)).all()


def test_the_same_seed_gives_the_same_preview(few: Manifest) -> None:
    first = preview(few, RECIPE, seed=1).tobytes()
    assert preview(few, RECIPE, seed=1).tobytes() == first
    assert preview(few, RECIPE, seed=2).tobytes() != first


def test_unreadable_images_are_left_out_of_a_preview(few: Manifest) -> None:
    for sample in few.samples[:35]:
        sample.path.write_bytes(b"")
    assert preview(few, RECIPE, seed=0).size[0] == 5 * 16
    for sample in few.samples:
        sample.path.write_bytes(b"")
    with pytest.raises(DataError, match="none of the images can be read"):
        preview(few, RECIPE, seed=0)


def test_the_preview_command_writes_a_png_file(tiles: Path, tmp_path: Path, command: Callable[..., Answer]) -> None:
    answer = command("data", "preview", tiles, "--recipe", "quick", "--out", tmp_path / "x.png")
    assert answer.status == 0
    assert "symmetries, stain" in answer.out
    with Image.open(tmp_path / "x.png") as picture:
        assert picture.size == (COLUMNS * 96, 4 * 96)


def test_a_preview_that_cannot_be_written_is_reported_without_a_traceback(
    tiles: Path, command: Callable[..., Answer]
) -> None:
    answer = command("data", "preview", tiles, "--recipe", "quick", "--out", "/proc/nowhere/x.png")
    assert answer.status == 1
    assert "/proc/nowhere" in answer.err
    assert "Traceback" not in answer.err
