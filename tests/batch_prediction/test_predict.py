from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

import zoo
from zoo.batch_prediction.ensemble import symmetric_views
from zoo.batch_prediction.predict import NOT_FINITE
from zoo.errors import DataError, UsageError
from zoo.runs import Run


def test_a_folder_gives_the_predictions_that_the_classifier_gives_for_its_images(trained: Run, tiles: Path) -> None:
    model = zoo.from_pretrained(trained)
    rows = list(zoo.predict(model, tiles, device="cpu", batch_size=7))
    assert [row.path for row in rows] == sorted(tiles.rglob("*.png"))
    for row in rows:
        wanted = model.predict(row.path)
        assert row.prediction is not None
        assert row.prediction.label == wanted.label
        assert row.prediction.probabilities == pytest.approx(wanted.probabilities, abs=1e-6)


def test_a_damaged_image_is_a_row_with_its_error_and_the_others_are_predicted(
    trained: Run, tiles: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "mixed"
    shutil.copytree(tiles / "dark", folder)
    (folder / "03.png").write_bytes((folder / "04.png").read_bytes()[:300])
    (folder / "07.png").write_text("no picture")
    rows = list(zoo.predict(trained.path, folder, batch_size=3))
    assert len(rows) == 20
    assert [row.path.name for row in rows if row.prediction is None] == ["03.png", "07.png"]
    assert all(row.error for row in rows if row.prediction is None)


def test_files_folders_and_patterns_are_taken_in_the_order_given(trained: Run, tiles: Path) -> None:
    given = [tiles / "dark" / "05.png", str(tiles / "b*" / "1*.png"), tiles / "dark"]
    paths = [row.path for row in zoo.predict(trained.path, given)]
    assert paths == [given[0], *sorted(tiles.glob("b*/1*.png")), *sorted((tiles / "dark").glob("*.png"))]


@pytest.mark.parametrize("missing", ["nowhere.png", "nowhere/*.png"])
def test_a_path_that_names_nothing_is_an_error_before_the_first_prediction(trained: Run, missing: str) -> None:
    with pytest.raises(DataError, match=r"there is no such|matches no file"):
        list(zoo.predict(trained.path, [missing]))


def test_several_models_give_the_mean_of_their_probabilities(trained: Run, tiles: Path) -> None:
    torch.manual_seed(5)
    other = zoo.create_model("resnet20", classes=["dark", "bright"])
    image = tiles / "dark" / "01.png"
    (row,) = zoo.predict([trained.path, other], image)
    first, second = zoo.from_pretrained(trained).predict(image), other.predict(image)
    assert row.prediction is not None
    for name in ("bright", "dark"):
        mean = (first.probabilities[name] + second.probabilities[name]) / 2
        assert row.prediction.probabilities[name] == pytest.approx(mean, abs=1e-6)


def test_models_with_different_classes_are_refused(trained: Run, tiles: Path) -> None:
    other = zoo.create_model("resnet20", classes=["left", "right"])
    with pytest.raises(UsageError, match="different classes"):
        zoo.predict([trained.path, other], tiles)


def test_with_symmetries_a_rotated_or_reflected_image_gets_the_same_prediction(trained: Run, tmp_path: Path) -> None:
    pixels = np.random.default_rng(1).integers(
        0, 256, (64, 64, 3), dtype=np.uint8
    )  # the input size: nothing is resized
    for number, view in enumerate([pixels, pixels[::-1], np.rot90(pixels), pixels.transpose(1, 0, 2)]):
        Image.fromarray(np.ascontiguousarray(view)).save(tmp_path / f"{number}.png")
    torch.manual_seed(0)
    model = zoo.create_model("resnet20", classes=["a", "b"])
    rows = list(zoo.predict(model, tmp_path, symmetries=True))
    values = [row.prediction.probabilities["a"] for row in rows if row.prediction]
    assert values == pytest.approx([values[0]] * 4, abs=1e-6)
    plain = [row.prediction.probabilities["a"] for row in zoo.predict(model, tmp_path) if row.prediction]
    assert max(plain) - min(plain) > 1e-5


def test_a_square_has_eight_symmetries_and_a_rectangle_four() -> None:
    square = torch.arange(9.0).view(1, 1, 3, 3)
    assert len({tuple(view.flatten().tolist()) for view in symmetric_views(square)}) == 8
    rectangle = torch.arange(6.0).view(1, 1, 2, 3)
    assert len({tuple(view.flatten().tolist()) for view in symmetric_views(rectangle)}) == 4


def test_images_are_read_as_they_are_needed_and_not_all_at_once(
    trained: Run, tiles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Were the files read ahead without a limit, ten million of them would fill the memory."""
    from zoo.batch_prediction import ensemble

    read = ensemble.read_first_page
    count = 0

    def counted(path: Path) -> tuple[Image.Image, bool]:
        nonlocal count
        count += 1
        return read(path)

    monkeypatch.setattr(ensemble, "read_first_page", counted)
    rows = zoo.predict(trained.path, [tiles / "dark" / "01.png"] * 5000, batch_size=4)
    for _ in range(8):
        next(rows)
    assert 8 <= count < 3000
    rows.close()


def test_an_image_without_a_finite_output_has_an_error_and_no_probability(tiles: Path) -> None:
    model = zoo.create_model("resnet20", classes=["a", "b"])
    with torch.no_grad():
        next(iter(model.network.parameters())).fill_(float("nan"))
    rows = list(zoo.predict(model, tiles / "dark" / "01.png"))
    assert [(row.prediction, row.error) for row in rows] == [(None, NOT_FINITE)]
