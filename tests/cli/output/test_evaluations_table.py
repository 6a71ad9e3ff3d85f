from __future__ import annotations

from dataclasses import replace

import pytest

from tests.reports.test_evaluation_report import evaluation
from zoo.cli.output.evaluations_table import print_evaluations
from zoo.evaluation.evaluate_many import Evaluations
from zoo.evaluation.evaluation import Evaluation


def with_value(value: float) -> Evaluation:
    """Return an evaluation with this balanced accuracy."""
    found = evaluation()
    measures = found.metrics.measures
    values = {**measures.values, "balanced_accuracy": value}
    return replace(found, metrics=replace(found.metrics, measures=replace(measures, values=values)))


def test_the_runs_of_one_model_are_printed_with_their_sample_standard_deviation(
    capsys: pytest.CaptureFixture[str],
) -> None:
    runs = {f"run-{number}": with_value(value) for number, value in enumerate((0.7, 0.8, 0.9))}
    found = Evaluations(evaluated=runs, failures={}, unfinished=())
    print_evaluations(found, entries=dict.fromkeys(runs, "resnet20"))
    assert ["resnet20", "IDC", "3", "0.800", "0.100"] in [line.split() for line in capsys.readouterr().out.splitlines()]


def test_runs_on_different_data_have_no_mean_in_common(capsys: pytest.CaptureFixture[str]) -> None:
    runs = {f"run-{number}": with_value(value) for number, value in enumerate((0.7, 0.8, 0.2))}
    other = runs["run-2"].metrics
    metrics = replace(other, data=replace(other.data, name="lung", fingerprint="1"))
    runs["run-2"] = replace(runs["run-2"], metrics=metrics)
    print_evaluations(Evaluations(evaluated=runs, failures={}, unfinished=()), entries=dict.fromkeys(runs, "resnet20"))
    rows = [line.split() for line in capsys.readouterr().out.splitlines() if line.split()[:1] == ["resnet20"]]
    assert rows == [["resnet20", "IDC", "2", "0.750", "0.071"]]
