from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import one_document
from tests.grids import finish_cell, grid_config, make_grid
from tests.installed_packages import Answer
from zoo.config.plain import plain
from zoo.registry import registry
from zoo.runs import Run
from zoo.runs.grid_folder import GridFolder

pytestmark = pytest.mark.usefixtures("empty_charts")

Command = Callable[..., Answer]
SETTINGS = ("--height", "32", "--width", "32", "--epochs", "1", "--batch-size", "8", "--device", "cpu")


@pytest.fixture
def words(tiles: Path) -> tuple[str, ...]:
    """A training of a second, as a person types it."""
    return ("resnet20", "--data", "folder", "--root", str(tiles), "--recipe", "modern", *SETTINGS)


def test_zoo_train_prints_measures_files_and_the_next_commands_at_the_end(run: Command, words: tuple[str, ...]) -> None:
    answer = run("train", *words)
    assert answer.status == 0, answer.err
    values = Run.open("runs/resnet20-folder-1").metrics.measures.values
    assert "resnet20 trained from scratch on tiles, recipe modern" in answer.out
    assert "there are no pretrained weights for resnet20" in answer.out
    assert "measured on 12 images of tiles (test part of a split by image, seed 0)" in answer.out
    assert "95 % interval" in answer.out
    assert f"{values['balanced_accuracy']:.3f}" in answer.out
    assert f"{values['loss']:.3f}" in answer.out
    for line in ("runs/resnet20-folder-1/bundle", "zoo evaluate runs/", "zoo demo runs/", "zoo push runs/"):
        assert line in answer.out
    assert "ynthetic" not in answer.out


def test_progress_goes_to_standard_error_with_rate_and_time(run: Command, words: tuple[str, ...]) -> None:
    answer = run("train", *words)
    line = next(line for line in answer.err.splitlines() if line.startswith("training: "))
    assert "24/24 images" in line
    assert "images/s" in line
    assert "elapsed" in line
    assert "training: " not in answer.out


def test_zoo_train_json_is_one_document_with_the_record_and_the_measures(run: Command, words: tuple[str, ...]) -> None:
    document: Any = one_document(run("train", *words, "--json"))
    made = Run.open(document["run"])
    assert document["resolved"]["recipe"]["epochs"] == 1
    assert document["evaluation"] == plain(made.metrics)
    assert document["status"] == "finished"


def test_none_on_the_command_line_overrides_a_value_of_the_recipe(run: Command, words: tuple[str, ...]) -> None:
    """An option that is not given has the value of the recipe; none replaces it."""
    Path("mine.yaml").write_text("base: modern\nselect: loss\npatience: 5\nfolds: 3\nheight: 48\n")
    words = ("train", *words, "--recipe", "mine.yaml", "--height", "none", "--width", "none", "--folds", "none")
    answer = run(*words, "--patience", "none", "--out", "said")
    assert answer.status == 0, answer.err
    made = Run.open("said").record
    assert {name: getattr(made.resolved.recipe, name) for name in ("patience", "folds", "height")} == {
        "patience": None,
        "folds": None,
        "height": None,
    }
    assert made.resolved.preprocessing.height == registry().model("resnet20").preprocessing.height == 64
    assert run(*words, "--out", "left").status == 0
    assert Run.open("left").record.resolved.recipe.patience == 5


def test_the_run_folder_is_the_one_given_by_out(run: Command, words: tuple[str, ...]) -> None:
    assert run("train", *words, "--out", "deep/mine").status == 0
    assert Run.open("deep/mine").record.status == "finished"
    assert not Path("runs").exists()


