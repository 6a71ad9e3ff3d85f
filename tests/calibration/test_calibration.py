from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy.special import softmax

from zoo.calibration import UNCALIBRATED, Calibration, ClassQuantiles, class_quantiles
from zoo.errors import UsageError


def calibration() -> Calibration:
    """The calibration of a model with two classes."""
    generator = np.random.default_rng(0)
    positive = generator.random(40)
    return Calibration(
        images=40,
        patients=20,
        temperature=1.374,
        reason=None,
        best_threshold=0.4,
        quantiles=class_quantiles(
            np.stack([1 - positive, positive], axis=1),
            generator.integers(0, 2, 40),
            groups=[f"{number // 2}" for number in range(40)],
        ),
    )


def test_a_calibration_is_read_as_it_was_written() -> None:
    made = calibration()
    assert Calibration.from_document(made.to_document(), classes=2) == made
    assert str(made) == "calibrated on 20 validation patients: temperature 1.37"
    assert str(UNCALIBRATED) == "not calibrated: the model was saved without a calibration"


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"temperature": 0}, "temperature must be from"),
        ({"temperature": -1.0}, "temperature must be from"),
        ({"temperature": float("inf")}, "temperature must be a number"),
        ({"temperature": float("nan")}, "temperature must be a number"),
        ({"temperature": 1e308}, "temperature must be from"),
        ({"temperature": 10**400}, "temperature"),
        ({"temperature": None}, "a temperature or a reason"),
        ({"threshold": 0.0}, "threshold must be between 0 and 1"),
        ({"threshold": 1.5}, "threshold must be between 0 and 1"),
        ({"best_threshold": -1.0}, "best_threshold must be between 0 and 1"),
        ({"chosen": "test"}, "chosen must be one of"),
        ({"patients": 41}, "numbers of images"),
        ({"images": -1}, "numbers of images"),
        ({"quantiles": []}, ""),
        ({"quantiles": [{"patients": 3, "lowest": [0.5]}]}, "quantiles of 1 classes"),
        ({"quantiles": [{"patients": 3, "lowest": [0.1, 0.9]}] * 2}, "descending"),
        ({"format": 2}, "format"),
        ({"other": 1}, "other is unknown"),
    ],
)
def test_a_calibration_that_cannot_be_is_refused_with_the_key_that_is_wrong(
    changes: dict[str, Any], problem: str
) -> None:
    document = {**calibration().to_document(), **changes}
    if not problem:
        Calibration.from_document(document, classes=2)
        return
    with pytest.raises(ValueError, match=problem):
        Calibration.from_document(document, classes=2)


def test_a_threshold_of_more_than_two_classes_is_an_error() -> None:
    with pytest.raises(UsageError, match="needs two classes, and this model has 3"):
        UNCALIBRATED.with_threshold(0.4, classes=3)
    with pytest.raises(ValueError, match="the model has 3 classes"):
        Calibration.from_document({**calibration().to_document(), "quantiles": []}, classes=3)


def test_the_threshold_of_the_validation_images_can_be_chosen_later() -> None:
    chosen = calibration().with_threshold("validation", classes=2)
    assert (chosen.threshold, chosen.chosen) == (0.4, "validation")
    assert chosen.labels(np.array([[0.55, 0.45], [0.65, 0.35]])).tolist() == [1, 0]
    assert calibration().labels(np.array([[0.55, 0.45], [0.5, 0.5], [0.4, 0.6]])).tolist() == [0, 0, 1]
    with pytest.raises(UsageError, match="it had no validation images"):
        UNCALIBRATED.with_threshold("validation", classes=2)


def test_a_coverage_for_which_no_class_has_enough_patients_is_refused_with_the_highest_that_can_be_had() -> None:
    made = replace(calibration(), quantiles=_quantiles(8, 5))
    with pytest.raises(
        UsageError, match=r"needs 9 validation patients of a class.*: a \(8 patients\), b \(5 patients\)"
    ) as told:
        made.check_coverage(0.9, ("a", "b"))
    assert told.value.hint == "the highest coverage that rules out any class is 0.885"
    with pytest.raises(UsageError, match="no prediction sets: not calibrated"):
        UNCALIBRATED.check_coverage(0.9, ("a", "b"))
    for wrong in (0, 1, 1.5, -0.1):
        with pytest.raises(UsageError, match="between 0 and 1"):
            made.check_coverage(wrong, ("a", "b"))
    with pytest.raises(UsageError, match=r"at most 0\.995, not 0\.999"):  # as fine as quantiles are kept
        made.check_coverage(0.999, ("a", "b"))


@pytest.mark.parametrize(("coverage", "needed"), [(0.5, 1), (0.9, 9), (0.901, 10), (0.951, 22), (0.995, 199)])
def test_the_number_of_patients_that_a_coverage_is_said_to_need_suffices_and_one_fewer_does_not(
    coverage: float, needed: int
) -> None:
    enough, few = (replace(calibration(), quantiles=_quantiles(count, needed)) for count in (needed, needed - 1))
    assert enough.check_coverage(coverage, ("a", "b")) == ""
    assert few.check_coverage(coverage, ("a", "b")).startswith(f"a coverage of {coverage:g} needs {needed} validation")


def test_images_as_probable_as_those_that_it_was_calibrated_on_have_the_set_that_they_are_owed() -> None:
    """Whatever the temperature: with it, the network's own probabilities are found again but for rounding."""
    own = softmax(np.tile([[1.3, 0.2]], (60, 1)), axis=1)
    labels, groups = np.arange(60) % 3 // 2, [str(number) for number in range(60)]
    quantiles = class_quantiles(own, labels, groups=groups)
    for temperature in np.linspace(0.3, 5, 95):
        made = replace(calibration(), temperature=float(temperature), quantiles=quantiles)
        assert made.sets(softmax(np.log(own) / temperature, axis=1), 0.9).all()


def test_a_class_of_too_few_patients_is_named_and_in_every_set() -> None:
    made = replace(calibration(), quantiles=_quantiles(20, 5))
    assert made.check_coverage(0.9, ("a", "b")) == (
        "a coverage of 0.9 needs 9 validation patients of a class; "
        "always in the set, since there were fewer: b (5 patients)"
    )
    assert made.check_coverage(0.8, ("a", "b")) == ""
    assert made.sets(np.array([[0.999, 0.001], [0.001, 0.999]]), 0.9).tolist() == [[True, True], [False, True]]


def test_no_set_is_empty_and_none_depends_on_the_temperature() -> None:
    logits = np.random.default_rng(0).normal(0, 3, (200, 2))
    made = replace(calibration(), quantiles=_quantiles(20, 20))
    sets = []
    for temperature in (1.0, 3.0):
        scaled = np.exp(logits / temperature)
        changed = replace(made, temperature=temperature)
        sets.append(changed.sets(scaled / scaled.sum(axis=1, keepdims=True), 0.9))
    assert (sets[0] == sets[1]).all()
    assert sets[0].all(axis=1).any()
    assert sets[0].any(axis=1).all()


def _quantiles(*patients: int) -> tuple[ClassQuantiles, ...]:
    """Quantiles of classes with so many patients, whose images have falling probabilities."""
    return tuple(
        ClassQuantiles(
            patients=count,
            lowest=tuple(float(p) for p in np.linspace(0.99, 0.05, math.floor(200 * count / (count + 1)))),
        )
        for count in patients
    )
