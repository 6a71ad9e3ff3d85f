from __future__ import annotations

import csv
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from tests.listening import Listener
from zoo import create_model, evaluate, from_pretrained, train
from zoo.errors import DataError, UnknownNameError, UsageError
from zoo.evaluation.inference import Inference
from zoo.metrics.metrics_file import EvaluatedPart, Part
from zoo.runs import Run


def test_evaluating_a_run_gives_exactly_the_metrics_that_training_wrote(trained: Run) -> None:
    assert evaluate(trained).metrics == trained.metrics
    assert evaluate(str(trained)).metrics == trained.metrics


def test_evaluation_computes_in_full_float32_on_a_gpu(trained: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    tf32: list[bool] = []
    run = Inference.run

    def recorded(*args: Any, **kwargs: Any) -> Any:
        tf32.append(torch.backends.cudnn.allow_tf32)
        return run(*args, **kwargs)

    monkeypatch.setattr(Inference, "run", recorded)
    evaluate(trained)
    assert tf32 == [False]


def test_evaluating_a_bundle_needs_the_root_and_gives_the_metrics_of_its_run(trained: Run, tiles: Path) -> None:
    with pytest.raises(UsageError, match="--root PATH"):
        evaluate(trained.bundle)
    assert evaluate(trained.bundle, root=tiles).metrics == trained.metrics


@pytest.fixture(scope="module")
def by_file(
    trained: Run, quick: dict[str, Any], cache: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Run, Path]:
    """A run whose split came from a file, and this file, without the columns that it does not need."""
    folder = tmp_path_factory.mktemp("by-file")
    with (trained.path / "split.csv").open(newline="") as table, (folder / "split.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["key", "part"], *([row["key"], row["part"]] for row in csv.DictReader(table))])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ZOO_CACHE", str(cache))
        run = train("resnet20", out=folder / "run", split_file=folder / "split.csv", **quick)
    return run, folder / "split.csv"


def test_a_bundle_whose_split_came_from_a_file_is_evaluated_with_that_file(
    by_file: tuple[Run, Path], tiles: Path
) -> None:
    run, file = by_file
    with pytest.raises(UsageError, match="came from a file, which is not in its bundle") as refused:
        evaluate(run.bundle, root=tiles)
    assert "--split-file" in (refused.value.hint or "")
    assert evaluate(run.bundle, root=tiles, split_file=file).metrics == run.metrics
    assert evaluate(run, split_file=str(file)).metrics == run.metrics
    validation = evaluate(run.bundle, root=tiles, split_file=file, part="val")
    assert validation.metrics == evaluate(run, part="val").metrics


def test_a_file_with_another_split_than_that_of_the_training_is_refused(
    by_file: tuple[Run, Path], tiles: Path, tmp_path: Path
) -> None:
    """Images of the training would be measured as its test part."""
    run, file = by_file
    other = tmp_path / "other.csv"
    swapped = file.read_text().replace(",train", ",?").replace(",test", ",train").replace(",?", ",test")
    other.write_text(swapped)
    with pytest.raises(
        UsageError, match=r"not the data of the training, or they are split in another way than in .*other"
    ):
        evaluate(run.bundle, root=tiles, split_file=other)
    other.write_text("".join(file.read_text().splitlines(keepends=True)[:-1]))
    with pytest.raises(DataError, match="has no part"):
        evaluate(run.bundle, root=tiles, split_file=other)


def test_a_split_file_for_a_model_whose_split_came_from_none_is_refused(
    by_file: tuple[Run, Path], trained: Run, tiles: Path, tmp_path: Path
) -> None:
    fresh = create_model("resnet20", classes=from_pretrained(trained.bundle).classes).save(tmp_path / "fresh")
    for model in (trained, trained.bundle, fresh):
        with pytest.raises(UsageError, match="split_file has no effect"):
            evaluate(model, data="folder", root=tiles, split_file=by_file[1])


def test_the_measures_do_not_depend_on_the_batch_size(trained: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zoo.device.AT_ONCE", 5)
    values = evaluate(trained).metrics.measures.values
    for name, value in trained.metrics.measures.values.items():
        assert values[name] == pytest.approx(value, abs=1e-5)


def test_data_that_were_moved_are_recognized_as_the_training_data(trained: Run, tiles: Path, tmp_path: Path) -> None:
    """Data are recognized by the names and bytes of their files, not by their folder."""
    shutil.copytree(tiles, tmp_path / "elsewhere")
    assert evaluate(trained, root=tmp_path / "elsewhere").metrics == replace(
        trained.metrics, data=replace(trained.metrics.data, name="elsewhere")
    )


@pytest.mark.parametrize(("part", "count"), [("train", 24), ("val", 4), ("test", 12)])
def test_each_part_has_the_images_that_split_csv_gives_it(trained: Run, part: Part, count: int) -> None:
    with (trained.path / "split.csv").open(newline="") as file:
        wanted = {row["key"] for row in csv.DictReader(file) if row["part"] == part}
    found = evaluate(trained, part=part)
    assert {sample.key for sample in found.samples} == wanted
    assert found.metrics.measures.samples == count
    assert found.metrics.split.part == part


def test_all_images_of_other_data_are_evaluated_and_a_message_says_so(
    trained: Run, tiles: Path, tmp_path: Path, listener: Listener
) -> None:
    other = tmp_path / "other"
    for path in tiles.rglob("*.png"):
        (other / path.parent.name).mkdir(parents=True, exist_ok=True)
        with Image.open(path) as image:
            image.transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(other / path.parent.name / path.name)
    found = evaluate(trained, data="folder", root=other, progress=listener)
    assert found.metrics.measures.samples == 40
    assert replace(found.metrics.split, images_hash=None) == EvaluatedPart(part="all")
    assert any("no image is left out" in line for line in listener.heard)


def test_a_part_of_data_that_the_model_was_not_trained_on_is_refused(trained: Run, tiles: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(tiles, other)
    (other / "dark" / "00.png").unlink()
    with pytest.raises(UsageError, match="there is no train part: these are not the data"):
        evaluate(trained, root=other, part="train")


def test_a_part_without_images_is_refused(quick: dict[str, Any]) -> None:
    run = train("resnet20", fractions=(0.7, 0, 0.3), **{**quick, "epochs": 1})
    with pytest.raises(DataError, match="the val part of this split has no images"):
        evaluate(run, part="val")


def test_an_unknown_part_is_refused(trained: Run) -> None:
    with pytest.raises(UnknownNameError, match="unknown part 'validation'"):
        evaluate(trained, part="validation")  # type: ignore[arg-type]


def test_data_with_other_classes_than_the_model_are_refused(trained: Run, tiles: Path, tmp_path: Path) -> None:
    shutil.copytree(tiles / "dark", tmp_path / "other" / "shade")
    shutil.copytree(tiles / "bright", tmp_path / "other" / "bright")
    with pytest.raises(
        DataError, match="the data have the classes bright, shade, but the model has the classes bright, dark"
    ):
        evaluate(trained, data="folder", root=tmp_path / "other")


def test_a_fresh_model_cannot_be_evaluated_without_naming_the_data(tmp_path: Path) -> None:
    bundle = create_model("resnet20").save(tmp_path / "bundle")
    with pytest.raises(UsageError) as caught:
        evaluate(bundle)
    assert "does not say what it was trained on" in str(caught.value)
    assert "--data" in str(caught.value)


def test_a_fresh_model_can_be_evaluated_on_named_data(tiles: Path, tmp_path: Path) -> None:
    bundle = create_model("resnet20", classes=["bright", "dark"]).save(tmp_path / "bundle")
    assert evaluate(bundle, data="folder", root=tiles).metrics.measures.samples == 40


def test_a_written_evaluation_has_the_bytes_that_training_wrote(trained: Run, tmp_path: Path) -> None:
    found = evaluate(trained)
    found.write(tmp_path / "report")
    for name in ("metrics.json", "predictions.csv"):
        assert (tmp_path / "report" / name).read_bytes() == (trained.path / name).read_bytes()


def test_evaluating_a_run_changes_none_of_its_files(trained: Run) -> None:
    before = {path: path.read_bytes() for path in trained.path.rglob("*") if path.is_file()}
    evaluate(trained)
    assert {path: path.read_bytes() for path in trained.path.rglob("*") if path.is_file()} == before


def test_an_evaluation_has_the_probabilities_that_predict_returns(trained: Run, tiles: Path) -> None:
    classifier = from_pretrained(trained)
    found = evaluate(trained)
    for sample, row in zip(found.samples, found.probabilities, strict=True):
        alone = classifier.predict(tiles / sample.key)
        assert list(alone.probabilities.values()) == pytest.approx(row.tolist(), abs=1e-5)


def test_a_run_in_the_home_folder_is_evaluated_on_its_own_split(
    trained: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(trained.path, tmp_path / "run")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert evaluate("~/run").metrics == trained.metrics


def test_the_metrics_of_a_fold_name_the_fold(quick: dict[str, Any]) -> None:
    run = train("resnet20", **{**quick, "epochs": 1}, folds=4, fold=2)
    wanted = EvaluatedPart(unit="image", seed=0, part="test", folds=4, fold=2)
    assert replace(run.metrics.split, images_hash=None) == wanted
    assert evaluate(run.bundle, root=quick["root"]).metrics == run.metrics
    text = (run.bundle / "README.md").read_text(encoding="utf-8")
    assert "**Split:** by image, fold 2 of 4 (counted from 0), seed 0; 50% / 25% / 25% of the images" in text


def test_every_part_has_the_f1_of_the_class_that_is_rarest_in_the_whole_data_set(
    tiles: Path, tmp_path: Path, quick: dict[str, Any]
) -> None:
    """The test part has more images of it than of the other class."""
    data = tmp_path / "data"
    shutil.copytree(tiles, data)
    rare, common = sorted(path.name for path in data.iterdir() if path.is_dir())
    for path in sorted((data / rare).glob("*.png"))[5:]:
        path.unlink()
    rows = ["key,part"]
    for name in (rare, common):
        for index, path in enumerate(sorted((data / name).glob("*.png"))):
            part = "test" if index < (3 if name == rare else 1) else "val" if index == 3 else "train"
            rows.append(f"{path.relative_to(data).as_posix()},{part}")
    (tmp_path / "split.csv").write_text("\n".join(rows) + "\n")
    run = train("resnet20", out=tmp_path / "run", **{**quick, "root": data, "split_file": tmp_path / "split.csv"})
    measures = run.metrics.measures
    assert measures.per_class[rare]["support"] == 3
    assert measures.per_class[common]["support"] == 1
    assert measures.minority == rare
    assert measures.values["f1_minority"] == measures.per_class[rare]["f1"]
