from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from zoo.metrics import measure
from zoo.metrics.outputs import Outputs
from zoo.metrics.patient_answers import PatientAnswers, patient_answers
from zoo.metrics.result import Result

NAMES = ("benign", "malignant")


def answers(labels: list[int], logits: Any, groups: list[str] | None, **given: Any) -> PatientAnswers:
    defaults: dict[str, Any] = {"classes": NAMES, "minority": "benign"}
    made: dict[str, Any] = {"labels": np.array(labels), "logits": np.array(logits, dtype=np.float64), "groups": groups}
    return patient_answers(Outputs(**made, **{**defaults, **given}))


def measures(found: PatientAnswers) -> Result:
    assert found.measures is not None
    return found.measures


def test_the_answer_for_a_patient_is_the_mean_of_the_logits_and_not_that_of_the_votes() -> None:
    """Two of three images are slightly benign, and one is surely malignant: the mean is malignant."""
    found = answers([1, 1, 1, 0], [[-1.0], [-1.0], [5.0], [-1.0]], ["x", "x", "x", "y"])
    assert measures(found).confusion == ((1, 0), (0, 1))
    assert measures(found).values["loss"] == pytest.approx(np.log1p(np.exp(-1.0)))
    assert found.rule == "the mean of the logits of the patient's images"
    assert (found.left_out, found.reason) == (0, "")


def test_the_measures_of_patients_are_those_of_their_mean_logits_with_an_interval_over_patients() -> None:
    generator = np.random.default_rng(0)
    patient = np.repeat(np.arange(20), generator.integers(1, 9, size=20))
    labels = patient % 2
    logits = generator.normal(size=(len(patient), 2)) + np.eye(2)[labels]
    means = np.array([logits[patient == one].mean(axis=0) for one in range(20)])
    names = [f"{one:02d}" for one in patient]
    found = measures(answers(labels.tolist(), logits, names))
    expected = measure(
        labels=np.arange(20) % 2, logits=means, classes=NAMES, groups=[f"{one:02d}" for one in range(20)]
    )
    assert found.confusion == expected.confusion
    assert found.intervals["auroc"] == pytest.approx(expected.intervals["auroc"])
    assert found.values["brier"] == pytest.approx(expected.values["brier"])
    assert found.samples == found.groups == 20
    assert found.intervals["accuracy"] is not None


def test_a_constant_that_a_network_adds_to_the_logits_of_an_image_changes_no_answer() -> None:
    generator = np.random.default_rng(1)
    logits, names = generator.normal(size=(40, 3)), [str(index // 4) for index in range(40)]
    labels = [index // 4 % 3 for index in range(40)]
    given: dict[str, Any] = {"classes": ("a", "b", "c"), "minority": "a"}
    plain = measures(answers(labels, logits, names, **given))
    shifted = measures(answers(labels, logits + generator.normal(size=(40, 1)), names, **given))
    assert shifted.confusion == plain.confusion
    assert shifted.values["loss"] == pytest.approx(plain.values["loss"], rel=1e-9)


def test_the_order_of_the_images_does_not_change_a_bit() -> None:
    generator = np.random.default_rng(2)
    logits, names = 9 * generator.normal(size=(300, 2)), np.array([f"{index % 12:02d}" for index in range(300)])
    labels, order = np.arange(300) % 12 % 2, generator.permutation(300)
    found = answers(labels.tolist(), logits, names.tolist())
    assert answers(labels[order].tolist(), logits[order], names[order].tolist()) == found


def test_a_patient_whose_images_have_several_labels_is_left_out_and_counted() -> None:
    found = answers([0, 1, 0, 0, 1], [[-1.0], [1.0], [-1.0], [2.0], [3.0]], ["x", "x", "y", "y", "z"])
    assert measures(found).samples == 2
    assert found.left_out == 1
    assert found.reason == (
        "the images of 1 of 3 patients have several labels, so that there is no one right answer for them"
    )


def test_if_most_patients_have_several_labels_there_are_no_measures_of_patients() -> None:
    found = answers([0, 1, 0, 1, 1], [[1.0]] * 5, ["x", "x", "y", "y", "z"])
    assert found.measures is None
    assert found.left_out == 2
    assert "2 of 3 patients have several labels" in found.reason


def test_without_known_patients_there_are_no_measures_of_patients() -> None:
    found = answers([0, 1], [[1.0], [2.0]], None)
    assert (found.measures, found.reason) == (None, "the patients are not known")


def test_one_answer_for_all_patients_is_said_of_patients() -> None:
    found = measures(answers([0, 0, 1], [[1.0]] * 3, ["x", "x", "y"]))
    assert found.notes == ("all 2 patients were classified as malignant: this model does not tell the classes apart",)


def test_logits_of_certain_images_do_not_saturate() -> None:
    found = measures(answers([1, 1, 0], [[800.0], [-790.0], [-3000.0]], ["x", "x", "y"]))
    assert found.values["loss"] == pytest.approx(np.log1p(np.exp(-5.0)) / 2, rel=1e-12)
