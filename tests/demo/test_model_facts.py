from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

import zoo
from zoo_demo.model_facts import model_facts

REAL = {
    "data": {"name": "BreakHis", "synthetic": False, "options": {"magnification": 40, "root": None}},
    "split": {"unit": "image", "images": {"train": 1197}, "patients": None},
    "init": {"used": "ImageNet-1k"},
    "parameters": 23_512_130,
}


@pytest.fixture(scope="module")
def fresh() -> zoo.Classifier:
    return zoo.create_model("resnet20")


def _facts(fresh: zoo.Classifier, training: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    facts = model_facts(replace(fresh.config, training=training))
    return facts.trained_on, dict(facts.rows)


def test_the_facts_of_a_trained_model_are_data_split_initial_weights_and_size(fresh: zoo.Classifier) -> None:
    assert _facts(fresh, REAL) == (
        "images",
        {
            "Trained on": "BreakHis, magnification 40, 1,197 images",
            "Split": "by image, so one patient's images may be in both training and test",
            "Initial weights": "pretrained on ImageNet-1k",
            "Model": "resnet20, 24 million parameters",
        },
    )


def test_synthetic_data_are_called_synthetic(fresh: zoo.Classifier) -> None:
    data = {"name": "the synthetic sample", "synthetic": True}
    split = {"unit": "patient", "images": {"train": 221}, "patients": {"train": 18}}
    trained_on, facts = _facts(fresh, {"data": data, "split": split, "init": {"used": "scratch"}})
    assert trained_on == "synthetic"
    assert facts["Trained on"] == "the synthetic sample, 221 images of 18 invented patients"
    assert facts["Split"] == "by patient"
    assert facts["Initial weights"] == "random"


def test_a_model_without_a_training_record_was_trained_on_nothing(fresh: zoo.Classifier) -> None:
    assert _facts(fresh, {}) == ("nothing", {"Model": "resnet20"})


def test_a_training_record_with_missing_or_mistyped_parts_is_accepted(fresh: zoo.Classifier) -> None:
    odd = {"data": "mine", "split": ["x"], "init": None, "parameters": "many"}
    assert _facts(fresh, odd) == (
        "images",
        {"Trained on": "data that the bundle does not name", "Model": "resnet20"},
    )
