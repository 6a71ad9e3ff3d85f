"""Each network of a comparison is beside the simple model that was fitted on the same images."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.installed_packages import Answer
from zoo.comparison.beside_baseline import beside_baseline
from zoo.comparison.measured_run import MeasuredRun, stored_predictions
from zoo.runs import Run

Command = Callable[..., Answer]


def parts(run: MeasuredRun, count: int) -> list[MeasuredRun]:
    """Return the predictions of a run as those of a cross-validation, each with other images."""
    assert run.baseline_logits is not None
    numbers = [np.arange(start, len(run.keys), count) for start in range(count)]
    return [
        replace(
            run,
            keys=tuple(run.keys[index] for index in chosen),
            labels=run.labels[chosen],
            groups=None if run.groups is None else tuple(f"{run.groups[index]} of {part}" for index in chosen),
            logits=run.logits[chosen],
            baseline_logits=run.baseline_logits[chosen],
        )
        for part, chosen in enumerate(numbers)
    ]


def test_the_difference_of_one_training_is_that_of_its_metrics(calibrated: Run) -> None:
    stated = calibrated.metrics.baseline
    assert stated is not None
    run = stored_predictions(calibrated)
    assert run.baseline is not None
    assert run.baseline.values == pytest.approx(stated.measures.values, nan_ok=True)
    found = beside_baseline([run])
    for name, difference in stated.differences.items():
        assert found[name].value == pytest.approx(difference.value, abs=1e-6)
        assert found[name].interval == pytest.approx(difference.interval, abs=1e-6)


def test_the_networks_alone_vary_between_trainings(calibrated: Run) -> None:
    run = stored_predictions(calibrated)
    other = replace(run, logits=run.logits + np.random.default_rng(0).normal(0, 2, run.logits.shape))
    alone, both = beside_baseline([run])["accuracy"], beside_baseline([run, other])["accuracy"]
    assert both.first == pytest.approx((run.training.values["accuracy"] + other.training.values["accuracy"]) / 2)
    assert both.second == pytest.approx(alone.second)
    same = beside_baseline([run, run])["accuracy"]
    assert same.interval == pytest.approx(alone.interval), "trainings that are all the same add nothing"


def test_over_the_folds_of_a_cross_validation_the_difference_is_the_mean_of_the_folds(calibrated: Run) -> None:
    folds = parts(stored_predictions(calibrated), 3)
    each = [beside_baseline([fold])["accuracy"] for fold in folds]
    found = beside_baseline(folds)["accuracy"]
    assert found.value == pytest.approx(np.mean([one.value for one in each]))
    assert found.interval is not None


def test_a_run_without_a_simple_model_has_no_difference(calibrated: Run) -> None:
    run = stored_predictions(calibrated)
    assert beside_baseline([run, replace(run, baseline_logits=None)]) == {}


def test_zoo_compare_shows_each_model_beside_the_simple_one(calibrated: Run, command: Command, tmp_path: Path) -> None:
    shutil.copytree(calibrated.path, tmp_path / "copy")
    said = command("compare", calibrated.path, tmp_path / "copy", "--out", tmp_path / "out")
    assert said.status == 0, said.err
    title = "minus a logistic regression on colors and textures"
    assert title in said.out
    lines = (tmp_path / "out" / "report.md").read_text().splitlines()
    table = lines.index("| # | model | the regression has | difference | 95 % interval |")
    assert any(title in line for line in lines)
    assert [line.count("|") for line in lines[table : table + 4]] == [6, 6, 6, 6], "rows that follow each other"
