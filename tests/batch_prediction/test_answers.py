"""What a prediction says beside its probabilities: prediction sets, by the threshold that was asked for."""

from __future__ import annotations

import csv
import json
from itertools import compress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import zoo
from zoo.batch_prediction import make_ensemble
from zoo.calibration import Calibration, class_quantiles, prediction_sets
from zoo.errors import UsageError
from zoo.runs import Run


def test_prediction_sets_are_the_same_from_the_classifier_the_generator_and_the_table(
    calibrated: Run, hard_tiles: Path, command: Any, tmp_path: Path
) -> None:
    images = sorted(hard_tiles.parent.glob("1*.png"))
    model = zoo.from_pretrained(calibrated)
    sets = [answer.possible for answer in model.predict(images, coverage=0.7)]
    assert {len(one or ()) for one in sets} <= {1, 2}
    assert [row.prediction and row.prediction.possible for row in zoo.predict(model, images, coverage=0.7)] == sets
    command("predict", calibrated.path, *images, "--coverage", 0.7, "--csv", tmp_path / "answers.csv")
    with (tmp_path / "answers.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["possible"] for row in rows] == [" or ".join(one or ()) for one in sets]
    told = json.loads(command("predict", calibrated.path, *images, "--coverage", 0.7, "--json").out)
    assert [tuple(row["possible"]) for row in told] == sets


def test_an_answer_is_in_words(calibrated: Run, hard_tiles: Path, command: Any) -> None:
    told = command("predict", calibrated.path, hard_tiles.parent / "0-0.png", "--coverage", 0.88, "--threshold", 0.5)
    words = " or ".join(
        zoo.from_pretrained(calibrated).predict(hard_tiles.parent / "0-0.png", coverage=0.88).possible or ()
    )
    assert words in told.out
    assert "probabilities: calibrated on 16 validation patients: temperature" in told.err
    assert "labels: decision threshold 0.500, as given" in told.err


def test_without_a_coverage_there_is_no_set(calibrated: Run, hard_tiles: Path) -> None:
    answer = zoo.from_pretrained(calibrated).predict(hard_tiles.parent / "0-0.png")
    assert answer.possible is None
    assert answer.answer == answer.label


def test_sets_of_several_models_or_of_symmetries_are_refused(calibrated: Run, hard_tiles: Path) -> None:
    for models, symmetries in (([calibrated.path, calibrated.bundle], False), ([calibrated.path], True)):
        with pytest.raises(UsageError, match="calibrated for the answer of one model"):
            zoo.predict(models, hard_tiles.parent, coverage=0.8, symmetries=symmetries)


def test_a_coverage_that_the_validation_patients_do_not_allow_is_refused(calibrated: Run, hard_tiles: Path) -> None:
    with pytest.raises(UsageError, match="needs 19 validation patients of a class, and there were fewer"):
        zoo.from_pretrained(calibrated).predict(hard_tiles.parent / "0-0.png", coverage=0.95)
    with pytest.raises(UsageError, match="needs 19 validation patients"):
        zoo.evaluate(calibrated, coverage=0.95)


def test_evaluation_measures_the_coverage_beside_the_one_that_was_asked_for(calibrated: Run, command: Any) -> None:
    metrics = zoo.evaluate(calibrated, coverage=0.8).metrics
    assert metrics.coverage is not None
    assert set(metrics.coverage.measured) == set(metrics.measures.classes)
    assert (
        "prediction sets: coverage asked 0.8, measured: " in command("evaluate", calibrated.path, "--coverage", 0.8).out
    )


def test_the_average_of_models_with_different_thresholds_is_decided_at_a_half(
    calibrated: Run, trained: Run, hard_tiles: Path, tmp_path: Path
) -> None:
    model, other = zoo.from_pretrained(calibrated), zoo.from_pretrained(calibrated)
    other.calibration = other.calibration.with_threshold(0.999, classes=2)
    for row in zoo.predict([model, other], hard_tiles.parent):
        if row.prediction is not None:
            assert row.prediction.confidence >= 0.5
    ensemble = make_ensemble([model, other], device="cpu")
    theirs = f"{model.calibration.threshold:.3f}, 0.999 for {model.classes[1]}"
    assert f"labels: decision threshold 0.5, since those of the models differ: {theirs}" in ensemble.notes
    given = make_ensemble([model, other], device="cpu", threshold=0.7)
    assert [note for note in given.notes if note.startswith("labels")] == ["labels: decision threshold 0.700, as given"]
    with pytest.raises(UsageError, match="average of several models"):
        zoo.predict([model, other], hard_tiles.parent, threshold="validation")


def test_of_three_classes_the_most_probable_is_predicted_and_sets_are_of_the_networks_own_probabilities(
    hard_tiles: Path,
) -> None:
    generator = np.random.default_rng(0)
    logits = generator.normal(0, 2, (60, 3))
    own = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    model = zoo.create_model("resnet20", classes=("a", "b", "c"), options={"depth": 8})
    quantiles = class_quantiles(own, generator.integers(0, 3, 60), groups=None)
    model.calibration = Calibration(images=60, temperature=2.5, reason=None, quantiles=quantiles)
    images = sorted(hard_tiles.parent.glob("*.png"))[:6]
    for answer, outputs in zip(
        model.predict(images, coverage=0.6), model(model.preprocess(images)).detach().double(), strict=True
    ):
        chances = torch.softmax(outputs, dim=0).numpy()
        expected = prediction_sets(chances[None], quantiles, 0.6)[0]
        expected[chances.argmax()] = True
        assert answer.label == "abc"[chances.argmax()]
        assert answer.possible == tuple(compress("abc", expected))
        assert list(answer.probabilities.values()) == pytest.approx(
            torch.softmax(outputs / 2.5, dim=0).tolist(), rel=1e-4
        )
    with pytest.raises(UsageError, match="needs two classes, and this model has 3"):
        zoo.predict(model, images, threshold=0.3)


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("--threshold", "half"), "must be a number or one of validation, not 'half'"),
        (("--threshold", 1), "must be above 0 and below 1, not 1.0"),
        (("--coverage", 1.5), "must be above 0 and below 1, not 1.5"),
    ],
)
def test_a_threshold_or_coverage_that_is_none_is_refused_with_what_is_allowed(
    calibrated: Run, hard_tiles: Path, command: Any, words: tuple[object, ...], problem: str
) -> None:
    told = command("predict", calibrated.path, hard_tiles.parent / "0-0.png", *words)
    assert told.status == 2
    assert problem in told.err


