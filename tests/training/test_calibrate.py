from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

import zoo
from tests.installed_packages import Answer
from tests.listening import Listener
from zoo.calibration import UNCALIBRATED
from zoo.errors import BundleError, TrainingError
from zoo.evaluation.predictions_csv import read_predictions
from zoo.files import read_json, sha256
from zoo.metrics import measure
from zoo.runs import Run

pytestmark = pytest.mark.usefixtures("empty_charts")


def logits_of(run: Run) -> np.ndarray:
    """The outputs of a run's network for its test part."""
    return read_predictions(run.path / "predictions.csv", classes=run.metrics.measures.classes).logits


def test_a_training_fits_a_temperature_on_its_validation_patients_and_says_so(calibrated: Run) -> None:
    model = zoo.from_pretrained(calibrated)
    assert model.calibration.patients == 16
    assert model.calibration.temperature is not None
    assert calibrated.metrics.calibration is not None
    temperature = f"{model.calibration.temperature:.2f}"
    assert str(calibrated.metrics.calibration).startswith(
        f"calibrated on 16 validation patients: temperature {temperature}; expected calibration error 0."
    )


def test_probabilities_are_those_of_the_logits_divided_by_the_temperature_wherever_the_model_answers(
    calibrated: Run, hard_tiles: Path
) -> None:
    model, image = zoo.from_pretrained(calibrated), hard_tiles.parent / "3-0.png"
    assert model.calibration.temperature is not None
    logits = model(model.preprocess(image)).detach().double()
    expected = torch.softmax(logits / model.calibration.temperature, dim=1)[0].tolist()
    (row,) = zoo.predict(calibrated.path, image)
    assert row.prediction is not None
    answers = [model.predict(image), model.explain(image).prediction, row.prediction]
    for answer in answers:
        assert list(answer.probabilities.values()) == pytest.approx(expected, rel=1e-5)
    assert expected != pytest.approx(torch.softmax(logits, dim=1)[0].tolist(), rel=1e-3)
    found = zoo.evaluate(calibrated)
    softmax = torch.softmax(torch.from_numpy(found.logits).double() / model.calibration.temperature, dim=1)
    assert np.allclose(found.probabilities, softmax.numpy())


def test_a_temperature_changes_the_probabilities_and_no_ranking(calibrated: Run) -> None:
    found = zoo.evaluate(calibrated)
    classes, labels, groups = found.metrics.measures.classes, found.labels, found.groups
    own, scaled = (
        measure(labels=labels, logits=found.logits, classes=classes, groups=groups, temperature=temperature)
        for temperature in (1.0, 7.0)
    )
    of_probabilities = ("loss", "brier", "calibration_error")
    assert all(own.values[name] != scaled.values[name] for name in of_probabilities)
    for name in own.values:
        if name not in of_probabilities:
            assert own.values[name] == scaled.values[name]
            assert own.intervals[name] == scaled.intervals[name]
    assert own.confusion == scaled.confusion


def test_a_bundle_of_an_older_version_loads_and_says_that_it_is_not_calibrated(
    calibrated: Run, tmp_path: Path, hard_tiles: Path
) -> None:
    shutil.copytree(calibrated.bundle, tmp_path / "old")
    (tmp_path / "old" / "calibration.json").unlink()
    model = zoo.from_pretrained(tmp_path / "old")
    assert model.calibration == UNCALIBRATED
    metrics = zoo.evaluate(tmp_path / "old", root=hard_tiles).metrics
    assert metrics.calibration is not None
    assert metrics.calibration.calibrated == "not calibrated: the model was saved without a calibration"
    assert metrics.calibration.error == metrics.calibration.error_before


def test_a_saved_classifier_keeps_its_calibration(calibrated: Run, tmp_path: Path) -> None:
    model = zoo.from_pretrained(calibrated)
    assert zoo.from_pretrained(model.save(tmp_path / "copy")).calibration == model.calibration


