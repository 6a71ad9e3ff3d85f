from __future__ import annotations

import json

import pytest
import torch

import zoo
from zoo.classifier import cost
from zoo.classifier.cost import count_multiply_adds, measure_cost


def test_multiply_adds_of_resnet50_are_those_of_its_paper() -> None:
    """He et al. (2016) give 3.8 billion with the stride on the first convolution; on the second, as here, it is 4.1."""
    model = zoo.create_model("resnet50")
    assert count_multiply_adds(model, torch.device("cpu")) == pytest.approx(4.09e9, rel=0.01)


def test_multiply_adds_of_attention_are_counted() -> None:
    """Twelve blocks of 257 tokens with 384 channels: 257^2 * 384 for the scores, and as many for what they weigh."""
    model = zoo.create_model("dinov2_vits14")
    tokens, channels = 257, 384
    linear = 12 * tokens * channels * 12 * channels + 256 * 14 * 14 * 3 * channels + 2 * channels
    expected = linear + 12 * 2 * tokens**2 * channels  # and 0.2 % to resize the positions
    assert count_multiply_adds(model, torch.device("cpu")) == pytest.approx(expected, rel=5e-3)


def test_the_cost_counts_the_parameters_and_leaves_the_model_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cost, "SECONDS", 0.01)
    model = zoo.create_model("resnet20")
    before = {name: value.clone() for name, value in model.state_dict().items()}
    found = measure_cost(model, device="cpu")
    assert found.parameters == 271_954
    assert found.multiply_adds > 100e6
    assert found.images_per_second > 0
    assert (found.device, found.peak_memory_bytes) == ("cpu", None)
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert json.dumps(found.__dict__)