def test_a_training_on_the_synthetic_sample_is_called_synthetic_everywhere(
    run: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """With a few small tiles of each patient, so that drawing takes no time."""
    from dataclasses import replace

    from zoo.synthetic import patients

    monkeypatch.setenv("ZOO_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("zoo.data.sources.synthetic_sample.HEIGHT", 40)
    monkeypatch.setattr("zoo.data.sources.synthetic_sample.WIDTH", 60)
    monkeypatch.setattr(
        "zoo.data.sources.synthetic_sample.patients", lambda seed: [replace(one, tiles=2) for one in patients(seed)]
    )
    answer = run("train", "resnet20", *SETTINGS)
    assert answer.status == 0, answer.err
    said = "Synthetic images: they were drawn by a program, and the numbers say nothing about tissue."
    assert answer.out.count(said) == 1
    assert "the synthetic sample" in answer.out
    assert "zoo train resnet20 --data breakhis --root BreaKHis_v1" in answer.out
    made = Run.open("runs/resnet20-sample-1")
    assert made.record.data.synthetic is True
    assert made.record.resolved.recipe.name == "quick"
    assert "ynthetic" in (made.bundle / "README.md").read_text()
    assert json.loads((made.bundle / "metrics.json").read_text())["data"]["synthetic"] is True
    assert "by patient" in answer.out
    tile = next((tmp_path / "cache").rglob("*.png"))
    for words in (("predict",), ("predict", "--json"), ("explain",), ("explain", "--json", "--out", "json.png")):
        answer = run(words[0], str(made.path), str(tile), *words[1:])
        assert answer.err.splitlines()[-1].startswith("trained on synthetic images, drawn by a program")


def test_a_misspelt_model_to_train_suggests_the_nearest(run: Command) -> None:
    answer = run("train", "dalla")
    assert answer.status == 1
    assert answer.out == ""
    assert answer.err == "error: unknown model 'dalla'\n  did you mean dala?\n"


@pytest.mark.parametrize("place", ["before", "after"])
def test_debug_shows_the_traceback_before_and_after_the_train_command(run: Command, place: str) -> None:
    answer = run(*(("--debug", "train", "dalla") if place == "before" else ("train", "dalla", "--debug")))
    assert answer.status == 1
    assert "Traceback (most recent call last)" in answer.err
    assert answer.err.endswith("error: unknown model 'dalla'\n  did you mean dala?\n")


@pytest.mark.parametrize(
    ("change", "status", "text"),
    [
        (("--root", "nowhere"), 1, "nowhere: there is no such folder"),
        (("--root", "void"), 1, "folders with images of at least two classes are needed"),
        (("--epochs", "0"), 2, "must be at least 1 and at most 1,000,000, not 0"),
        (("--batch-size", "25"), 1, "a batch of 25 is larger than the training part, of 24 images"),
        (("--out", "file/run"), 1, "file/run: cannot be written: Not a directory"),
        (("--out", "file"), 1, "file: cannot be written: File exists"),
        (("--out", "full"), 1, "full: the folder is not empty; a run never overwrites another"),
        (("--data", "breakhis", "--root", "void"), 1, "--data folder"),
        (("--data", "sample"), 1, "the data source sample has no path"),
        (("--device", "gpu"), 1, "the device 'gpu' cannot be used"),
        (("--init", "imagenet"), 1, "there are no pretrained weights for resnet20"),
        (("-m", "dept=8"), 1, "did you mean depth?"),
        (("-o", "magnification=40"), 1, "unknown option of the data source folder 'magnification'"),
        (("--fractions", "0.9,0.1,0"), 1, "above 0"),
        (("--epochs", "many"), 2, "must be a whole number, not 'many'"),
        (("--epoch", "3"), 2, "--epochs"),
        (("-m", "depth"), 2, "'depth' is not KEY=VALUE"),
        (("--init", "imagent"), 1, "did you mean imagenet?"),
    ],
)
def test_an_invalid_option_of_train_is_an_error_and_creates_no_files(
    run: Command, words: tuple[str, ...], change: tuple[str, ...], status: int, text: str
) -> None:
    Path("void").mkdir()
    Path("file").write_text("mine")
    Path("full").mkdir()
    Path("full/notes.txt").write_text("mine")
    before = sorted(path for path in Path().rglob("*"))
    answer = run("train", *words, *change)
    assert answer.status == status
    assert text in answer.err
    assert "Traceback" not in answer.err
    assert answer.out == ""
    assert sorted(path for path in Path().rglob("*")) == before
    assert Path("file").read_text() == Path("full/notes.txt").read_text() == "mine"


def test_zoo_train_names_a_damaged_image(run: Command, tiles: Path, tmp_path: Path) -> None:
    import shutil

    root = shutil.copytree(tiles, tmp_path / "copy")
    (root / "dark" / "07.png").write_bytes((root / "dark" / "07.png").read_bytes()[:99])
    answer = run("train", "resnet20", "--data", "folder", "--root", str(root), *SETTINGS)
    assert answer.status == 1
    assert "dark/07.png" in answer.err
    assert "Traceback" not in answer.err


@pytest.mark.skipif(sys.platform == "win32", reason="no limit on the size of files")
def test_a_full_disk_while_the_weights_are_written_is_an_error_without_a_traceback(
    words: tuple[str, ...], tmp_path: Path
) -> None:
    """A real write that fails: this process may write files of 300 kB, and the weights are larger."""
    done = subprocess.run(
        [sys.executable, "-m", "zoo", "train", *words, "--out", "run"],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000)),
        env={**os.environ, "PYTHONWARNINGS": "error"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "a checkpoint cannot be written: " in done.stderr  # the end of training is the first file of that size
    assert "File too large" in done.stderr
    made = Run.open(tmp_path / "run")
    assert made.record.status == "failed"
    assert {path.name for path in made.path.iterdir()} == {
        ".lock",
        "run.yaml",
        "split.csv",
        "history.jsonl",
        "checkpoint",
    }


@pytest.fixture
def grid(tmp_path: Path, trained: Run) -> Path:
    """A grid of two runs, of which one is finished and the data of the other are deleted."""
    wanted = grid_config("resnet20", seeds=2, data="folder", root=tmp_path / "gone")
    made = make_grid(tmp_path / "runs" / "grid-1", wanted)
    finish_cell(made, wanted.cells[0], trained, {"balanced_accuracy": 0.75, "accuracy": 0.8, "loss": 1.25})
    return made.path


@pytest.mark.usefixtures("warm_runs")
def test_a_grid_prints_its_table_and_the_failed_runs_at_the_end(run: Command, grid: Path) -> None:
    answer = run("train", "--resume", str(grid))
    assert answer.status == 1
    which = "seeds 0 to 1: one training of each model"
    assert f"1 run on tiles, recipe modern, split by image, {which}; each measured on its test part" in answer.out
    assert "balanced accuracy   resnet20      1   0.750    –   no interval: one run has no spread" in answer.out
    assert "Nadeau and Bengio" in answer.out
    assert "1 of 2 runs are missing from the table:" in answer.out
    assert "gone: there is no such folder" in answer.out
    assert f"zoo train --resume {grid}" in answer.out
    assert answer.err.splitlines()[:3] == [
        f"2 runs in {grid}, 1 already finished, 1 at a time",
        f"the output of each run is written to {grid / 'logs'}",
        "resnet20-seed1 starts",
    ]
    assert "Traceback" not in answer.err + answer.out


def test_zoo_train_json_of_a_grid_is_one_document(run: Command, grid: Path, trained: Run) -> None:
    made = GridFolder.open(grid)
    finish_cell(made, made.config.cells[1], trained, {"balanced_accuracy": 0.85, "accuracy": 0.9, "loss": 1.0})
    document: Any = one_document(run("train", "--resume", str(grid), "--json"))
    assert document["grid"] == str(grid)
    assert [cell["state"] for cell in document["cells"]] == ["finished", "finished"]
    row = next(row for row in document["table"]["rows"] if row["measure"] == "balanced_accuracy")
    assert (row["runs"], row["mean"]) == (2, pytest.approx(0.8))


def test_a_grid_is_not_resumed_with_other_settings(run: Command, grid: Path) -> None:
    answer = run("train", "resnet20", "--resume", str(grid), "--epochs", "3")
    assert answer.status == 1
    assert "the grid was started with other settings" in answer.err
    assert "epochs: None then, 3 now" in answer.err
    assert "models: ['resnet20'] then, ['dala'] now" in run("train", "dala", "--resume", str(grid)).err


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("resnet20", "--jobs", "2"), "--jobs is only for several runs"),
        (("resnet20", "--on", "slurm"), "--on is only for several runs"),
        (("resnet20", "--slurm", "gpus=1"), "--slurm is only for several runs"),
        (("resnet20", "senet20", "--resume", "here"), "a single run has one model"),
        (("resnet20", "--folds", "5", "--fold", "1", "--jobs", "2"), "--jobs is only for several runs"),
        (("--seeds", "2"), "no model given"),
        (("resnet20", "--seeds", "0"), "--seeds"),
        (("resnet20", "--seeds", "2", "--slurm", "gpus"), "'gpus' is not KEY=VALUE"),
    ],
)
def test_options_of_a_grid_are_refused_for_a_single_run(run: Command, words: tuple[str, ...], text: str) -> None:
    answer = run("train", *words)
    assert answer.status == 2
    assert text in answer.err
    assert not Path("runs").exists()


def test_a_misspelt_model_of_a_grid_is_an_error_and_creates_no_files(run: Command, words: tuple[str, ...]) -> None:
    answer = run("train", "dalla", *words, "--seeds", "2")
    assert answer.status == 1
    assert answer.err == "error: unknown model 'dalla'\n  did you mean dala?\n"
    assert not Path("runs").exists()


def test_one_fold_of_a_cross_validation_is_a_single_run(run: Command, words: tuple[str, ...]) -> None:
    answer = run("train", *words, "--folds", "4", "--fold", "1")
    assert answer.status == 0, answer.err
    assert Run.open("runs/resnet20-folder-1").record.resolved.recipe.fold == 1


@pytest.mark.slow
@pytest.mark.usefixtures("warm_runs")
def test_folds_without_a_fold_start_a_grid_of_runs(run: Command, words: tuple[str, ...]) -> None:
    answer = run("train", *words, "--folds", "3", "--jobs", "2")
    assert answer.status == 0, answer.err
    assert "3 runs on tiles, recipe modern, split by image, seed 0: 3 folds of one split" in answer.out
    for fold in range(3):
        assert Run.open(f"runs/grid-1/resnet20-seed0-fold{fold}").record.resolved.recipe.fold == fold
