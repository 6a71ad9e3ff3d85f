from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.training.epochs import made_up_epochs
from zoo.runs import Run
from zoo.runs.history import Epoch
from zoo.training.curves import BALANCED, INK, TRAINING, VALIDATION, draw_curves

NO_VALIDATION = {"val_loss": None, "val_accuracy": None, "val_balanced_accuracy": None, "best": None}


def drawn(rows: Sequence[Epoch], folder: Path) -> np.ndarray:
    """Draw curves and return the pixels of the picture."""
    path = folder / "curves.png"
    draw_curves(rows, path)
    assert [entry.name for entry in folder.iterdir()] == ["curves.png"]
    with Image.open(path) as image:
        assert image.format == "PNG"
        return np.asarray(image.convert("RGB")).astype(int)


def mask(pixels: np.ndarray, color: str) -> np.ndarray:
    """Return which pixels have a color."""
    wanted = [int(color[at : at + 2], 16) for at in (1, 3, 5)]
    return (abs(pixels - wanted) <= 2).all(axis=2)


@pytest.mark.parametrize("epochs", [1, 2, 3, 50])
def test_the_picture_is_1200_pixels_wide_and_shows_all_curves(tmp_path: Path, epochs: int) -> None:
    pixels = drawn(made_up_epochs(epochs), tmp_path)
    assert pixels.shape[1] == 1200
    for color in (TRAINING, VALIDATION, BALANCED):
        assert mask(pixels, color).sum() > 100
    edges = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    assert (edges == 255).all()  # nothing is cut off


def test_without_validation_only_the_training_loss_is_drawn(tmp_path: Path) -> None:
    rows = [replace(row, **NO_VALIDATION) for row in made_up_epochs(12)]
    pixels = drawn(rows, tmp_path)
    assert mask(pixels, TRAINING).any()
    assert not mask(pixels, VALIDATION).any()
    assert not mask(pixels, BALANCED).any()


def test_epochs_without_validation_leave_a_gap_in_the_curve(tmp_path: Path) -> None:
    rows = made_up_epochs(20)
    whole = mask(drawn(rows, tmp_path), BALANCED).sum()
    with_gaps = [replace(row, **NO_VALIDATION) if row.epoch in (3, 4, 8, 20) else row for row in rows]
    assert 0 < mask(drawn(with_gaps, tmp_path), BALANCED).sum() < whole


def test_a_loss_that_is_nan_is_not_drawn(tmp_path: Path) -> None:
    rows = [replace(row, val_loss=float("nan")) if row.epoch > 5 else row for row in made_up_epochs(12)]
    assert mask(drawn(rows, tmp_path), VALIDATION).any()


@pytest.mark.parametrize("best", [2, 9])
def test_a_vertical_line_marks_the_best_epoch(tmp_path: Path, best: int) -> None:
    rows = [replace(row, best=row.epoch == best) for row in made_up_epochs(10)]
    other = [replace(row, best=row.epoch == 5) for row in made_up_epochs(10)]
    marks = mask(drawn(rows, tmp_path), INK).sum(axis=0)
    without = mask(drawn(other, tmp_path), INK).sum(axis=0)
    column = int((marks - without)[100:1180].argmax()) + 100  # right of the title
    assert abs(column - (100 + (best - 0.85) / 9.3 * 1080)) < 30


def test_the_title_has_the_kept_epoch_with_its_loss_and_accuracy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from matplotlib.axes import Axes

    titles: list[str] = []
    monkeypatch.setattr(Axes, "set_title", lambda self, text, **rest: titles.append(text))
    rows = [replace(row, best=row.epoch == 2, val_loss=0.5, val_balanced_accuracy=0.75) for row in made_up_epochs(3)]
    draw_curves(rows, tmp_path / "curves.png")
    draw_curves([replace(row, best=None) for row in rows], tmp_path / "curves.png")
    draw_curves([replace(row, **NO_VALIDATION, train_loss=0.25) for row in rows], tmp_path / "curves.png")
    assert titles == [
        "best epoch: 2   (validation loss 0.500, balanced accuracy 0.750)",
        "epoch kept: 3, the last   (validation loss 0.500, balanced accuracy 0.750)",
        "epoch kept: 3, the last   (training loss 0.250)",
    ]


def test_the_same_epochs_are_drawn_to_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        draw_curves(made_up_epochs(5), tmp_path / name)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_drawing_does_not_import_pyplot_whose_figures_and_settings_are_global(tmp_path: Path) -> None:
    before = "matplotlib.pyplot" in sys.modules
    draw_curves(made_up_epochs(2), tmp_path / "curves.png")
    assert ("matplotlib.pyplot" in sys.modules) == before


def test_a_picture_that_cannot_be_written_leaves_no_part_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "curves.png").mkdir()
    with pytest.raises(OSError, match=r"curves\.png"):
        draw_curves(made_up_epochs(2), tmp_path / "curves.png")
    assert [entry.name for entry in tmp_path.iterdir()] == ["curves.png"]


def test_a_run_folder_has_a_picture_of_its_curves(trained: Run) -> None:
    with Image.open(trained.path / "curves.png") as image:
        assert image.width == 1200