def test_models_whose_classes_are_in_another_order_are_averaged_class_by_class(tiles: Path) -> None:
    orders = (("bright", "dark"), ("dark", "bright"))
    first, second = (zoo.create_model("resnet20", classes=order).eval() for order in orders)
    tile = tiles / "dark" / "00.png"
    (found,) = zoo.predict([first, second], tile, device="cpu")
    assert found.prediction is not None
    alone = [model.predict(tile).probabilities for model in (first, second)]
    for name in ("bright", "dark"):
        assert found.prediction.probabilities[name] == pytest.approx((alone[0][name] + alone[1][name]) / 2)


@pytest.mark.parametrize(
    ("theirs", "said"),
    [(0.7, "decision threshold 0.300, as given"), (0.3, "since those of the models differ: 0.300, 0.700 for dark")],
)
def test_a_decision_threshold_is_the_same_if_it_is_of_the_same_class(tiles: Path, theirs: float, said: str) -> None:
    orders = (("bright", "dark"), ("dark", "bright"))
    models = [zoo.create_model("resnet20", classes=order).eval() for order in orders]
    for model, threshold in zip(models, (0.3, theirs), strict=True):
        model.calibration = model.calibration.with_threshold(threshold, classes=2)
    ensemble = make_ensemble(models, device="cpu")
    assert any(said in note for note in ensemble.notes)
    (found,) = zoo.predict(models, tiles / "dark" / "00.png", device="cpu")
    assert found.prediction is not None
    at = 0.3 if theirs == 0.7 else 0.5
    assert found.prediction.label == ("dark" if found.prediction.probabilities["dark"] > at else "bright")
