from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import one_document
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
