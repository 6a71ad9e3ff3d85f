from __future__ import annotations

import csv
import shutil
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.listening import Listener
from zoo import evaluate, train, train_many
from zoo.config.plain import plain
from zoo.config.train_config import TrainConfig
from zoo.errors import DataError, ZooError
from zoo.progress import Silent
from zoo.runs import Run
from zoo.training.plan import make_plan
from zoo.training.training_data import TrainingData

pytestmark = pytest.mark.usefixtures("empty_charts")

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


@pytest.fixture
def copied(tiles: Path, tmp_path: Path) -> Path:
    """A table of 40 images of eight patients, of which two patients share an image and two images differ in label."""
    shutil.copytree(tiles, tmp_path / "tiles")
    with Image.open(tiles / "dark" / "00.png") as image:
        image.save(tmp_path / "tiles" / "dark" / "19.png", compress_level=0)  # the same pixels in other bytes
        image.save(tmp_path / "tiles" / "bright" / "00.png", compress_level=0)
    rows = [
        f"tiles/{label}/{number:02d}.png,{label},{label}{number // 5}"
        for label in ("bright", "dark")
        for number in range(20)
    ]
    (tmp_path / "table.csv").write_text("path,label,group\n" + "\n".join(rows), encoding="utf-8")
    return tmp_path / "table.csv"


@pytest.mark.parametrize("store", [True, False])
def test_identical_images_of_two_patients_are_kept_in_one_part_told_and_recorded(
    copied: Path, quick: Settings, store: bool
) -> None:
    listener = Listener()
    settings = {**quick, "data": "csv", "root": copied, "select": "last", "fractions": (0.6, 0, 0.4)}
    run = train("resnet20", store=store, progress=listener, **settings)
    rows = (run.path / "split.csv").read_text(encoding="utf-8").splitlines()
    table = {row[0]: row[3] for row in csv.reader(rows)}
    assert len({table[f"tiles/{name}.png"] for name in ("dark/00", "dark/19", "bright/00", "bright/04")}) == 1
    assert plain(run.record.split.identical) == {
        "images": 3,
        "different": 1,
        "conflicts": 1,
        "joined": 3,
        "excluded": 0,
    }
    heard = "\n".join(listener.heard)
    assert "identical images: 3, of 1 different ones; patients that share an image are in the same part (3)" in heard
    assert "identical images with different labels, which cannot all be right: 1" in heard
    assert evaluate(run.bundle, data="csv", root=copied).metrics == run.metrics  # the split is made again


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"folds": 9}, "8 patients cannot be divided into 9 folds"),
        ({"folds": 5}, "the class 'bright' has 4 patients, too few for 5 folds"),
        ({"split": "fixed"}, "these data do not come with a split"),
        ({"split_file": "key,part\ntiles/dark/00.png,train\n"}, "the image 'tiles/bright/00.png' has no part"),
        ({"split_file": ""}, "the table must have the columns"),
        ({"batch_size": 33}, "a batch of 33 is larger than the training part, of \\d+ images"),
        (
            {"fractions": (0.6, 0, 0.4), "threshold": "validation"},
            "the validation part does not have images of both classes",
        ),
    ],
)
def test_an_impossible_split_is_refused_before_an_image_is_read(
    copied: Path, quick: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings, text: str
) -> None:
    monkeypatch.setenv("ZOO_CACHE", str(tmp_path / "cache"))
    if "split_file" in settings:
        (tmp_path / "split.csv").write_text(settings["split_file"], encoding="utf-8")
        settings = {"split_file": tmp_path / "split.csv"}
    given = {**quick, "data": "csv", "root": copied, "select": "last", **settings}
    with pytest.raises(ZooError, match=text):
        train("resnet20", **given)
    with pytest.raises(ZooError, match=text):
        train_many(["resnet20"], seeds=2, **given)
    assert not (tmp_path / "cache").exists()
    assert not Path("runs").exists()


def test_the_split_file_of_a_run_may_lack_an_image_that_cannot_be_read(
    one_unreadable: Path, quick: Settings, tmp_path: Path
) -> None:
    keys = [f"{label}/{number:02d}.png" for label in ("bright", "dark") for number in range(20)]
    rows = [f"{key},{'test' if int(key[-6:-4]) >= 12 else 'train'}" for key in keys if key != "dark/03.png"]
    (tmp_path / "split.csv").write_text("key,part\n" + "\n".join(rows), encoding="utf-8")
    plan = make_plan(
        TrainConfig.from_keywords(
            "resnet20",
            {**quick, "root": one_unreadable, "select": "last", "split_file": tmp_path / "split.csv", "tolerate": 0.05},
        )
    )
    data = TrainingData.read(plan, Silent())
    assert (len(data.split.train), len(data.split.test)) == (23, 16)


def test_a_split_file_with_identical_images_in_two_parts_is_refused_before_a_run_is_made_or_marked_as_leaked(
    copied: Path, quick: Settings, tmp_path: Path
) -> None:
    keys = [row.split(",")[0] for row in copied.read_text().splitlines()[1:]]
    rows = [f"{key},{'test' if int(key[-6:-4]) >= 12 else 'train'}" for key in keys]
    (tmp_path / "split.csv").write_text("key,part\n" + "\n".join(rows), encoding="utf-8")
    settings = {**quick, "data": "csv", "root": copied, "select": "last", "split_file": tmp_path / "split.csv"}
    with pytest.raises(DataError, match="identical images are in several parts of this split") as caught:
        train("resnet20", **settings)
    assert "--identical allow" in str(caught.value)
    assert not Path("runs").exists()
    leak = train("resnet20", identical="allow", **settings).record.split.leak
    assert leak is not None
    assert leak.identical == 1
    record = train("resnet20", identical="exclude", **settings).record
    assert record.split.images.train == 22
    assert record.split.identical is not None
    assert record.split.identical.excluded == 2
