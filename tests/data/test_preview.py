from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.strangers import Answer
from zoo.data import Manifest
from zoo.data.preview import COLUMNS, preview
from zoo.errors import DataError
from zoo.registry import registry

RECIPE = replace(registry().recipe("modern"), height=24, width=16)


def test_a_row_as_they_are_one_for_each_step_and_one_for_all(few: Manifest) -> None:
    sheet = preview(few, RECIPE, seed=0)
    assert sheet.size == (COLUMNS * 16, (len(RECIPE.augment) + 2) * 24)
    rows = np.asarray(sheet).reshape(len(RECIPE.augment) + 2, 24, COLUMNS * 16, 3)
    assert all((rows[0] != row).any() for row in rows[1:])


def test_mixing_shows_in_the_last_row_alone(few: Manifest) -> None:
    plain, mixed = (np.asarray(preview(few, replace(RECIPE, mixing=how), seed=0)) for how in ("none", "mixup"))
    assert (plain[:-24] == mixed[:-24]).all()
    assert (plain[-24:] != mixed[-24:]).any()


def test_the_same_seed_gives_the_same_picture(few: Manifest) -> None:
    first = preview(few, RECIPE, seed=1).tobytes()
    assert preview(few, RECIPE, seed=1).tobytes() == first
    assert preview(few, RECIPE, seed=2).tobytes() != first


def test_what_cannot_be_read_is_passed_over(few: Manifest) -> None:
    for sample in few.samples[:35]:
        sample.path.write_bytes(b"")
    assert preview(few, RECIPE, seed=0).size[0] == 5 * 16
    for sample in few.samples:
        sample.path.write_bytes(b"")
    with pytest.raises(DataError, match="none of the images can be read"):
        preview(few, RECIPE, seed=0)


def test_the_command_writes_it(tiles: Path, tmp_path: Path, command: Callable[..., Answer]) -> None:
    answer = command("data", "preview", tiles, "--recipe", "quick", "--out", tmp_path / "x.png")
    assert answer.status == 0
    assert "symmetries, stain" in answer.out
    with Image.open(tmp_path / "x.png") as picture:
        assert picture.size == (COLUMNS * 96, 4 * 96)


def test_a_place_that_cannot_be_written_is_told(tiles: Path, command: Callable[..., Answer]) -> None:
    answer = command("data", "preview", tiles, "--recipe", "quick", "--out", "/proc/nowhere/x.png")
    assert answer.status == 1
    assert "/proc/nowhere/x.png" in answer.err
    assert "Traceback" not in answer.err
