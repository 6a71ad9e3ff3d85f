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
    found = model_facts(replace(fresh.config, training=training))
    return found.kind, dict(found.facts)


def test_a_model_says_what_it_was_trained_on(fresh: zoo.Classifier) -> None:
    assert _facts(fresh, REAL) == (
        "images",
        {
            "Trained on": "BreakHis, magnification 40, 1,197 images",
            "Split": "by image, so a patient may stand on both sides",
            "Began from": "weights trained on ImageNet-1k",
            "Model": "resnet20, 24 million parameters",
        },
    )


def test_synthetic_data_are_called_so(fresh: zoo.Classifier) -> None:
    data = {"name": "the synthetic sample", "synthetic": True}
    split = {"unit": "patient", "images": {"train": 221}, "patients": {"train": 18}}
    kind, facts = _facts(fresh, {"data": data, "split": split, "init": {"used": "scratch"}})
    assert kind == "synthetic"
    assert facts["Trained on"] == "the synthetic sample, 221 images of 18 made-up patients"
    assert facts["Split"] == "by patient"
    assert facts["Began from"] == "random weights"


def test_fresh_weights_are_called_so(fresh: zoo.Classifier) -> None:
    assert _facts(fresh, {}) == ("untrained", {"Model": "resnet20"})


def test_a_strangers_config_may_lack_anything(fresh: zoo.Classifier) -> None:
    odd = {"data": "mine", "split": ["x"], "init": None, "parameters": "many"}
    assert _facts(fresh, odd) == (
        "images",
        {"Trained on": "data that the bundle does not name", "Model": "resnet20"},
    )
