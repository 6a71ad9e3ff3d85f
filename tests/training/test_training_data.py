from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.listening import Listener
from zoo import evaluate, train
from zoo.errors import DataError
from zoo.runs import Run

Settings = dict[str, Any]


def _metrics(run: Run) -> str:
    """Return the text of metrics.json."""
    return (run.path / "metrics.json").read_text()


def test_training_without_the_store_gives_the_same_weights_and_metrics(
    trained: Run, quick: Settings, tmp_path: Path
) -> None:
    streamed = train("resnet20", out=tmp_path / "run", store=False, **quick)
    assert _metrics(streamed) == _metrics(trained)
    assert (streamed.bundle / "model.safetensors").read_bytes() == (trained.bundle / "model.safetensors").read_bytes()


@pytest.fixture
def one_unreadable(tiles: Path, tmp_path: Path) -> Path:
    """Forty images, one of them an empty file."""
    shutil.copytree(tiles, tmp_path / "tiles")
    (tmp_path / "tiles" / "dark" / "03.png").write_bytes(b"")
    return tmp_path / "tiles"


def test_more_unreadable_images_than_tolerated_are_an_error_before_a_run_is_made(
    one_unreadable: Path, quick: Settings
) -> None:
    with pytest.raises(DataError, match="1 of 40 images cannot be read, more than 1%"):
        train("resnet20", **{**quick, "root": one_unreadable})
    assert not Path("runs").exists()


def test_unreadable_images_within_the_tolerance_are_skipped_reported_and_recorded(
    one_unreadable: Path, quick: Settings, listener: Listener
) -> None:
    run = train("resnet20", tolerate=0.05, progress=listener, **{**quick, "root": one_unreadable})
    assert any("1 of 40 images cannot be read and are left out" in text for text in listener.heard)
    assert run.record.unreadable == {"dark/03.png": "is not an image of a known format"}
    assert run.record.data.unreadable == 1
    assert "dark/03.png" not in (run.path / "split.csv").read_text()
    assert evaluate(run, tolerate=0.05).metrics == evaluate(run, tolerate=0.05, store=False).metrics


def test_patients_in_both_training_and_test_part_are_reported_and_recorded(
    tmp_path: Path, quick: Settings, tiles: Path
) -> None:
    rows = [
        f"{path},{path.parent.name},p{path.parent.name}{number // 5}"
        for label in ("bright", "dark")
        for number, path in enumerate(sorted((tiles / label).iterdir()))
    ]
    (tmp_path / "table.csv").write_text("path,label,group\n" + "\n".join(rows), encoding="utf-8")
    listener = Listener()
    settings = {**quick, "data": "csv", "root": tmp_path / "table.csv", "progress": listener}
    run = train("resnet20", split="image", **settings)
    leak = run.record.split.leak
    assert leak is not None
    assert leak.share > 0.5
    assert any("test patients are also in training" in text for text in listener.heard)
    run = train("resnet20", **settings)
    assert run.record.split.unit == "patient"
    assert run.record.split.leak is None


def test_each_test_image_is_predicted_once_under_balanced_sampling_and_mixing(quick: Settings) -> None:
    run = train("resnet20", sampling="balanced", mixing="mixup", loss="focal", **quick)
    keys = [row.split(",")[0] for row in (run.path / "predictions.csv").read_text().splitlines()[1:]]
    assert len(keys) == len(set(keys)) == run.record.split.images.test
