"""A part whose models are trained on every fold of a cross-validation; its runs are made without training."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.benchmark.conftest import HEAD, Bench
from tests.grids import answer, finish_cell, make_grid
from zoo.benchmark.run_benchmark import run_benchmark
from zoo.runs import PREDICTIONS, SPLIT, Run

FOLDS = """
  - name: folds
    question: Is a network worth it?
    models: [resnet20]
    recipe: modern
    settings: {split: patient, folds: 3, height: 32, width: 32}
    seeds: 1
"""


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def write(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(rows)


def test_every_image_of_a_fold_is_tested_once_and_the_folds_are_published_when_all_are_finished(bench: Bench) -> None:
    bench.protocol.write_text(HEAD + FOLDS)
    (one,) = bench.planned().values()
    assert len(one.config.cells) == 3, "one seed on each fold"
    folder = make_grid(one.path, one.config)
    for cell in one.config.cells:
        assert cell.fold is not None
        answer(
            fold(finish_cell(folder, cell, bench.like, {"balanced_accuracy": 0.8 + cell.fold / 100}), cell.fold), seed=1
        )
        (found,) = run_benchmark(bench.config(report=True), progress=False).results.models
        assert one.split_file.exists() == (cell.fold == 2)
    assert found.runs == 3
    assert "; 3 trainings of each model." in (bench.out / "results.md").read_text()
    measured = found.measures["balanced_accuracy"]
    assert measured.mean == pytest.approx(0.81)
    assert measured.interval == pytest.approx((0.81 - measured_reach(bench.like), 0.81 + measured_reach(bench.like)))
    assert found.beside_baseline is not None
    tested = {row["key"]: row["fold"] for row in rows_of(one.split_file) if row["fold"] != "excluded"}
    assert tested == {row["key"]: str(index % 3) for index, row in enumerate(rows_of(bench.like.path / PREDICTIONS))}


def fold(run: Run, number: int) -> Run:
    """Leave a run a third of its test images, and return it."""
    kept = [row for index, row in enumerate(rows_of(run.path / PREDICTIONS)) if index % 3 == number]
    keys = {row["key"] for row in kept}
    split = [{**row, "part": "test" if row["key"] in keys else "train"} for row in rows_of(run.path / SPLIT)]
    write(run.path / PREDICTIONS, kept)
    write(run.path / SPLIT, split)
    return run


def measured_reach(like: Run) -> float:
    """Return half the interval of Nadeau and Bengio over three folds that are 0.01 apart."""
    images = like.record.split.images
    return float(4.302652729911275 * 0.01 * (1 / 3 + images.test / images.train) ** 0.5)
