"""What a training makes of its data: bad files, the store or none, patients on both sides."""

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
    return (run.path / "metrics.json").read_text()


def test_without_the_store_the_numbers_are_the_same(trained: Run, quick: Settings, tmp_path: Path) -> None:
    streamed = train("resnet20", out=tmp_path / "run", store=False, **quick)
    assert _metrics(streamed) == _metrics(trained)
    assert (streamed.bundle / "model.safetensors").read_bytes() == (trained.bundle / "model.safetensors").read_bytes()


@pytest.fixture
def spoiled(tiles: Path, tmp_path: Path) -> Path:
    """One of forty images is empty."""
    shutil.copytree(tiles, tmp_path / "spoiled")
    (tmp_path / "spoiled" / "dark" / "03.png").write_bytes(b"")
    return tmp_path / "spoiled"


def test_more_bad_images_than_tolerated_stop_it_before_a_run_is_made(spoiled: Path, quick: Settings) -> None:
    with pytest.raises(DataError, match="1 of 40 images cannot be read, more than 1%"):
        train("resnet20", **{**quick, "root": spoiled})
    assert not Path("runs").exists()


def test_fewer_are_left_out_said_and_recorded_each(spoiled: Path, quick: Settings, listener: Listener) -> None:
    run = train("resnet20", tolerate=0.05, progress=listener, **{**quick, "root": spoiled})
    assert any("1 of 40 images cannot be read and are left out" in text for text in listener.heard)
    assert run.record.unreadable == {"dark/03.png": "is not an image of a known format"}
    assert run.record.data.unreadable == 1
    assert "dark/03.png" not in (run.path / "split.csv").read_text()
    assert evaluate(run, tolerate=0.05).metrics == evaluate(run, tolerate=0.05, store=False).metrics


def test_patients_on_both_sides_are_said_and_recorded(tmp_path: Path, quick: Settings, tiles: Path) -> None:
    rows = [
        f"{path},{path.parent.name},p{path.parent.name}{number // 5}"
        for label in ("bright", "dark")
        for number, path in enumerate(sorted((tiles / label).iterdir()))
    ]
    (tmp_path / "table.csv").write_text("path,label,group\n" + "\n".join(rows), encoding="utf-8")
    heard = Listener()
    settings = {**quick, "data": "csv", "root": tmp_path / "table.csv", "progress": heard}
    run = train("resnet20", split="image", **settings)
    leak = run.record.split.leak
    assert leak.share > 0.5
    assert any("test patients are also in training" in text for text in heard.heard)
    run = train("resnet20", **settings)
    assert run.record.split.unit == "patient"
    assert run.record.split.leak is None


def test_what_is_measured_is_never_resampled(quick: Settings) -> None:
    run = train("resnet20", sampling="balanced", mixing="mixup", loss="focal", **quick)
    keys = [row.split(",")[0] for row in (run.path / "predictions.csv").read_text().splitlines()[1:]]
    assert len(keys) == len(set(keys)) == run.record.split.images.test
