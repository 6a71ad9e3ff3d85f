from __future__ import annotations

from dataclasses import replace

import pytest

import zoo
from tests.bundles import make_provenance
from zoo.classifier import Provenance
from zoo_demo.model_facts import model_facts


@pytest.fixture(scope="module")
def fresh() -> zoo.Classifier:
    return zoo.create_model("resnet20")


def _facts(fresh: zoo.Classifier, training: Provenance | None) -> tuple[str, dict[str, str]]:
    found = model_facts(replace(fresh.config, training=training))
    return found.trained_on, dict(found.rows)


def test_the_facts_of_a_trained_model_are_data_split_initial_weights_and_size(fresh: zoo.Classifier) -> None:
    training = make_provenance()
    training = replace(
        training,
        data=replace(training.data, options={"magnification": 40, "center": None}),
        split=replace(training.split, unit="image", patients=None),
        init=replace(training.init, used="ImageNet-1k"),
        parameters=23_512_130,
    )
    assert _facts(fresh, training) == (
        "images",
        {
            "Trained on": "BreakHis 40x, magnification 40, 1,200 images",
            "Split": "by image, so one patient's images may be in both training and test",
            "Initial weights": "pretrained on ImageNet-1k",
            "Model": "resnet20, 23.5 million parameters",
        },
    )


def test_a_large_model_has_its_size_without_an_exponent(fresh: zoo.Classifier) -> None:
    _, facts = _facts(fresh, replace(make_provenance(), parameters=134_268_738))
    assert facts["Model"] == "resnet20, 134 million parameters"


def test_synthetic_data_are_called_synthetic(fresh: zoo.Classifier) -> None:
    training = make_provenance()
    data = replace(training.data, name="the synthetic sample", synthetic=True, options={})
    kind, facts = _facts(fresh, replace(training, data=data))
    assert kind == "synthetic"
    assert facts["Trained on"] == "the synthetic sample, 1,200 images of 49 invented patients"
    assert facts["Split"] == "by patient"
    assert facts["Initial weights"] == "random"


def test_a_model_with_a_fresh_head_says_what_the_rest_of_it_was_trained_on(fresh: zoo.Classifier) -> None:
    training = make_provenance()
    before = replace(training, data=replace(training.data, name="the synthetic sample", synthetic=True, options={}))
    found = model_facts(replace(fresh.config, earlier_training=before))
    assert found.trained_on == "nothing"
    said = "the synthetic sample, 1,200 images of 49 invented patients; then its head was replaced"
    assert found.rows == (("Trained on", said), ("Model", "resnet20"))


def test_a_model_without_a_training_record_was_trained_on_nothing(fresh: zoo.Classifier) -> None:
    assert _facts(fresh, None) == ("nothing", {"Model": "resnet20"})