@pytest.mark.parametrize(
    "changes", [{"temperature": 0}, {"temperature": 1e308}, {"threshold": 2.0}, {"quantiles": [], "images": -1}]
)
def test_a_calibration_that_was_tampered_with_is_one_error(
    calibrated: Run, tmp_path: Path, changes: dict[str, Any]
) -> None:
    bundle = tmp_path / "bundle"
    shutil.copytree(calibrated.bundle, bundle)
    file, config = bundle / "calibration.json", bundle / "config.json"
    file.write_text(json.dumps({**read_json(file, at_most=1 << 20), **changes}), encoding="utf-8")
    with pytest.raises(BundleError, match=r"it is not the file that config\.json"):
        zoo.from_pretrained(bundle)
    described = read_json(config, at_most=1 << 20)
    described["calibration"]["sha256"] = sha256(file)
    config.write_text(json.dumps(described), encoding="utf-8")
    with pytest.raises(BundleError, match=r"calibration\.json cannot be read"):
        zoo.from_pretrained(bundle)


def test_the_threshold_of_the_validation_part_decides_the_labels_everywhere(
    calibrated: Run, hard_tiles: Path, command: Any
) -> None:
    model = zoo.from_pretrained(calibrated)
    assert model.calibration.chosen == "validation"
    assert model.calibration.threshold == model.calibration.best_threshold
    model.calibration = replace(model.calibration, threshold=0.999999)
    image = hard_tiles.parent / "0-0.png"
    first, second = model.classes
    chances = model.predict(image).probabilities
    assert chances[second] < 0.999999
    for threshold in (chances[second] * 0.99, chances[second] * 1.01):
        model.calibration = replace(model.calibration, threshold=threshold)
        (row,) = zoo.predict(model, image)
        assert row.prediction is not None
        answers = model.predict(image), model.explain(image).prediction, row.prediction
        assert {answer.label for answer in answers} == {second if chances[second] > threshold else first}
    found = zoo.evaluate(calibrated)
    positive = found.probabilities[:, 1] > found.metrics.threshold
    assert found.metrics.measures.confusion[0][1] + found.metrics.measures.confusion[1][1] == positive.sum()
    answer: Answer = command("evaluate", calibrated.path)
    assert f"labels: decision threshold {found.metrics.threshold:.3f}, chosen on the validation images" in answer.out


def test_a_comparison_follows_the_threshold_of_each_model(calibrated: Run, tmp_path: Path, hard_tiles: Path) -> None:
    other = tmp_path / "other"
    model = zoo.from_pretrained(calibrated)
    model.calibration = model.calibration.with_threshold(1e-9, classes=2)
    model.save(other)
    found = zoo.compare([calibrated.bundle, other], root=hard_tiles)
    assert [result.values["balanced_accuracy"] == 0.5 for result in found.models] == [False, True]
    assert found.pairs[0].agreement < 1


def test_without_a_validation_part_nothing_is_calibrated_and_it_is_said(
    quick: dict[str, Any], tmp_path: Path, listener: Listener
) -> None:
    settings = {**quick, "fractions": (0.7, 0.0, 0.3), "epochs": 1, "select": "last"}
    run = zoo.train("resnet20", out=tmp_path / "run", progress=listener, **settings, threshold=0.7)
    assert "not calibrated: there was no validation part" in listener.heard
    model = zoo.from_pretrained(run)
    assert (model.calibration.temperature, model.calibration.threshold) == (None, 0.7)
    assert run.metrics.threshold == 0.7
    with pytest.raises(TrainingError, match="the validation part does not have images of both classes"):
        zoo.train("resnet20", out=tmp_path / "none", **settings, threshold="validation")


def test_a_threshold_for_three_classes_is_refused_before_training(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        (tmp_path / "data" / name).mkdir(parents=True)
        for number in range(10):
            Image.new("RGB", (32, 32), (number * 20, 0, 0)).save(tmp_path / "data" / name / f"{number}.png")
    with pytest.raises(TrainingError, match="needs two classes, and these data have 3: a, b, c"):
        zoo.train("resnet20", data="folder", root=tmp_path / "data", out=tmp_path / "run", threshold=0.4, batch_size=4)
    assert not (tmp_path / "run").exists()


def test_with_few_validation_images_nothing_is_called_unlike_the_training(trained: Run) -> None:
    model = zoo.from_pretrained(trained)
    assert model.calibration.images == 4
    assert model.calibration.novelty is None
    assert trained.metrics.novelty is None
    assert model.predict(np.zeros((32, 32, 3), dtype=np.uint8)).novelty is None
