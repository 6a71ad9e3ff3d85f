from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import one_document
from tests.evaluation.tables import draw_table
from tests.installed_packages import Answer
from zoo import create_model
from zoo.config.plain import plain
from zoo.runs import Run

Command = Callable[..., Answer]


def test_evaluating_a_run_gives_the_measures_that_training_printed(run: Command, trained: Run) -> None:
    assert one_document(run("evaluate", str(trained), "--json")) == plain(trained.metrics)
    answer = run("evaluate", str(trained))
    for name, value in trained.metrics.measures.values.items():
        if name in ("accuracy", "loss", "auroc", "balanced_accuracy"):
            assert f"{value:.3f}" in answer.out
    assert "measured on 12 images of tiles (test part of a split by image, seed 0)" in answer.out
    assert "95 % interval" in answer.out


def test_a_bundle_can_be_evaluated_on_the_training_part(run: Command, trained: Run, tiles: Path) -> None:
    document: Any = one_document(
        run("evaluate", str(trained.bundle), "--root", str(tiles), "--part", "train", "--json")
    )
    assert document["split"]["part"] == "train"
    assert document["measures"]["samples"] == 24


def test_metrics_and_predictions_are_written_to_the_folder_given_by_out(run: Command, trained: Run) -> None:
    answer = run("evaluate", str(trained), "--out", "report")
    assert "Saved to report" in answer.out
    for name in ("metrics.json", "predictions.csv"):
        assert (Path("report") / name).read_bytes() == (trained.path / name).read_bytes()
    page = (Path("report") / "report.html").read_text()
    assert "Loss by epoch" in page
    assert "Is the network worth it?" in page
    assert "simple model" in page


def test_other_data_are_evaluated_completely_with_a_message(
    run: Command, trained: Run, tiles: Path, tmp_path: Path
) -> None:
    other = shutil.copytree(tiles, tmp_path / "other")
    (other / "dark" / "00.png").unlink()
    answer = run("evaluate", str(trained), "--data", "folder", "--root", str(other), "--include-seen")
    assert "measured on 39 images of other (all images)" in answer.out
    assert "these are not the data of the training" in answer.err


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("nowhere",), "nowhere: there is no such folder"),
        (("dala",), "this is the name of a model, not a trained model"),
        (("empty",), "empty: this folder is neither a run nor a bundle"),
        (("fresh",), "this model does not say what it was trained on"),
        (("TRAINED/bundle",), "--root PATH"),
        (("TRAINED", "--data", "breakhis", "--root", "empty"), "--data folder"),
        (("TRAINED", "--root", "nowhere"), "nowhere: there is no such folder"),
        (("TRAINED", "--out", "file/report"), "file"),
        (("TRAINED", "--device", "gpu"), "the device 'gpu' cannot be used"),
    ],
)
def test_an_invalid_model_or_option_of_evaluate_is_an_error_without_a_traceback(
    run: Command, trained: Run, words: tuple[str, ...], text: str
) -> None:
    Path("empty").mkdir()
    Path("file").touch()
    create_model("resnet20").save("fresh")
    answer = run("evaluate", *(word.replace("TRAINED", str(trained)) for word in words))
    assert answer.status == 1
    assert text in answer.err
    assert "Traceback" not in answer.err
    assert answer.out == ""


def test_an_unknown_part_to_evaluate_is_a_usage_error(run: Command, trained: Run) -> None:
    assert run("evaluate", str(trained), "--part", "tset").status == 2


def test_an_earlier_evaluation_is_not_overwritten(run: Command, trained: Run) -> None:
    assert run("evaluate", str(trained), "--out", "report").status == 0
    before = (Path("report") / "metrics.json").read_bytes()
    for folder in ("report", str(trained)):
        answer = run("evaluate", str(trained), "--out", folder, "--part", "val")
        assert answer.status == 1
        assert "metrics.json: already exists; nothing is overwritten" in answer.err
        assert "--out" in answer.err
    assert (Path("report") / "metrics.json").read_bytes() == before


