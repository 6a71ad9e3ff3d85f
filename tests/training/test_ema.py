from __future__ import annotations

import pytest
import torch

from zoo import Classifier, create_model
from zoo.training.ema import WeightAverage


@pytest.fixture
def classifier() -> Classifier:
    torch.manual_seed(0)
    return create_model("resnet20").train()


def _filled(classifier: Classifier, value: float) -> None:
    with torch.no_grad():
        for tensor in classifier.network.state_dict().values():
            tensor.fill_(value)


def test_it_follows_slowly_and_at_first_faster(classifier: Classifier) -> None:
    _filled(classifier, 0)
    average = WeightAverage(classifier, 0.9)
    _filled(classifier, 1)
    expected = 0.0
    for step in range(1, 200):
        average.follow(step)
        decay = min(0.9, (1 + step) / (10 + step))
        expected = expected * decay + (1 - decay)
        mine = average.classifier.network.state_dict()
        assert mine["fc.weight"][0, 0].item() == pytest.approx(expected, rel=1e-4)
        assert mine["bn1.running_mean"][0].item() == pytest.approx(expected, rel=1e-4)
        assert mine["bn1.num_batches_tracked"].item() == 1
    assert expected > 0.99


def test_it_does_not_learn_and_leaves_the_network_alone(classifier: Classifier) -> None:
    before = {name: tensor.clone() for name, tensor in classifier.network.state_dict().items()}
    average = WeightAverage(classifier, 0.9)
    average.follow(1)
    assert not any(parameter.requires_grad for parameter in average.classifier.parameters())
    assert not average.classifier.training
    assert classifier.training
    assert all(torch.equal(before[name], tensor) for name, tensor in classifier.network.state_dict().items())


def test_it_lies_in_memory_as_the_network_does(classifier: Classifier) -> None:
    classifier.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    average = WeightAverage(classifier, 0.9)
    assert average.classifier.network.conv1.weight.is_contiguous(memory_format=torch.channels_last)
