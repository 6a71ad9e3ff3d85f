"""The picture of a training's course."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.training.rows import course
from zoo.training.curves import BALANCED, INK, TRAINING, VALIDATION, draw_curves
from zoo.training.history import Epoch

NOT_VALIDATED = {"val_loss": None, "val_accuracy": None, "val_balanced_accuracy": None, "best": None}


def picture(rows: Sequence[Epoch], folder: Path) -> np.ndarray:
    path = folder / "curves.png"
    draw_curves(rows, path)
    assert [entry.name for entry in folder.iterdir()] == ["curves.png"]
    with Image.open(path) as image:
        assert image.format == "PNG"
        return np.asarray(image.convert("RGB")).astype(int)


def drops(pixels: np.ndarray, colour: str) -> np.ndarray:
    """Where a colour is."""
    wanted = [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
    return (abs(pixels - wanted) <= 2).all(axis=2)


@pytest.mark.parametrize("epochs", [1, 2, 3, 50])
def test_all_lines_are_there_and_it_is_1200_pixels_wide(tmp_path: Path, epochs: int) -> None:
    pixels = picture(course(epochs), tmp_path)
    assert pixels.shape[1] == 1200
    for colour in (TRAINING, VALIDATION, BALANCED):
        assert drops(pixels, colour).sum() > 100
    edges = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    assert (edges == 255).all()  # nothing is cut off


def test_without_validation_there_is_the_training_alone(tmp_path: Path) -> None:
    rows = [replace(row, **NOT_VALIDATED) for row in course(12)]
    pixels = picture(rows, tmp_path)
    assert drops(pixels, TRAINING).any()
    assert not drops(pixels, VALIDATION).any()
    assert not drops(pixels, BALANCED).any()


def test_missing_values_leave_a_gap(tmp_path: Path) -> None:
    rows = course(20)
    whole = drops(picture(rows, tmp_path), BALANCED).sum()
    gappy = [replace(row, **NOT_VALIDATED) if row.epoch in (3, 4, 8, 20) else row for row in rows]
    assert 0 < drops(picture(gappy, tmp_path), BALANCED).sum() < whole


def test_a_loss_that_is_no_number_is_left_out(tmp_path: Path) -> None:
    rows = [replace(row, val_loss=float("nan")) if row.epoch > 5 else row for row in course(12)]
    assert drops(picture(rows, tmp_path), VALIDATION).any()


@pytest.mark.parametrize("best", [2, 9])
def test_the_best_epoch_is_marked_where_it_is(tmp_path: Path, best: int) -> None:
    rows = [replace(row, best=row.epoch == best) for row in course(10)]
    other = [replace(row, best=row.epoch == 5) for row in course(10)]
    marks = drops(picture(rows, tmp_path), INK).sum(axis=0)
    without = drops(picture(other, tmp_path), INK).sum(axis=0)
    column = int((marks - without)[100:1180].argmax()) + 100  # right of the words
    assert abs(column - (100 + (best - 0.85) / 9.3 * 1080)) < 30


def test_it_is_named_with_its_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from matplotlib.axes import Axes

    titles: list[str] = []
    monkeypatch.setattr(Axes, "set_title", lambda self, text, **rest: titles.append(text))
    rows = [replace(row, best=row.epoch == 2, val_loss=0.5, val_balanced_accuracy=0.75) for row in course(3)]
    draw_curves(rows, tmp_path / "curves.png")
    draw_curves([replace(row, best=None) for row in rows], tmp_path / "curves.png")
    draw_curves([replace(row, **NOT_VALIDATED, train_loss=0.25) for row in rows], tmp_path / "curves.png")
    assert titles == [
        "best epoch: 2   (validation loss 0.500, balanced accuracy 0.750)",
        "kept: epoch 3, the last   (validation loss 0.500, balanced accuracy 0.750)",
        "kept: epoch 3, the last   (training loss 0.250)",
    ]


def test_the_same_rows_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        draw_curves(course(5), tmp_path / name)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_nobody_elses_figures_are_touched(tmp_path: Path) -> None:
    """A notebook's own pictures and settings stay as they are."""
    before = "matplotlib.pyplot" in sys.modules
    draw_curves(course(2), tmp_path / "curves.png")
    assert ("matplotlib.pyplot" in sys.modules) == before


def test_where_it_cannot_be_written_nothing_half_written_stays(tmp_path: Path) -> None:
    (tmp_path / "curves.png").mkdir()
    with pytest.raises(OSError, match=r"curves\.png"):
        draw_curves(course(2), tmp_path / "curves.png")
    assert [entry.name for entry in tmp_path.iterdir()] == ["curves.png"]


def test_a_run_has_one(trained: object) -> None:
    from zoo.runs import Run

    assert isinstance(trained, Run)
    with Image.open(trained.path / "curves.png") as image:
        assert image.width == 1200
