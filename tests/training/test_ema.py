from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from zoo import Classifier, create_model
from zoo.training.ema import WeightAverage

LATE = 1000
"""A step at which the decay has long been the one that was asked for."""


@pytest.fixture
def classifier() -> Classifier:
    torch.manual_seed(0)
    return create_model("resnet20").train()


def _fill(classifier: Classifier, value: float) -> None:
    """Set all parameters and buffers to one value."""
    with torch.no_grad():
        for tensor in classifier.network.state_dict().values():
            tensor.fill_(value)


def _averages(classifier: Classifier, steps: list[int]) -> list[float]:
    """Return the average after each of these steps, when weights and statistics rise from 0 to 1 before the first."""
    _fill(classifier, 0)
    average = WeightAverage(classifier, 0.9)
    _fill(classifier, 1)
    found = []
    for step in steps:
        average.update(step)
        state = average.classifier.network.state_dict()
        assert state["bn1.running_mean"][0] == state["fc.weight"][0, 0]
        assert state["bn1.num_batches_tracked"].item() == 1, "a count is copied"
        found.append(state["fc.weight"][0, 0].item())
    return found


def test_weight_averages_of_late_steps_equal_those_computed_by_hand(classifier: Classifier) -> None:
    # each update closes a tenth of the distance: 0.9^n is left after n of them
    assert _averages(classifier, [LATE, LATE, LATE]) == pytest.approx([0.1, 0.19, 0.271], rel=1e-5)


def test_weight_averages_of_early_steps_equal_those_computed_by_hand_with_a_smaller_decay(
    classifier: Classifier,
) -> None:
    # the decay is 2/11 in step 1, 3/12 in step 2, 4/13 in step 3: 2/11, 1/22 and 2/143 of the distance are left
    assert _averages(classifier, [1, 2, 3]) == pytest.approx([9 / 11, 21 / 22, 141 / 143], rel=1e-5)


def test_weight_averages_of_late_steps_equal_those_of_torchs_averaged_model(classifier: Classifier) -> None:
    average = WeightAverage(classifier, 0.9)
    oracle = AveragedModel(classifier.network, multi_avg_fn=get_ema_multi_avg_fn(0.9), use_buffers=True)
    oracle.update_parameters(classifier.network)  # its first update copies
    for step in range(LATE, LATE + 5):
        with torch.no_grad():
            for parameter in classifier.network.parameters():
                parameter += 0.1 * torch.randn_like(parameter)
        classifier.network(torch.randn(4, 3, 24, 24))  # changes the batch norm statistics
        average.update(step)
        oracle.update_parameters(classifier.network)
    expected = oracle.module.state_dict()
    for name, tensor in average.classifier.network.state_dict().items():
        if tensor.is_floating_point():  # torch averages the count of batches as well, and rounds it
            torch.testing.assert_close(tensor, expected[name])


def test_a_mask_with_infinity_is_copied_and_does_not_become_nan(classifier: Classifier) -> None:
    classifier.network.register_buffer("mask", torch.tensor([0.0, -torch.inf]))
    average = WeightAverage(classifier, 0.9)
    average.update(LATE)
    assert torch.equal(average.classifier.network.state_dict()["mask"], torch.tensor([0.0, -torch.inf]))


def test_averaging_weights_does_not_change_the_trained_network(classifier: Classifier) -> None:
    before = {name: tensor.clone() for name, tensor in classifier.network.state_dict().items()}
    average = WeightAverage(classifier, 0.9)
    average.update(1)
    assert classifier.training
    assert all(torch.equal(before[name], tensor) for name, tensor in classifier.network.state_dict().items())


def test_the_averaged_classifier_is_in_evaluation_mode_and_is_not_trained(classifier: Classifier) -> None:
    average = WeightAverage(classifier, 0.9)
    assert not average.classifier.training
    assert not any(parameter.requires_grad for parameter in average.classifier.parameters())


def test_averaged_weights_have_the_memory_layout_of_the_network(classifier: Classifier) -> None:
    classifier.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    average = WeightAverage(classifier, 0.9)
    convolution = average.classifier.network.conv1
    assert isinstance(convolution, nn.Conv2d)
    assert convolution.weight.is_contiguous(memory_format=torch.channels_last)