@pytest.fixture
def grid(trained: Run, tmp_path: Path) -> Path:
    """A folder with two finished runs, and one that is not."""
    for name in ("resnet20-0", "resnet20-1"):
        shutil.copytree(trained.path, tmp_path / "grid" / name)
    shutil.copytree(trained.path, tmp_path / "grid" / "resnet20-2", ignore=lambda folder, names: ["bundle"])
    return tmp_path / "grid"


def test_a_grid_and_other_models_have_one_table_and_a_folder_each(run: Command, grid: Path, trained: Run) -> None:
    answer = run("evaluate", str(grid), str(trained), "--out", "out")
    assert answer.status == 0, answer.err
    lines = [line.split() for line in answer.out.splitlines()]
    value = f"{trained.metrics.measures.values['balanced_accuracy']:.3f}"
    for name in ("resnet20-0", "resnet20-1", trained.path.name):
        assert [row for row in lines if row[:3] == [name, "12", "–"] and value in row], answer.out
        for file in ("metrics.json", "predictions.csv", "report.html", "report.md"):
            assert (Path("out") / name / file).is_file()
    assert ["resnet20", "tiles", "3", value, "0.000"] in lines
    assert "1 run not finished and left out: resnet20-2" in answer.out
    assert "zoo compare tests the differences" in answer.out
    assert (Path("out") / "table.csv").is_file()


def test_several_models_are_one_json_document(run: Command, grid: Path, trained: Run) -> None:
    document: Any = one_document(run("evaluate", str(grid), "--json"))
    assert document["models"] == {name: plain(trained.metrics) for name in ("resnet20-0", "resnet20-1")}
    assert (document["failures"], document["unfinished"]) == ({}, ["resnet20-2"])


def test_a_model_that_cannot_be_evaluated_is_listed_and_the_status_is_1(run: Command, trained: Run) -> None:
    answer = run("evaluate", str(trained), "nowhere")
    assert answer.status == 1
    assert "1 model could not be evaluated" in answer.out
    assert "nowhere: there is no such folder" in answer.out


def test_nothing_is_overwritten_by_several_models_and_that_is_said_before_the_work(run: Command, grid: Path) -> None:
    (Path("out") / "resnet20-1").mkdir(parents=True)
    (Path("out") / "resnet20-1" / "metrics.json").touch()
    answer = run("evaluate", str(grid), "--out", "out")
    assert answer.status == 1
    assert "already exists; nothing is overwritten" in answer.err
    assert not (Path("out") / "resnet20-0").exists()


def test_measures_by_column_and_mapped_classes_are_printed(run: Command, trained: Run, tmp_path: Path) -> None:
    table = draw_table(
        tmp_path / "images",
        patients=6,
        images=2,
        label=lambda patient, number: ("light, a", "shade", "night")[patient % 3],
        columns=lambda patient, number: {"scanner": ("A", "B\x1b[31m\nC")[number]},
    )
    names = ["--map", '"light, a"=bright, shade=dark', "--map", "night=dark"]
    answer = run("evaluate", str(trained), "--data", "csv", "--root", str(table), "--by", "scanner", *names)
    assert answer.status == 0, answer.err
    assert "classes of the data were counted as those of the model: light, a as bright, shade as dark" in answer.out
    assert "one answer for each of 6 patients, the mean of the logits of the patient's images" in answer.out
    assert r"B\x1b[31m\nC" in answer.out
    assert "note: fewer than 10 patients, too few to compare: A" in answer.out
    assert "Another scale: the model was trained on images of 48x40 pixels, and these have 32x32" in answer.out


@pytest.mark.parametrize("text", ["light", "light=", "=dark", "a=b,,"])
def test_a_map_that_cannot_be_read_is_a_usage_error(run: Command, trained: Run, text: str) -> None:
    answer = run("evaluate", str(trained), "--map", text)
    assert answer.status == 2
    assert "is not DATA_CLASS=MODEL_CLASS" in answer.err


def test_a_class_that_is_mapped_twice_is_a_usage_error(run: Command, trained: Run) -> None:
    answer = run("evaluate", str(trained), "--map", "a=b", "--map", "a=c")
    assert answer.status == 2
    assert "'a' is mapped to both 'b' and 'c'" in answer.err
