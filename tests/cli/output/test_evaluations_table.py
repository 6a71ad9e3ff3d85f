from __future__ import annotations

from dataclasses import replace

import pytest

from tests.reports.test_evaluation_report import evaluation
from zoo.bundle.bundle_config import BundleConfig
from zoo.bundle.provenance import Provenance
from zoo.cli.output.evaluations_table import print_evaluations
from zoo.evaluation.evaluate_many import Evaluations
from zoo.evaluation.evaluation import Evaluation


def with_value(value: float) -> Evaluation:
    """Return an evaluation with this balanced accuracy."""
    found = evaluation()
    measures = found.metrics.measures
    values = {**measures.values, "balanced_accuracy": value}
    return replace(found, metrics=replace(found.metrics, measures=replace(measures, values=values)))


def trained(config: BundleConfig) -> Provenance:
    assert config.training is not None
    return config.training


def means(config: BundleConfig, capsys: pytest.CaptureFixture[str]) -> list[list[str]]:
    """Return the printed rows of means, without the model."""
    return [line.split()[1:] for line in capsys.readouterr().out.splitlines() if line.split()[:1] == [config.entry]]


def test_the_runs_of_one_model_are_printed_with_their_sample_standard_deviation(
    config: BundleConfig, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = {f"run-{number}": with_value(value) for number, value in enumerate((0.7, 0.8, 0.9))}
    found = Evaluations(evaluated=runs, failures={}, unfinished=())
    seeds = [replace(trained(config), seed=seed) for seed in range(3)]
    print_evaluations(found, configs={f"run-{seed.seed}": replace(config, training=seed) for seed in seeds})
    assert means(config, capsys) == [["IDC", "3", "0.800", "0.100"]]


def test_runs_on_different_data_have_no_mean_in_common(
    config: BundleConfig, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = {f"run-{number}": with_value(value) for number, value in enumerate((0.7, 0.8, 0.2))}
    other = runs["run-2"].metrics
    metrics = replace(other, data=replace(other.data, name="lung", fingerprint="1"))
    runs["run-2"] = replace(runs["run-2"], metrics=metrics)
    print_evaluations(Evaluations(evaluated=runs, failures={}, unfinished=()), configs=dict.fromkeys(runs, config))
    assert means(config, capsys) == [["IDC", "2", "0.750", "0.071"]]


def test_runs_with_different_settings_have_no_mean_in_common(
    config: BundleConfig, capsys: pytest.CaptureFixture[str]
) -> None:
    """Their spread is not that of trainings that differ by chance."""
    runs = {f"run-{number}": with_value(value) for number, value in enumerate((0.7, 0.8, 0.9, 0.5, 0.6))}
    training = trained(config)
    others = [
        replace(config, training=replace(training, recipe=training.recipe.changed({"epochs": 1}))),
        replace(config, training=replace(training, split=replace(training.split, fractions=(0.9, 0.0, 0.1)))),
        replace(config, preprocessing=replace(config.preprocessing, height=8)),
    ]
    configs = dict(zip(runs, [config, config, *others], strict=True))
    print_evaluations(Evaluations(evaluated=runs, failures={}, unfinished=()), configs=configs)
    assert means(config, capsys) == [["IDC", "2", "0.750", "0.071"]]


def test_models_whose_classes_are_in_another_order_are_not_sent_to_zoo_compare(
    config: BundleConfig, capsys: pytest.CaptureFixture[str]
) -> None:
    found = with_value(0.7)
    measures = found.metrics.measures
    swapped = replace(measures, classes=measures.classes[::-1])
    runs = {"one": found, "other": replace(found, metrics=replace(found.metrics, measures=swapped))}
    print_evaluations(Evaluations(evaluated=runs, failures={}, unfinished=()), configs=dict.fromkeys(runs, config))
    text = capsys.readouterr().out
    assert "zoo compare only tests models with the same classes in the same order" in text
    assert "zoo compare tests the differences" not in text
